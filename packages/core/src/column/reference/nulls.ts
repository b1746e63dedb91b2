/** Nulls and booleans. */
import type { ColumnKernels } from '../kernels.js'
import { bitmapBytes } from '../layout.js'

type NullKernels = Pick<
  ColumnKernels,
  'packValidity' | 'unpackValidity' | 'packBools' | 'unpackBools' | 'fillNulls' | 'zeroNulls'
>

/** The null kernels on `view()`, which is of the whole memory. */
export function referenceNulls(view: () => DataView): NullKernels {
  function packBits(rows: number, out: number, isSet: (row: number) => boolean): void {
    const memory = view()
    for (let byte = 0; byte < bitmapBytes(rows); byte++) {
      let bits = 0
      for (let row = byte * 8; row < Math.min(byte * 8 + 8, rows); row++) {
        if (isSet(row)) bits |= 1 << (row % 8)
      }
      memory.setUint8(out + byte, bits)
    }
  }

  function bitAt(bitmap: number, row: number): number {
    return (view().getUint8(bitmap + Math.floor(row / 8)) >> (row % 8)) & 1
  }

  return {
    packValidity(nulls, rows, out) {
      packBits(rows, out, (row) => view().getUint8(nulls + row) === 0)
    },

    unpackValidity(bitmap, rows, out) {
      let nulls = 0
      for (let row = 0; row < rows; row++) {
        const isNull = 1 - bitAt(bitmap, row)
        view().setUint8(out + row, isNull)
        nulls += isNull
      }
      return nulls
    },

    packBools(values, rows, out) {
      packBits(rows, out, (row) => view().getBigUint64(values + row * 8, true) !== 0n)
    },

    unpackBools(bitmap, rows, out) {
      for (let row = 0; row < rows; row++) {
        view().setBigUint64(out + row * 8, BigInt(bitAt(bitmap, row)), true)
      }
    },

    fillNulls(values, nulls, rows, out) {
      const memory = view()
      const isNull = (row: number) => memory.getUint8(nulls + row) !== 0
      let source = 0
      while (isNull(source)) source++
      for (let row = 0; row < rows; row++) {
        if (!isNull(row)) source = row
        memory.setBigUint64(out + row * 8, memory.getBigUint64(values + source * 8, true), true)
      }
    },

    zeroNulls(values, nulls, rows) {
      const memory = view()
      for (let row = 0; row < rows; row++) {
        if (memory.getUint8(nulls + row) !== 0) memory.setBigUint64(values + row * 8, 0n, true)
      }
    },
  }
}
