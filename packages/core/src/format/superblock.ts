/**
 * The superblock: the root of the data file, held twice, in pages 0 and 1.
 *
 * | bytes | field             |                                                                  |
 * |-------|-------------------|------------------------------------------------------------------|
 * | 8     | magic             | `MILLRACE` in ASCII                                              |
 * | 4     | format version    | u32                                                              |
 * | 4     | page bytes        | u32, `pageBytes`                                                 |
 * | 16    | database UUID     |                                                                  |
 * | 8     | checkpoint number | u64, from 1; grows by one with every checkpoint                  |
 * | 4     | page count        | u32; every page that the catalog reaches, and its own, is below  |
 * | 4     | catalog page      | u32, first page of the catalog's run                             |
 * | 8     | catalog bytes     | u64, content bytes of that run                                   |
 * | 4 × n | catalog checksums | u32 each; n follows from the catalog bytes                       |
 * | …     | zeros             |                                                                  |
 * | 4     | checksum          | u32 at byte 4092: CRC-32 of the 4092 bytes before                |
 *
 * Invariants
 * - Between checkpoints both pages hold the same bytes, so that damage to either loses nothing.
 * - A checkpoint writes page 0, syncs, writes page 1, syncs, and only then lets go of the log.
 */
import { assert, MillraceError } from '../errors/index.js'
import { catalogBytesMax, pageBytes, pagesMax } from '../limits.js'
import { ByteReader, type BytesSource, ByteWriter } from './bytes.js'
import { crc32 } from './checksum.js'
import { checksumBytes, type PageRun, runChecksumsOf, runPagesOf } from './page-run.js'

/** The version of the data file and of the log that this release writes and reads. */
export const formatVersion = 1

/** Pages that hold a superblock: 0 and 1. */
export const superblockPages = 2

export const uuidBytes = 16

const magic = Buffer.from('MILLRACE', 'ascii')
const fixedBytes = magic.length + 4 + 4 + uuidBytes + 8 + 4 + 4 + 8
const checksumAt = pageBytes - checksumBytes

assert(
  fixedBytes + runChecksumsOf(catalogBytesMax) * checksumBytes <= checksumAt,
  "a superblock holds the checksums of the largest catalog's run",
)

export interface Superblock {
  readonly uuid: Uint8Array
  readonly checkpointNumber: number
  readonly pageCount: number
  readonly catalog: PageRun
}

/** What a superblock's page holds. */
export type DecodedSuperblock =
  | { readonly kind: 'valid'; readonly superblock: Superblock }
  /** The magic is not there: perhaps not a database at all. */
  | { readonly kind: 'foreign' }
  /** A superblock of this or another version whose checksum or fields are wrong. */
  | { readonly kind: 'damaged'; readonly reason: string; readonly version: number }
  /** Intact, but of another format version. */
  | { readonly kind: 'otherVersion'; readonly version: number }

/** The page (`pageBytes` bytes) that holds `superblock`. */
export function encodeSuperblock(superblock: Superblock): Uint8Array {
  const { uuid, checkpointNumber, pageCount, catalog } = superblock
  assert(uuid.length === uuidBytes, `a UUID has ${uuidBytes} bytes, not ${uuid.length}`)
  const writer = new ByteWriter(pageBytes)
  writer.bytes(magic).u32(formatVersion).u32(pageBytes).bytes(uuid)
  writer.u64(checkpointNumber).u32(pageCount).u32(catalog.firstPage).u64(catalog.contentBytes)
  for (const checksum of catalog.checksums) writer.u32(checksum)
  writer.zeros(checksumAt - writer.length)
  return writer.u32(crc32(writer.finish())).finish()
}

/** Reads the superblock in `page` (`pageBytes` bytes). Never throws for what the bytes say. */
export function decodeSuperblock(page: Uint8Array, source: BytesSource): DecodedSuperblock {
  const reader = new ByteReader(page, source)
  if (!magic.equals(reader.bytes(magic.length))) return { kind: 'foreign' }
  const version = reader.u32()
  const view = new DataView(page.buffer, page.byteOffset, page.length)
  const stored = view.getUint32(checksumAt, true)
  const computed = crc32(page.subarray(0, checksumAt))
  if (stored !== computed) {
    return { kind: 'damaged', version, reason: `its checksum is ${computed}, not ${stored}` }
  }
  if (version !== formatVersion) return { kind: 'otherVersion', version }
  try {
    return { kind: 'valid', superblock: readFields(reader) }
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error
    return { kind: 'damaged', version, reason: String(error.details.what) }
  }
}

function readFields(reader: ByteReader): Superblock {
  const bytes = reader.u32()
  if (bytes !== pageBytes) throw reader.corrupt(`pages of ${bytes} bytes, only ${pageBytes} are valid`)
  const uuid = reader.bytes(uuidBytes).slice()
  const checkpointNumber = reader.u64()
  const pageCount = reader.u32()
  const firstPage = reader.u32()
  const contentBytes = reader.u64(catalogBytesMax)
  const checksums = new Uint32Array(runChecksumsOf(contentBytes))
  for (let index = 0; index < checksums.length; index++) checksums[index] = reader.u32()
  const end = firstPage + runPagesOf(contentBytes)
  if (contentBytes === 0 || firstPage < superblockPages || end > pageCount || pageCount > pagesMax) {
    throw reader.corrupt(`the catalog lies in pages ${firstPage} to ${end} of ${pageCount}`)
  }
  if (checkpointNumber === 0) throw reader.corrupt('the checkpoint number is 0')
  return { uuid, checkpointNumber, pageCount, catalog: { firstPage, contentBytes, checksums } }
}
