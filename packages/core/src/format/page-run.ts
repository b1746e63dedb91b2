/**
 * A page run is a contiguous range of pages that holds one value: a segment's content, an index run, the catalog.
 *
 * ```
 * firstPage                     firstPage + contentPages
 * | content page … content page | checksum page … |      checksum pages only when contentPages > inlineChecksumPagesMax
 * ```
 *
 * Invariants
 * - Whoever points to a run (its parent) carries its checksums: the CRC-32 of each content page, or, for a run of more than
 *   `inlineChecksumPagesMax` content pages, the CRC-32 of each checksum page; those hold the CRC-32 of each content page
 *   (u32 LE each, zero-filled to the page's end). So a torn, lost or misdirected write is noticed by the read.
 * - Pages are zero-filled behind the content.
 * - A run with `contentBytes` 0 has no pages, and `firstPage` is 0.
 */
export interface PageRun {
  readonly firstPage: number
  /** Bytes of content, from the start of the first page. */
  readonly contentBytes: number
  readonly checksums: Uint32Array
}

/** More content pages than this and their checksums move to checksum pages behind them. */
export const inlineChecksumPagesMax = 16
