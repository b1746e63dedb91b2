/**
 * Tells the last record of a log that was damaged from one that was never written whole.
 *
 * A log may end in a record that power loss tore: sectors of it are missing or hold anything, and it is left
 * out, for nobody was told of its commit. A byte that changes later in a record that *was* whole looks the
 * same to a checksum, and leaving that record out would lose a commit in silence. But a CRC is linear: what
 * one changed byte does to it depends on the byte's place and its change alone, so that both follow from the
 * difference. Whether the record so mended is the one that was written, its digest tells.
 *
 * A torn record of n bytes can be mended by chance in 255 n of 2^32 cases, and then has the right digest in
 * one of 2^64: for the longest record that is once in 2^68. So a healthy database is not refused, and any
 * change within one byte of the last commit is noticed. Wider damage there cannot be told from a torn write.
 */
import {
  computeChecksum,
  type LogRecord,
  readRecordHead,
  recordFields,
  recordHeaderBytes,
  recordKinds,
  verifyRecord,
} from './record.js'

const polynomial = 0xedb88320

/** What a byte that differs by `index` does to the checksum when it is the last. */
const lastByteEffects = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
  return value
})

/** The index of `lastByteEffects` by the effect's highest byte, which is another in each. */
const byHighestByte = new Uint8Array(256)
for (const [index, effect] of lastByteEffects.entries()) byHighestByte[effect >>> 24] = index

/** The record at the start of `bytes`, if it is a valid commit. */
function validCommit(bytes: Uint8Array, lsn: number, salt: Uint8Array): LogRecord | null {
  const head = readRecordHead(bytes, lsn, bytes.length)
  if (typeof head === 'string' || head.kindCode !== recordKinds.commit) return null
  return verifyRecord(bytes, head, lsn, salt)
}

/** Whether changing byte `at` by `difference` makes a valid commit. The bytes are left as they were. */
function isMendedBy(
  bytes: Uint8Array,
  at: number,
  difference: number,
  lsn: number,
  salt: Uint8Array,
): boolean {
  bytes[at]! ^= difference
  const isValid = validCommit(bytes, lsn, salt) !== null
  bytes[at]! ^= difference
  return isValid
}

/** Whether another byte in the length, the kind or the LSN makes a valid commit: few values can be right. */
function isMendedInPlace(bytes: Uint8Array, lsn: number, salt: Uint8Array): boolean {
  for (let at = 0; at < recordFields.lsnEnd; at++) {
    if (at > recordFields.kind && at < recordFields.lsn) continue
    for (let difference = 1; difference < 256; difference++) {
      if (isMendedBy(bytes, at, difference, lsn, salt)) return true
    }
  }
  return false
}

/** Whether changing one byte, as the difference of the checksums tells, makes a valid commit. */
function isMendedByChecksum(bytes: Uint8Array, lsn: number, salt: Uint8Array): boolean {
  const head = readRecordHead(bytes, lsn, bytes.length)
  if (typeof head === 'string' || head.kindCode !== recordKinds.commit) return false
  const difference = (computeChecksum(bytes, head, salt) ^ head.checksum) >>> 0
  for (let byte = 0; byte < 4; byte++) {
    const change = (difference >>> (8 * byte)) & 0xff
    if ((change << (8 * byte)) >>> 0 !== difference) continue
    if (isMendedBy(bytes, recordFields.checksum + byte, change, lsn, salt)) return true
  }
  // From the last byte to the first: the difference as it was before each of them went into the checksum.
  let before = difference
  for (let at = recordHeaderBytes + head.payloadBytes - 1; at >= 0; at--) {
    if (at >= recordFields.checksum && at < recordHeaderBytes) continue
    const change = byHighestByte[before >>> 24]!
    if (lastByteEffects[change] === before && isMendedBy(bytes, at, change, lsn, salt)) return true
    before = (((before ^ lastByteEffects[change]!) << 8) | change) >>> 0
  }
  return false
}

/**
 * Whether a commit record that would be valid with one byte changed begins at the start of `bytes`.
 * @param bytes the log from the record on, at least its header
 * @param lsn the byte of the log at which `bytes` begins
 */
export function isCommitButForOneByte(bytes: Uint8Array, lsn: number, salt: Uint8Array): boolean {
  return isMendedByChecksum(bytes, lsn, salt) || isMendedInPlace(bytes, lsn, salt)
}
