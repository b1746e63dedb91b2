/**
 * What every encoding is handed: where to write, where to read, and how to say that what was read is damaged.
 */
import { MillraceError } from '../../errors/index.js'
import type { Arena } from '../../memory/index.js'
import type { ColumnKernels } from '../kernels.js'

/**
 * A segment being written. Its room was checked beforehand, for encodings know their size before they write;
 * only the blocks of a compressed heap have to look out for the limit.
 */
export interface SegmentWriter {
  readonly kernels: ColumnKernels
  /** The whole memory, as it is now. Nothing is allocated while a segment is written. */
  readonly view: DataView
  /** Address of the content, to which all offsets are relative. */
  readonly content: number
  /** Address of the body, at a multiple of 8 from `content`. */
  readonly body: number
  readonly rows: number
  /** Address at which the content has to end at the latest. `kernelSlackBytes` more can be written. */
  readonly limit: number
  /** `residualBytes` of scratch. */
  readonly residuals: number
}

/** A segment being read. Nothing in the content is trusted. */
export interface SegmentReader {
  readonly kernels: ColumnKernels
  readonly arena: Arena
  /** Address of the content, with `kernelSlackBytes` readable bytes behind it. */
  readonly content: number
  readonly contentBytes: number
  /** Address of the body. */
  readonly body: number
  readonly rows: number
  /** Of a decimal segment. */
  readonly scale: number
  /** Table, column and page, as far as the caller knows them: for the error. */
  readonly place: string
}

/** The error of content that does not hold together. */
export function corrupt(place: string, what: string): MillraceError {
  return new MillraceError('MILLRACE_CORRUPT', { file: place, what })
}

/** Checks that `bytes` bytes at `address` lie within the content. */
export function requireWithin(reader: SegmentReader, address: number, bytes: number, what: string): void {
  const offset = address - reader.content
  if (offset < 0 || offset + bytes > reader.contentBytes) {
    throw corrupt(
      reader.place,
      `${what} takes bytes ${offset} to ${offset + bytes}, but the segment has ${reader.contentBytes}`,
    )
  }
}

/** Throws when a kernel's status names a miniblock. */
export function requireSound(reader: SegmentReader, status: number, what: string): void {
  if (status !== 0) {
    throw corrupt(reader.place, `${what}: miniblock ${status - 1} does not hold together`)
  }
}

/** Writes zeros from `address` to the next multiple of 8 from the content's start, and returns that. */
export function padTo8(writer: SegmentWriter, address: number): number {
  let end = address
  for (; (end - writer.content) % 8 !== 0; end++) writer.view.setUint8(end, 0)
  return end
}
