/**
 * Small writes: single values, the writes of a transaction and how the log carries them, and the delta in
 * which they gather until they become segments.
 */
export { Delta, WriteCheck } from './delta.js'
export { encodeDelta, stateWith } from './encode-delta.js'
export { applyToState, checkChange, type GraphState, stateOf } from './graph-state.js'
export { MutableColumn } from './mutable-column.js'
export { NodeDelta } from './node-delta.js'
export type { Patches } from './patches.js'
export { RelDelta } from './rel-delta.js'
export { fitsType, type Value } from './value.js'
export type { Write } from './write.js'
export { decodeWrites, encodeWrite } from './write-codec.js'
