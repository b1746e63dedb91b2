/**
 * The door to the WebAssembly kernels: what they are called, and how they are loaded.
 *
 * - All arguments are addresses (byte offsets) in one memory, or counts; the caller owns every region.
 * - The module is compiled once per process (per thread, unless a compiled module is handed over),
 *   synchronously.
 * - `reference/` holds the same functions in plain TypeScript: the specification, tested in lock-step.
 */
import { readFileSync } from 'node:fs'

/**
 * The kernels of this room. A status is 0, or the number (from 1) of the miniblock that does not hold
 * together.
 */
export interface ColumnKernels {
  /** Fills the int summary (`summary.ts`) of `rows` lanes. */
  analyzeInts(values: number, rows: number, summary: number): void
  /** Fills the double summary of `rows` ≥ 1 lanes. */
  analyzeDoubles(values: number, rows: number, summary: number): void
  /** Fills the string summary of lanes, at least one of which is not null. `nulls` may be 0. */
  analyzeStrings(values: number, nulls: number, rows: number, summary: number): void

  /**
   * Bit-packs lanes as their summary says; returns the end of the bits. `residuals`: `residualBytes` of
   * scratch.
   */
  packInts(
    values: number,
    rows: number,
    summary: number,
    directory: number,
    content: number,
    out: number,
    residuals: number,
  ): number
  /** As `packInts`, with the differences of neighbours. */
  packDeltas(
    values: number,
    rows: number,
    summary: number,
    directory: number,
    content: number,
    out: number,
    residuals: number,
  ): number
  /** Unpacks bit-packed miniblocks to lanes, whole octets of them; returns a status. */
  unpackInts(directory: number, rows: number, content: number, contentBytes: number, out: number): number
  /** As `unpackInts`, for miniblocks of differences. */
  unpackDeltas(directory: number, rows: number, content: number, contentBytes: number, out: number): number
  /** Integer lanes to doubles ÷ 10^scale, in place. */
  intsToDoubles(values: number, rows: number, scale: number): void
  /** The smallest scale at which the double at `address` is a decimal, or −1. */
  decimalScale(address: number): number
  /** Doubles to integer lanes; returns the first row that is no decimal of this scale, or −1. */
  doublesToDecimals(values: number, rows: number, scale: number, out: number): number

  /** Null bytes to a validity bitmap of whole 64-bit words. */
  packValidity(nulls: number, rows: number, out: number): void
  /** A validity bitmap to null bytes; returns how many are null. */
  unpackValidity(bitmap: number, rows: number, out: number): number
  /** Lanes to a bitmap: 1 where the lane is not 0. */
  packBools(values: number, rows: number, out: number): void
  /** A bitmap to lanes of 0 and 1. */
  unpackBools(bitmap: number, rows: number, out: number): void
  /** Copies lanes, nulls taking the value before them. At least one row is not null. */
  fillNulls(values: number, nulls: number, rows: number, out: number): void
  /** Sets the lanes of nulls to 0. */
  zeroNulls(values: number, nulls: number, rows: number): void

  /** Lanes to their lowest bytes, in place. */
  narrowTo1(values: number, rows: number): void
  /** Lanes to their lowest four bytes, in place. */
  narrowTo4(values: number, rows: number): void

  /** Lengths of string lanes as integer lanes; returns their sum. */
  stringLengths(values: number, rows: number, out: number): number
  /** Copies strings one behind the other, their miniblocks' starts to `starts`; returns the end. */
  gatherStrings(values: number, rows: number, starts: number, out: number): number
  /** Writes the starts of `gatherStrings` alone. */
  stringStarts(values: number, rows: number, starts: number): void
  /**
   * Copies the next bytes of strings, at most `bytesMax`, from the cursor (u32 row, u32 byte) on; returns how
   * many.
   */
  fillWindow(values: number, rows: number, cursor: number, window: number, bytesMax: number): number
  /**
   * Where the bytes of strings lie when they lie one behind the other, in order, with `slackBytes` readable
   * bytes behind the last; else 0.
   */
  adjacentStrings(values: number, rows: number, slackBytes: number): number
  /**
   * Compresses a block to at most `packedBytesMax` bytes at `out`; returns how many. `slots`:
   * `blockSlotsBytes` of scratch. `blockSlackBytes` bytes behind the block can be read.
   */
  compressBlock(source: number, bytes: number, slots: number, out: number): number
  /** Decompresses a block to exactly `rawBytes` bytes; returns 0, or 1 when it does not hold together. */
  decompressBlock(source: number, bytes: number, out: number, rawBytes: number): number
  /** Distinct strings of every `stride`-th row; returns their number, or −1 when above `entriesMax`. */
  buildDictionary(
    values: number,
    nulls: number,
    rows: number,
    stride: number,
    slots: number,
    slotMask: number,
    entries: number,
    entriesMax: number,
    codes: number,
  ): number
  /** Unpacks codes as u32, each below `entries`; returns a status. */
  unpackCodes(
    directory: number,
    rows: number,
    content: number,
    contentBytes: number,
    entries: number,
    lanes: number,
    out: number,
  ): number
  /** Unpacks lengths and adds them up to u32 offsets in a heap of `heapBytes`; returns a status. */
  unpackOffsets(
    directory: number,
    starts: number,
    rows: number,
    content: number,
    contentBytes: number,
    heapBytes: number,
    lanes: number,
    out: number,
  ): number
  /** String lanes from u32 offsets and u32 codes (0: row i is entry i). */
  stringLanes(offsets: number, codes: number, rows: number, heap: number, out: number): void

  /** 64-bit hashes of integer lanes; `nulls` may be 0. */
  hashInts(values: number, nulls: number, rows: number, out: number): void
  /** 64-bit hashes of string lanes; `nulls` may be 0. */
  hashStrings(values: number, nulls: number, rows: number, out: number): void
}

let compiled: WebAssembly.Module | undefined

/** The compiled kernels of this package: to be handed to other threads, which then need not compile them. */
export function columnKernelsModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('../../wasm/kernels.wasm', import.meta.url)))
  return compiled
}

/** All kernels of this package, working on `memory`. */
export function instantiateKernels(
  memory: WebAssembly.Memory,
  module: WebAssembly.Module = columnKernelsModule(),
): WebAssembly.Exports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports
}

/** This room's kernels, working on `memory`. */
export function loadColumnKernels(memory: WebAssembly.Memory, module?: WebAssembly.Module): ColumnKernels {
  return instantiateKernels(memory, module) as unknown as ColumnKernels
}
