/** The hash of keys: MurmurHash2's 64-bit body over words, MurmurHash3's finalizer. */
import type { ColumnKernels } from '../kernels.js'
import { bytesOfLane } from './strings.js'

const multiplier = 0xc6a4a7935bd1e995n
const seed = 0x9e3779b97f4a7c15n

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value)
}

function finalMix(value: bigint): bigint {
  let hash = value
  hash = wrap((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn)
  hash = wrap((hash ^ (hash >> 33n)) * 0xc4ceb9fe1a85ec53n)
  return hash ^ (hash >> 33n)
}

/** The hash of an integer's 64 bits. */
export function hashInt(bits: bigint): bigint {
  return finalMix(bits ^ seed)
}

/**
 * The hash of a string: words of 8 bytes, the last of them (1 to 8 bytes, or none at all) filled up with
 * zeros.
 */
export function hashBytes(bytes: Uint8Array): bigint {
  let hash = seed ^ wrap(BigInt(bytes.length) * multiplier)
  let at = 0
  do {
    let word = 0n
    for (let i = Math.min(bytes.length, at + 8) - 1; i >= at; i--) word = (word << 8n) | BigInt(bytes[i]!)
    word = wrap(word * multiplier)
    word = wrap((word ^ (word >> 47n)) * multiplier)
    hash = wrap((hash ^ word) * multiplier)
    at += 8
  } while (at < bytes.length)
  return finalMix(hash)
}

/** The hash kernels on `view()`, which is of the whole memory. */
export function referenceHashes(view: () => DataView): Pick<ColumnKernels, 'hashInts' | 'hashStrings'> {
  function each(nulls: number, rows: number, out: number, hash: (memory: DataView, row: number) => bigint) {
    const memory = view()
    for (let row = 0; row < rows; row++) {
      const isNull = nulls !== 0 && memory.getUint8(nulls + row) !== 0
      memory.setBigUint64(out + row * 8, isNull ? 0n : hash(memory, row), true)
    }
  }
  return {
    hashInts(values, nulls, rows, out) {
      each(nulls, rows, out, (memory, row) => hashInt(memory.getBigUint64(values + row * 8, true)))
    },
    hashStrings(values, nulls, rows, out) {
      each(nulls, rows, out, (memory, row) => hashBytes(bytesOfLane(memory, values + row * 8)))
    },
  }
}
