/**
 * `decimal`: doubles that are all m / 10^scale exactly, kept as bit-packed integers m.
 *
 * |m| ≤ 2^53 and scale ≤ 15, so numerator and denominator are exact and the division, correctly rounded, gives the double
 * back bit for bit (the observation behind ALP, Afroozeh, Kuffó and Boncz, SIGMOD 2024; without its
 * exceptions). −0, NaN and infinities are no decimals.
 */

import { laneBytes } from '../column-buffer.js'
import type { ColumnKernels } from '../kernels.js'
import { readBitPacked } from './bit-packed.js'
import { corrupt, type SegmentReader } from './context.js'

/** The largest scale: 10^15 is well within the powers of ten that are exact doubles. */
export const decimalScaleMax = 15

/** Rows looked at for a first guess of the scale. */
const sampledRows = 16

/**
 * Turns the doubles at `lanes` into integer lanes at `out`, at the smallest scale that serves them all.
 * @returns the scale, or −1 when there is none
 */
export function toDecimals(kernels: ColumnKernels, lanes: number, rows: number, out: number): number {
  let scale = 0
  const stride = Math.max(1, Math.floor(rows / sampledRows))
  for (let row = 0; row < rows; row += stride) {
    const wanted = kernels.decimalScale(lanes + row * laneBytes)
    if (wanted < 0) return -1
    scale = Math.max(scale, wanted)
  }
  // A row that fails asks for a larger scale, so this ends; it may also be too large for it, and then there
  // is none.
  for (;;) {
    const failed = kernels.doublesToDecimals(lanes, rows, scale, out)
    if (failed < 0) return scale
    const wanted = kernels.decimalScale(lanes + failed * laneBytes)
    if (wanted <= scale) return -1
    scale = wanted
  }
}

/** Reads into the double lanes at `out`. */
export function readDecimal(reader: SegmentReader, out: number): void {
  if (reader.scale > decimalScaleMax) throw corrupt(reader.place, `the decimal scale is ${reader.scale}`)
  readBitPacked(reader, out)
  reader.kernels.intsToDoubles(out, reader.rows, reader.scale)
}
