/**
 * A page run is a contiguous range of pages that holds one value: a segment's content, an index run, the
 * catalog.
 *
 * ```
 * firstPage                     firstPage + contentPages
 * | content page … content page | checksum page … |      checksum pages only when contentPages > inlineChecksumPagesMax
 * ```
 *
 * Invariants
 * - Whoever points to a run (its parent) carries its checksums: the CRC-32 of each content page, or, for a
 *   run of more than `inlineChecksumPagesMax` content pages, the CRC-32 of each checksum page; those hold the
 *   CRC-32 of each content page (u32 LE each, zero-filled to the page's end). So a torn, lost or misdirected
 *   write is noticed by the read.
 * - Pages are zero-filled behind the content.
 * - A run with `contentBytes` 0 has no pages, and `firstPage` is 0.
 */
import { assert } from '../errors/index.js'
import { pageBytes } from '../limits.js'
import { crc32 } from './checksum.js'

export interface PageRun {
  readonly firstPage: number
  /** Bytes of content, from the start of the first page. */
  readonly contentBytes: number
  readonly checksums: Uint32Array
}

/** The pages of a run, without what they must hold: small, for there may be hundreds of thousands. */
export type RunExtent = Pick<PageRun, 'firstPage' | 'contentBytes'>

/** Contiguous pages. */
export interface Extent {
  readonly first: number
  readonly pages: number
}

/** More content pages than this and their checksums move to checksum pages behind them. */
export const inlineChecksumPagesMax = 16

/** Bytes of a checksum. */
export const checksumBytes = 4

/** Content pages whose checksums one checksum page holds. */
export const checksumsPerPage = pageBytes / checksumBytes

assert(Number.isInteger(checksumsPerPage), `${checksumsPerPage} checksums fill a page`)

/** Pages that `contentBytes` bytes fill. */
export function contentPagesOf(contentBytes: number): number {
  return Math.ceil(contentBytes / pageBytes)
}

/** Checksum pages behind `contentPages` content pages. */
export function checksumPagesOf(contentPages: number): number {
  return contentPages <= inlineChecksumPagesMax ? 0 : Math.ceil(contentPages / checksumsPerPage)
}

/** All pages of a run of `contentBytes` bytes: content and checksum pages. */
export function runPagesOf(contentBytes: number): number {
  const contentPages = contentPagesOf(contentBytes)
  return contentPages + checksumPagesOf(contentPages)
}

/** The pages of a run. */
export function extentOf(run: RunExtent): Extent {
  return { first: run.firstPage, pages: runPagesOf(run.contentBytes) }
}

/** Checksums that the parent of a run of `contentBytes` bytes carries. */
export function runChecksumsOf(contentBytes: number): number {
  const contentPages = contentPagesOf(contentBytes)
  return checksumPagesOf(contentPages) || contentPages
}

/**
 * Completes a run whose content is at the start of `region`: zero-fills the slack behind it and writes the
 * checksum pages. `region` may lie in shared or WebAssembly memory; it holds at least
 * `runPagesOf(contentBytes)` pages.
 * @returns the checksums that the run's parent keeps
 */
export function sealRun(region: Uint8Array, contentBytes: number): Uint32Array {
  const contentPages = contentPagesOf(contentBytes)
  const checksumPages = checksumPagesOf(contentPages)
  const bytes = (contentPages + checksumPages) * pageBytes
  assert(region.length >= bytes, `a region of ${region.length} bytes holds a run of ${bytes}`)
  region.fill(0, contentBytes, bytes)
  if (checksumPages === 0) return pageChecksums(region, 0, contentPages)
  const view = new DataView(region.buffer, region.byteOffset, region.length)
  const start = contentPages * pageBytes
  for (let page = 0; page < contentPages; page++) {
    view.setUint32(start + page * checksumBytes, pageChecksum(region, page), true)
  }
  return pageChecksums(region, contentPages, checksumPages)
}

function pageChecksums(region: Uint8Array, firstPage: number, pages: number): Uint32Array {
  const checksums = new Uint32Array(pages)
  for (let page = 0; page < pages; page++) checksums[page] = pageChecksum(region, firstPage + page)
  return checksums
}

/** CRC-32 of the `page`-th page of `region`. */
export function pageChecksum(region: Uint8Array, page: number): number {
  return crc32(region.subarray(page * pageBytes, (page + 1) * pageBytes))
}
