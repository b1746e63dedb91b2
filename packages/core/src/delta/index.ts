/** Small writes: single values, the writes of a transaction, and how the log carries them. */
export type { Value } from './value.js'
export type { Write } from './write.js'
