/** The encoder half of sinks: what parse workers make of parsed columns. Knows no thread. */
export { ColumnEncoder } from './column-encoder.js'
export type { BatchEncoder, EncodeResult, MissingNode } from './sink.js'
export { createEncoder, type EncoderJob } from './store-encoder.js'
