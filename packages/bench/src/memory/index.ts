/** Peak memory over the size of the input. */
export type { MemoryPoint, MemoryRecord } from './record.js'
