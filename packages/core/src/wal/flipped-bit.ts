/**
 * Tells the last record of a log that was damaged from one that was never written whole.
 *
 * A log may end in a record that power loss tore: sectors of it are missing, and it is left out, for nobody
 * was told of its commit. Bits that flip later in a record that *was* whole look the same to a checksum, and
 * leaving that record out would lose a commit in silence. But a CRC is linear: what one flipped bit does to
 * it depends on the bit's place alone, so that the place follows from the difference.
 *
 * A torn record of n bytes is mistaken for a flipped one with a chance of 8 n in 2^32, and then the database
 * is refused until its log is looked at: hence the limit.
 */
import { crc32 } from '../format/index.js'
import { readRecordHead, recordHeaderBytes, recordKinds, verifyRecord } from './record.js'

/** Bytes of the longest record that is looked at: a mistake in 8,192 torn ones at most. */
export const flippedRecordBytesMax = 64 * 1024

const polynomial = 0xedb88320

/** What a byte that differs by `index` does to the checksum when it is the last. */
const lastByteEffects = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
  return value
})

/** The record at the start of `bytes`, if it is a valid commit. */
function isValidCommit(bytes: Uint8Array, lsn: number, salt: Uint8Array): boolean {
  const head = readRecordHead(bytes, lsn, bytes.length)
  if (typeof head === 'string' || head.kindCode !== recordKinds.commit) return false
  return verifyRecord(bytes, head, lsn, salt) !== null
}

/** Whether flipping one bit of the header makes it valid. The header is left as it was. */
function isFlippedInHeader(bytes: Uint8Array, lsn: number, salt: Uint8Array): boolean {
  for (let bit = 0; bit < recordHeaderBytes * 8; bit++) {
    const at = bit >>> 3
    bytes[at]! ^= 1 << (bit & 7)
    const valid = isValidCommit(bytes, lsn, salt)
    bytes[at]! ^= 1 << (bit & 7)
    if (valid) return true
  }
  return false
}

/** Whether flipping one bit of the payload makes it valid. */
function isFlippedInPayload(bytes: Uint8Array, lsn: number, salt: Uint8Array): boolean {
  const head = readRecordHead(bytes, lsn, bytes.length)
  if (typeof head === 'string' || head.kindCode !== recordKinds.commit) return false
  const end = recordHeaderBytes + head.payloadBytes
  const checksummedHeader = bytes.subarray(0, recordHeaderBytes - 4)
  const computed = crc32(bytes.subarray(recordHeaderBytes, end), crc32(checksummedHeader, crc32(salt)))
  const difference = (computed ^ head.checksum) >>> 0
  const effects = Uint32Array.from({ length: 8 }, (_, bit) => lastByteEffects[1 << bit]!)
  for (let at = end - 1; at >= recordHeaderBytes; at--) {
    for (let bit = 0; bit < 8; bit++) {
      const effect = effects[bit]!
      if (effect === difference) return true
      effects[bit] = (effect >>> 8) ^ lastByteEffects[effect & 0xff]!
    }
  }
  return false
}

/**
 * Whether a commit record that would be valid with one bit flipped begins at the start of `bytes`.
 * @param bytes the log from the record on, at least its header
 * @param lsn the byte of the log at which `bytes` begins
 */
export function isCommitButForOneBit(bytes: Uint8Array, lsn: number, salt: Uint8Array): boolean {
  return isFlippedInHeader(bytes, lsn, salt) || isFlippedInPayload(bytes, lsn, salt)
}
