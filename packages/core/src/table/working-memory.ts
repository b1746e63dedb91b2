import { type ColumnKernels, loadColumnKernels, SegmentDecoder, SegmentEncoder } from '../column/index.js'
import type { Arena } from '../memory/index.js'
import { loadTableKernels, type TableKernels } from './kernels.js'

/**
 * A thread's working place: one memory with everything that computes in it. Knows no thread; belongs to one.
 */
export interface WorkingMemory {
  readonly arena: Arena
  readonly columnKernels: ColumnKernels
  readonly kernels: TableKernels
  readonly encoder: SegmentEncoder
  readonly decoder: SegmentDecoder
}

/** What the encoding half of a load works with, in a parse worker. */
export type BatchEncoderContext = WorkingMemory

/**
 * Makes the kernels and codecs over `arena`'s memory. `module` saves compiling where another thread has done
 * it.
 */
export function createWorkingMemory(arena: Arena, module?: WebAssembly.Module): WorkingMemory {
  const columnKernels = loadColumnKernels(arena.memory, module)
  return {
    arena,
    columnKernels,
    kernels: loadTableKernels(arena.memory, module),
    encoder: new SegmentEncoder(arena, columnKernels),
    decoder: new SegmentDecoder(arena, columnKernels),
  }
}

export const createBatchEncoderContext: (arena: Arena, module?: WebAssembly.Module) => BatchEncoderContext =
  createWorkingMemory
