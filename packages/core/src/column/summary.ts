/**
 * What the analysing kernels leave behind, as the encoder reads it. The kernels draw the tables
 * (`assembly/analyze.ts`, `assembly/strings.ts`).
 */
import { miniblocksOf } from './layout.js'

const intHeaderBytes = 32
const intEntryBytes = 32

/** Bytes of an int summary of `rows` lanes; the others are smaller. */
export function summaryBytes(rows: number): number {
  return intHeaderBytes + miniblocksOf(rows) * intEntryBytes
}

export interface IntSummary {
  readonly min: bigint
  readonly max: bigint
  readonly strictlyIncreasing: boolean
  /** Bytes of all miniblocks' bits when bit-packed. */
  readonly packedBytes: number
  /** Bytes of all miniblocks' bits when their differences are. */
  readonly deltaBytes: number
}

/** Reads the int summary at `address`. */
export function readIntSummary(view: DataView, address: number): IntSummary {
  return {
    min: view.getBigInt64(address, true),
    max: view.getBigInt64(address + 8, true),
    strictlyIncreasing: view.getUint32(address + 16, true) === 1,
    packedBytes: view.getUint32(address + 20, true),
    deltaBytes: view.getUint32(address + 24, true),
  }
}

export interface DoubleSummary {
  /** +∞ when all are NaN, and then `max` is −∞. */
  readonly min: number
  readonly max: number
  /** All lanes have the same bits. */
  readonly constant: boolean
}

/** Reads the double summary at `address`. */
export function readDoubleSummary(view: DataView, address: number): DoubleSummary {
  return {
    min: view.getFloat64(address, true),
    max: view.getFloat64(address + 8, true),
    constant: view.getUint32(address + 16, true) === 1,
  }
}

export interface StringSummary {
  /** A row that holds the smallest value, or one that begins with as many bytes as statistics hold of it. */
  readonly minRow: number
  readonly maxRow: number
  readonly strictlyIncreasing: boolean
  readonly constant: boolean
}

/** Reads the string summary at `address`. */
export function readStringSummary(view: DataView, address: number): StringSummary {
  return {
    minRow: view.getUint32(address, true),
    maxRow: view.getUint32(address + 4, true),
    strictlyIncreasing: view.getUint32(address + 8, true) === 1,
    constant: view.getUint32(address + 12, true) === 1,
  }
}
