/** Imports under measurement: what a contender is, how one is run and checked, medians of its runs. */
export { ChildFailure, runChild } from './child-process.js'
export { type Contender, millrace } from './contender.js'
export { bytesIn, freshFolder, ownName, removeAbandoned, removeFolder } from './folders.js'
export {
  type ImportRun,
  importChecked,
  type MeasureOptions,
  measureRuns,
  type PreparedRuns,
  prepareNodes,
  prepareRuns,
  requestOf,
  requireRight,
} from './measure.js'
export { type Medians, medians } from './medians.js'
export { settle } from './page-cache.js'
export type { EngineOptions, ImportAnswer } from './protocol.js'
export type { CaseRecord, ImportRecord, RecordOptions } from './record.js'
