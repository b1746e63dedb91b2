/**
 * The header of the log: its first sector.
 *
 * | bytes | field             |                                                                       |
 * |-------|-------------------|-----------------------------------------------------------------------|
 * | 8     | magic             | `MILLRWAL` in ASCII                                                   |
 * | 4     | format version    | u32, `logVersion`                                                     |
 * | 4     | sector bytes      | u32, `sectorBytes`                                                    |
 * | 16    | database UUID     | as in the superblock                                                  |
 * | 8     | checkpoint number | u64: the checkpoint that this log continues                           |
 * | 8     | salt              | random; part of every record's checksum                               |
 * | 460   | zeros             |                                                                       |
 * | 4     | checksum          | u32 at byte 508: CRC-32 of the 508 bytes before                       |
 *
 * Invariants
 * - The log's earlier content is cut and the cut is durable before a header is written, and the header is
 *   durable before the first record is written. So a log that ends within its header holds nothing, and a
 *   longer one has a whole header.
 * - Checkpoint number and salt make a generation. Left-over records of another generation never verify.
 */
import { assert, MillraceError } from '../errors/index.js'
import { ByteReader, type BytesSource, ByteWriter, checksumBytes, crc32, uuidBytes } from '../format/index.js'

/** The version of the log's format. Version 1 had no digests in its records. */
export const logVersion = 2

/** What a device writes whole: the header is one sector, and every record begins at one. */
export const sectorBytes = 512

export const saltBytes = 8

const magic = Buffer.from('MILLRWAL', 'ascii')
const checksumAt = sectorBytes - checksumBytes

assert(
  magic.length + 4 + 4 + uuidBytes + 8 + saltBytes <= checksumAt,
  'the header of the log fits into a sector',
)

export interface LogHeader {
  readonly uuid: Uint8Array
  readonly checkpointNumber: number
  readonly salt: Uint8Array
}

/** The sector that holds `header`. */
export function encodeLogHeader(header: LogHeader): Uint8Array {
  const writer = new ByteWriter(sectorBytes)
  writer.bytes(magic).u32(logVersion).u32(sectorBytes).bytes(header.uuid)
  writer.u64(header.checkpointNumber).bytes(header.salt)
  writer.zeros(checksumAt - writer.length)
  return writer.u32(crc32(writer.finish())).finish()
}

/**
 * The header in `sector`.
 * @throws MillraceError `MILLRACE_CORRUPT` when it is damaged, `MILLRACE_VERSION` when it is intact and of
 * another version
 */
export function decodeLogHeader(sector: Uint8Array, source: BytesSource): LogHeader {
  const reader = new ByteReader(sector, source)
  if (!magic.equals(reader.bytes(magic.length))) throw reader.corrupt('it does not begin as a log does')
  const version = reader.u32()
  const stored = new ByteReader(sector.subarray(checksumAt), source).u32()
  const computed = crc32(sector.subarray(0, checksumAt))
  if (stored !== computed) throw reader.corrupt(`its checksum is ${computed}, not ${stored}`)
  if (version !== logVersion) {
    throw new MillraceError('MILLRACE_VERSION', {
      file: source.file,
      found: version,
      expected: logVersion,
    })
  }
  const bytes = reader.u32()
  if (bytes !== sectorBytes) throw reader.corrupt(`sectors of ${bytes} bytes, only ${sectorBytes} are valid`)
  const uuid = reader.bytes(uuidBytes).slice()
  const checkpointNumber = reader.u64()
  return { uuid, checkpointNumber, salt: reader.bytes(saltBytes).slice() }
}
