/** Numbers that look random and are the same on every machine: functions of a row and a salt. */

/** Mixes 32 bits: a bijection, after Wellons' lowbias32 (hash-prospector). */
function mix32(value: number): number {
  let mixed = value >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** A random 32-bit number for a row; each `salt` gives another sequence. */
export function randomAt(row: number, salt: number): number {
  return mix32(mix32(row + Math.imul(salt, 0x9e3779b1)) ^ Math.imul(salt, 0x85ebca6b))
}

/** A random whole number in [0, limit). */
export function randomBelow(row: number, salt: number, limit: number): number {
  return Math.floor((randomAt(row, salt) / 0x1_0000_0000) * limit)
}
