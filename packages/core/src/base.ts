/**
 * What parsing needs of this package: no store and no query language, so that who only parses loads a tenth
 * of it. All of it is in `internal.ts`, too. Not for users: it may change with any release.
 */
export { type ColumnBuffer, type ColumnKernels, laneBytes, loadColumnKernels } from './column/index.js'
export {
  type Int64Mode,
  QueryResult,
  QueryRun,
  type ResultVector,
  rowMaker,
  valueReader,
} from './cypher/index.js'
export * from './errors/index.js'
export * from './limits.js'
export * from './memory/index.js'
export * from './types/index.js'
export * from './values/index.js'
