import { crc32 as zlibCrc32 } from 'node:zlib'

/**
 * CRC-32 of `bytes` (polynomial 0xEDB88320 reflected, as in zlib, gzip and PNG), unsigned. `seed` continues
 * an earlier one. It finds accidents, not attackers.
 */
export function crc32(bytes: Uint8Array, seed = 0): number {
  // zlib takes an empty input for a request to start anew.
  return bytes.length === 0 ? seed : zlibCrc32(bytes, seed)
}
