/** Lanes to narrower ones. */
import type { ColumnKernels } from '../kernels.js'

/** The narrowing kernels on `view()`, which is of the whole memory. */
export function referenceNarrow(view: () => DataView): Pick<ColumnKernels, 'narrowTo1' | 'narrowTo4'> {
  return {
    narrowTo1(values, rows) {
      for (let row = 0; row < rows; row++) view().setUint8(values + row, view().getUint8(values + row * 8))
    },

    narrowTo4(values, rows) {
      for (let row = 0; row < rows; row++) {
        view().setUint32(values + row * 4, view().getUint32(values + row * 8, true), true)
      }
    },
  }
}
