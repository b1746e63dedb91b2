/**
 * CSV without a database: the same parse workers, dialects and errors as an import, ending in batches of
 * columns that are iterated.
 */

export { columnsJob } from './columns-job.js'
export {
  type ArrowTable,
  arrowOf,
  CsvBatch,
  type CsvColumn,
  type CsvColumnInfo,
  type CsvRow,
  type NumberColumn,
  type TextColumn,
} from './csv-batch.js'
export { closeCsv, type OpenedCsv, openCsv } from './open-csv.js'
export { type CsvReadResult, readBatches } from './read-batches.js'
export type { ReadOptions } from './read-options.js'
export { planReading } from './read-plan.js'
