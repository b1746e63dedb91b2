/** Threads: workers that make rows, and the factory that asks them and hands out their bytes in order. */
export { InlineRows } from './inline-rows.js'
export type { WorkerPlan } from './protocol.js'
export { type Chunk, RowFactory, type RowMaker } from './row-factory.js'
