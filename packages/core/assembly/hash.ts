/**
 * The 64-bit hash of keys. It is part of the file format: the hash index is ordered by it.
 *
 * - Integers go through the finalizer of MurmurHash3 (fmix64), a bijection: different integers never collide.
 * - Strings go through MurmurHash2's 64-bit body (Austin Appleby, public domain; words little-endian), and
 *   then the same finalizer, because the index needs even high bits as well as low ones.
 * - A null hashes to 0.
 */
import { loadUpTo8, memoryBytes } from './bytes'

const multiplier: u64 = 0xc6a4a7935bd1e995
const seed: u64 = 0x9e3779b97f4a7c15
const finalMultiplier1: u64 = 0xff51afd7ed558ccd
const finalMultiplier2: u64 = 0xc4ceb9fe1a85ec53

function finalMix(hash: u64): u64 {
  hash ^= hash >> 33
  hash *= finalMultiplier1
  hash ^= hash >> 33
  hash *= finalMultiplier2
  return hash ^ (hash >> 33)
}

/** A hash with a word more in it; of nothing but zeros it is 0. */
export function mixWord(hash: u64, word: u64): u64 {
  word *= multiplier
  word ^= word >> 47
  word *= multiplier
  return (hash ^ word) * multiplier
}

/** The hash of one string. */
export function hashBytes(address: usize, length: u32, memoryEnd: u64): u64 {
  let hash = seed ^ (<u64>length * multiplier)
  while (length > 8) {
    hash = mixWord(hash, load<u64>(address))
    address += 8
    length -= 8
  }
  return finalMix(mixWord(hash, loadUpTo8(address, length, memoryEnd)))
}

/** A bijection of numbers that spreads them evenly: the hash of integers. */
export function mixCode(code: u64): u64 {
  return finalMix(code ^ seed)
}

/** Hashes `rows` integer lanes; `nulls` may be 0 for none. */
export function hashInts(values: usize, nulls: usize, rows: i32, out: usize): void {
  for (let row: i32 = 0; row < rows; row++) {
    const at = (<usize>row) << 3
    store<u64>(out + at, mixCode(load<u64>(values + at)))
  }
  if (nulls !== 0) zeroHashes(nulls, rows, out)
}

/** Hashes `rows` string lanes; `nulls` may be 0 for none. */
export function hashStrings(values: usize, nulls: usize, rows: i32, out: usize): void {
  const memoryEnd = memoryBytes()
  for (let row: i32 = 0; row < rows; row++) {
    const at = (<usize>row) << 3
    store<u64>(out + at, hashBytes(load<u32>(values + at), load<u32>(values + at, 4), memoryEnd))
  }
  if (nulls !== 0) zeroHashes(nulls, rows, out)
}

function zeroHashes(nulls: usize, rows: i32, out: usize): void {
  for (let row: i32 = 0; row < rows; row++) {
    if (load<u8>(nulls + <usize>row) !== 0) store<u64>(out + ((<usize>row) << 3), 0)
  }
}
