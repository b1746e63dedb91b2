/** Imports under measurement: what a contender is, how one is run and checked, medians of its runs. */
export { type Contender, millrace } from './contender.js'
export { type ImportRun, type MeasureOptions, measureRuns, prepareRuns } from './measure.js'
export { type Medians, medians } from './medians.js'
export type { CaseRecord, ImportRecord } from './record.js'
