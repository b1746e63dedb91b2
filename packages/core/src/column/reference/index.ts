/**
 * The kernels in plain TypeScript: the specification of what the WebAssembly kernels do, tested against them
 * on the same bytes.
 *
 * Written to be read, not to be fast: BigInts and arrays, one idea a line. What they leave in the memory is
 * the same byte for byte, but for scratch and for the slack behind what is asked for.
 */
import type { ColumnKernels } from '../kernels.js'
import { referenceBlocks } from './blocks.js'
import { referenceDoubles } from './doubles.js'
import { referenceHashes } from './hash.js'
import { referenceInts } from './ints.js'
import { referenceNarrow } from './narrow.js'
import { referenceNulls } from './nulls.js'
import { referenceStrings } from './strings.js'

/** The reference kernels, working on `memory`. */
export function referenceKernels(memory: WebAssembly.Memory): ColumnKernels {
  const view = () => new DataView(memory.buffer)
  return {
    ...referenceInts(view),
    ...referenceDoubles(view),
    ...referenceNulls(view),
    ...referenceNarrow(view),
    ...referenceStrings(view),
    ...referenceBlocks(view),
    ...referenceHashes(view),
  }
}
