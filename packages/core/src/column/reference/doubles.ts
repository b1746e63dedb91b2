/** Doubles: statistics and decimals. */
import { decimalScaleMax } from '../encodings/decimal.js'
import type { ColumnKernels } from '../kernels.js'

type DoubleKernels = Pick<
  ColumnKernels,
  'analyzeDoubles' | 'decimalScale' | 'doublesToDecimals' | 'intsToDoubles'
>

/** The nearest integer, ties to the even one. */
function nearest(value: number): number {
  const below = Math.floor(value)
  const part = value - below
  if (part !== 0.5) return part < 0.5 ? below : below + 1
  return below % 2 === 0 ? below : below + 1
}

/** m with m ÷ 10^scale = value, bit for bit, or null. */
function mantissaOf(value: number, scale: number): number | null {
  const power = 10 ** scale
  const mantissa = nearest(value * power) + 0
  return Math.abs(mantissa) <= 2 ** 53 && Object.is(mantissa / power, value) ? mantissa : null
}

/** The double kernels on `view()`, which is of the whole memory. */
export function referenceDoubles(view: () => DataView): DoubleKernels {
  return {
    analyzeDoubles(values, rows, summary) {
      const memory = view()
      let min = Infinity
      let max = -Infinity
      let constant = true
      for (let row = 0; row < rows; row++) {
        const value = memory.getFloat64(values + row * 8, true)
        if (value < min) min = value
        if (value > max) max = value
        const bits = memory.getBigUint64(values + row * 8, true)
        if (bits !== memory.getBigUint64(values, true)) constant = false
      }
      memory.setFloat64(summary, min + 0, true)
      memory.setFloat64(summary + 8, max + 0, true)
      memory.setUint32(summary + 16, constant ? 1 : 0, true)
      memory.setUint32(summary + 20, 0, true)
    },

    decimalScale(address) {
      const value = view().getFloat64(address, true)
      for (let scale = 0; scale <= decimalScaleMax; scale++) {
        if (mantissaOf(value, scale) !== null) return scale
      }
      return -1
    },

    doublesToDecimals(values, rows, scale, out) {
      const memory = view()
      for (let row = 0; row < rows; row++) {
        const mantissa = mantissaOf(memory.getFloat64(values + row * 8, true), scale)
        if (mantissa === null) return row
        memory.setBigInt64(out + row * 8, BigInt(mantissa), true)
      }
      return -1
    },

    intsToDoubles(values, rows, scale) {
      const memory = view()
      for (let row = 0; row < rows; row++) {
        const value = Number(memory.getBigInt64(values + row * 8, true))
        memory.setFloat64(values + row * 8, value / 10 ** scale, true)
      }
    },
  }
}
