import type { Int64Mode, LogicalType } from '@millrace/core/internal'
import type { CopyOptions } from '../import/index.js'

/** Options of an import that make no sense without a table. */
type OfTables =
  | 'fromColumn'
  | 'toColumn'
  | 'onFailure'
  | 'resume'
  | 'commitSize'
  | 'rejects'
  | 'dryRun'
  | 'columns'

/**
 * What `readCsv` takes besides the source. What is not given of delimiter, quote, escape, header and types is
 * guessed from the beginning of the source.
 */
export interface ReadOptions extends Omit<CopyOptions, OfTables> {
  /** The columns to parse, by name, in the order that batches are to have them. Default: all. */
  columns?: readonly string[]
  /** What the columns of the file are called, in its order; default: as in its header, else `column0`, … */
  names?: readonly string[]
  /** Types of columns by name; of the others the type is guessed. */
  types?: Readonly<Record<string, LogicalType>>
  /** INT64 values in rows: as numbers (an error beyond 2^53) or as bigints. Default `number`. */
  int64?: Int64Mode
  /**
   * The memory of a batch is filled again when the next one is asked for: the batch's arrays are empty then.
   * Saves making memory for each. `toArrow()` of the reader does not. Default: false, a batch may be kept.
   */
  reuse?: boolean
}
