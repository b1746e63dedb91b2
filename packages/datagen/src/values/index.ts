/**
 * Values: lanes that hold them, sources that make them, and their text. A source is a pure function of row
 * numbers; a thread has sources of its own.
 */
export * from './choosers.js'
export * from './combining-sources.js'
export * from './digits.js'
export { fitPattern, shortestOf } from './fit-pattern.js'
export { ChosenRows, EarlierRows, type NullsOfRows, OwnRows } from './foreign-key-rows.js'
export { copyBytes, Lane, type LaneKind } from './lane.js'
export * from './number-sources.js'
export * from './pattern.js'
export { makePool, type Pool, poolTexts } from './pool.js'
export { RowSet } from './row-set.js'
export { type Chooser, Source } from './source.js'
export * from './structured-sources.js'
export * from './text-sources.js'
export { TimeCurve, type TimeShape } from './time-curve.js'
export * from './time-sources.js'
export { type TextWriter, textBytesMax, textWriter } from './value-text.js'
export * from './word-sources.js'
