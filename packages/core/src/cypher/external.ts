/**
 * What a query is told of rows that are in no table: those of files (LOAD FROM) and of functions (CALL). The
 * language knows nothing of how files are written; whoever prepares a statement brings what does.
 */
import type { Vector } from '../column/index.js'
import type { MemoryBudget } from '../memory/index.js'
import type { LogicalType } from '../types/index.js'
import type { OptionValue } from './syntax/ast.js'

/** A column of such rows. */
export interface ExternalColumn {
  readonly name: string
  readonly type: LogicalType
}

/** Options by camel-case name: `NULL_STRINGS` is `nullStrings`. One that stands alone is true. */
export type ExternalOptions = ReadonlyMap<string, OptionValue>

/** LOAD FROM: files, and what the statement says of them. */
export interface FileRequest {
  /** Paths and patterns, as written. */
  readonly sources: readonly string[]
  /** LOAD WITH HEADERS: all columns, in their order; null: the files say. */
  readonly columns: readonly ExternalColumn[] | null
  readonly options: ExternalOptions
}

/** CALL: a function that gives rows, and its arguments. */
export interface CallRequest {
  readonly name: string
  readonly args: readonly OptionValue[]
  readonly options: ExternalOptions
}

/** Rows of all columns that were asked for; at most some ten thousand, none where reading took long. */
export interface ExternalBatch {
  readonly rows: number
  readonly columns: readonly Vector[]
  /** Of a batch without rows: what has to happen before there are more. Never rejects. */
  readonly until?: Promise<void>
}

/** Rows from outside: found when a statement is bound, read when it runs. */
export interface ExternalRows {
  /** Names are distinct. */
  readonly columns: readonly ExternalColumn[]
  /**
   * Reads all rows, from the first on; each iteration is one reading, and ending it early closes what is
   * open. Between two batches there are some milliseconds at most.
   * @param columns indexes of those that the batches are to have, in this order
   * @param budget where the memory of the reading is reserved
   */
  read(columns: readonly number[], budget: MemoryBudget): Iterable<ExternalBatch>
}

/** Rows that were left out, because the statement says so, of what a source holds. */
export interface RefusedRows {
  /** As the statement names it. */
  readonly source: string
  readonly errorCount: number
  /** The first ones, with their place. */
  readonly errors: readonly {
    readonly kind: string
    readonly file: string
    readonly line: number
    readonly row: number
    readonly column?: string
    readonly message: string
    readonly text: string
  }[]
}

/** What finds them. Asked when a statement is bound; one that is bound twice is to find the same. */
export interface ExternalSources {
  /** Functions that CALL knows. */
  readonly functions: readonly string[]
  files(request: FileRequest): ExternalRows
  /** @param request of one of `functions` */
  call(request: CallRequest): ExternalRows
}
