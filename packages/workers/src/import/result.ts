/**
 * What an import tells its caller: while it runs, when it is done, and about each record it could not take.
 */

import type { ErrorKinds } from '../csv/index.js'
import type { ImportErrorKind } from '../errors/index.js'

/** Where a quote opens that is not closed. */
export type QuotePlace = {
  /** Number of the field that it opens; the first of a record is 1. */
  readonly field: number
  /** Physical line; the first line of the file is 1. */
  readonly line: number
  readonly byteOffset: number
}

/** One refused record. */
export interface ImportError {
  /** Path of the file as it was given. */
  readonly file: string
  /** Number of the record in its file; the first record after the header is 1. */
  readonly row: number
  /** Physical line on which the record begins; the first line of the file is 1. Quoted newlines count. */
  readonly line: number
  /** Byte of the file at which the record begins. */
  readonly byteOffset: number
  readonly column?: string
  /** Of a record that is too long or has no end because of a quote: where that quote stands. */
  readonly openQuote?: QuotePlace
  readonly kind: ImportErrorKind
  readonly message: string
  /** The offending value, or the beginning of the record. */
  readonly text: string
}

/** A report on the way. All numbers only grow. */
export interface ImportProgress {
  readonly rowsProcessed: number
  readonly rowsSkipped: number
  /** Of the inputs as they lie on the disk; of a load that goes on, those from before included. */
  readonly bytesProcessed: number
  /** Bytes of all inputs together, as they lie on the disk; absent for a stream. */
  readonly bytesTotal?: number
  readonly rowsPerSecond: number
  readonly etaSeconds?: number
}

/**
 * Where the time went, in milliseconds. read, scan (finding records and fields), parse, encode and build
 * (sorting and encoding relationships) are summed over the threads that do it; append (writing pages or
 * spools), index (checking and indexing keys, and what is left of relationships) and commit (syncing the
 * pages, writing and syncing the log) are the writer's; waitForSlots is how long no block could be dispatched
 * because no slot was free: it waits for credits.
 */
export interface ImportTimings {
  readonly readMs: number
  readonly scanMs: number
  readonly parseMs: number
  readonly encodeMs: number
  readonly appendMs: number
  readonly buildMs: number
  readonly indexMs: number
  readonly commitMs: number
  readonly waitForSlotsMs: number
  /** Blocks whose speculated start was wrong and that were parsed again. */
  readonly blocksReparsed: number
}

export interface ImportResult {
  readonly table: string
  /** Nothing was loaded: the numbers are those that a load would have. */
  readonly dryRun: boolean
  /** Rows that this call has committed. */
  readonly rowsImported: number
  /** Rows of the same load that earlier calls had committed; 0 unless it was resumed. */
  readonly rowsResumed: number
  /** With `resume`: all of the source had been loaded before, and nothing was left to do. */
  readonly alreadyLoaded: boolean
  readonly rowsSkipped: number
  readonly bytesProcessed: number
  readonly errorCount: number
  /** Of `errorCount`, by kind; kinds without any are absent. */
  readonly errorKinds: ErrorKinds
  /** When most records were refused: how many, and what may be the reason. */
  readonly warnings: readonly string[]
  /** The first refused records, in file order; at most `errorsKeptMax`. */
  readonly errors: readonly ImportError[]
  /** Columns of the inputs that the table does not have, and that were left out. */
  readonly ignoredColumns: readonly string[]
  readonly elapsedMs: number
  readonly timings: ImportTimings
}

/** The result of a load of which nothing was left to do. */
export function nothingLoaded(table: string, elapsedMs: number): ImportResult {
  const none = { readMs: 0, scanMs: 0, parseMs: 0, encodeMs: 0, appendMs: 0, buildMs: 0 }
  return {
    table,
    dryRun: false,
    rowsImported: 0,
    rowsResumed: 0,
    alreadyLoaded: true,
    rowsSkipped: 0,
    bytesProcessed: 0,
    errorCount: 0,
    errorKinds: {},
    warnings: [],
    errors: [],
    ignoredColumns: [],
    elapsedMs,
    timings: { ...none, indexMs: 0, commitMs: 0, waitForSlotsMs: 0, blocksReparsed: 0 },
  }
}
