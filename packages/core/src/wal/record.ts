/**
 * A record of the log. It begins at a multiple of `sectorBytes` and is zero-filled to the next one, so that
 * writing it never touches a sector that holds an earlier record.
 *
 * | bytes | field         |                                                                                     |
 * |-------|---------------|-------------------------------------------------------------------------------------|
 * | 4     | payload bytes | u32, at most `recordBytesMax`                                                       |
 * | 1     | kind          | 1 part of a change, 2 commit (the last or only part)                                |
 * | 3     | zeros         |                                                                                     |
 * | 8     | transaction   | u64: the catalog version that the change leads to                                   |
 * | 8     | LSN           | u64: the byte of the log at which this record begins                                |
 * | 8     | digest        | the first bytes of the SHA-256 of the log's salt, the 24 bytes before, and the payload |
 * | 4     | checksum      | u32: CRC-32 of the log's salt, the 32 bytes before, and the payload                 |
 * | …     | payload       | bytes of the encoded change (`catalog/codec.ts`)                                    |
 *
 * Two checks of the same bytes, for two purposes: the checksum is linear, so that it tells where a damaged
 * record must be mended; the digest is not, and tells whether the mended one is what was written
 * (`damaged-commit.ts`).
 */
import { createHash } from 'node:crypto'
import { type ByteWriter, crc32 } from '../format/index.js'
import { recordBytesMax } from '../limits.js'
import { sectorBytes } from './log-header.js'

export const recordKinds = { part: 1, commit: 2 } as const

export type RecordKind = keyof typeof recordKinds

const digestedBytes = 4 + 1 + 3 + 8 + 8
const digestBytes = 8
const checksummedBytes = digestedBytes + digestBytes

/** Bytes before the payload. */
export const recordHeaderBytes = checksummedBytes + 4

/** Parts of the header that recovery can know by other means than reading them. */
export const recordFields = { kind: 4, lsn: 16, lsnEnd: digestedBytes, checksum: checksummedBytes } as const

export interface LogRecord {
  readonly kind: RecordKind
  readonly transaction: number
  readonly lsn: number
  readonly payload: Uint8Array
}

/** Bytes of a record in the log, with the zeros behind it. */
export function recordBytesOf(payloadBytes: number): number {
  return Math.ceil((recordHeaderBytes + payloadBytes) / sectorBytes) * sectorBytes
}

function digestOf(header: Uint8Array, payload: Uint8Array, salt: Uint8Array): Uint8Array {
  const hash = createHash('sha256').update(salt).update(header.subarray(0, digestedBytes)).update(payload)
  return hash.digest().subarray(0, digestBytes)
}

function checksumOf(header: Uint8Array, payload: Uint8Array, salt: Uint8Array): number {
  return crc32(payload, crc32(header.subarray(0, checksummedBytes), crc32(salt)))
}

/** Appends `record` to `writer`, whose start is at a multiple of `sectorBytes`. */
export function writeRecord(writer: ByteWriter, record: LogRecord, salt: Uint8Array): void {
  const start = writer.length
  const { payload } = record
  writer.u32(payload.length).u8(recordKinds[record.kind]).zeros(3).u64(record.transaction).u64(record.lsn)
  writer.bytes(digestOf(writer.finish().subarray(start), payload, salt))
  writer.u32(checksumOf(writer.finish().subarray(start), payload, salt)).bytes(payload)
  writer.zeros(start + recordBytesOf(payload.length) - writer.length)
}

/** The fields before the payload, not yet verified. */
export interface RecordHead {
  readonly payloadBytes: number
  readonly kindCode: number
  readonly checksum: number
}

/**
 * The head at the start of `bytes` (at least `recordHeaderBytes`), if it can belong to a record at byte `lsn`
 * with `available` bytes of log from there on; else the reason why not.
 */
export function readRecordHead(bytes: Uint8Array, lsn: number, available: number): RecordHead | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const payloadBytes = view.getUint32(0, true)
  const kindCode = view.getUint8(4)
  if (kindCode !== recordKinds.part && kindCode !== recordKinds.commit) return `its kind is ${kindCode}`
  if (view.getBigUint64(16, true) !== BigInt(lsn)) return 'its LSN is not its place'
  if (payloadBytes > recordBytesMax)
    return `its payload has ${payloadBytes} bytes, at most ${recordBytesMax} are valid`
  if (recordHeaderBytes + payloadBytes > available) {
    return `it has ${recordHeaderBytes + payloadBytes} bytes, ${available} are left`
  }
  return { payloadBytes, kindCode, checksum: view.getUint32(checksummedBytes, true) }
}

/** The checksum that the header and payload in `bytes` should have. */
export function computeChecksum(bytes: Uint8Array, head: RecordHead, salt: Uint8Array): number {
  return checksumOf(bytes, payloadOf(bytes, head), salt)
}

function payloadOf(bytes: Uint8Array, { payloadBytes }: RecordHead): Uint8Array {
  return bytes.subarray(recordHeaderBytes, recordHeaderBytes + payloadBytes)
}

/** The record in `bytes` (its header and payload), or null when its checksum or its digest does not match. */
export function verifyRecord(
  bytes: Uint8Array,
  head: RecordHead,
  lsn: number,
  salt: Uint8Array,
): LogRecord | null {
  if (computeChecksum(bytes, head, salt) !== head.checksum) return null
  const payload = payloadOf(bytes, head)
  const digest = digestOf(bytes, payload, salt)
  if (Buffer.compare(digest, bytes.subarray(digestedBytes, checksummedBytes)) !== 0) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const kind = head.kindCode === recordKinds.commit ? 'commit' : 'part'
  return { kind, transaction: Number(view.getBigUint64(8, true)), lsn, payload }
}
