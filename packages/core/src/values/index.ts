/**
 * What the values of every type mean: how they are written, read, and held in lanes. The parsers of files and
 * of statements, and everything that shows a value, ask here. Knows no storage and no thread.
 */
export * from './blob.js'
export * from './bytes-text.js'
export * from './calendar.js'
export * from './decimal.js'
export * from './halves.js'
export * from './interval.js'
export * from './list.js'
export * from './numbers.js'
export * from './uuid.js'
export * from './value-text.js'
export * from './written-time.js'
