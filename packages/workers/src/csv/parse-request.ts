/** What a block parser is made for, is asked for, and answers. */
import type { ColumnBuffer } from '@millrace/core/base'
import type { CsvError, ErrorContent, ParseColumn } from './csv-error.js'
import type { Dialect } from './dialect.js'
import type { ErrorKinds } from './error-kinds.js'
import type { RefusedLog } from './refused-log.js'

/** What stays the same for all blocks of an import. */
export interface BlockParserOptions {
  readonly dialect: Dialect
  readonly columns: readonly ParseColumn[]
  /** Fields of every record; null: one more than the highest `csvIndex`. */
  readonly fieldCount: number | null
  /**
   * Rows that one `parse` returns at most. The parser may lower it, to keep its lanes bounded: see its
   * `rowsMax`.
   */
  readonly rowsMax: number
  /** Bytes of a record, without its line end. */
  readonly maxRowBytes: number
  /** Leave bad records out and go on, instead of stopping at the first. */
  readonly ignoreErrors: boolean
  /** Errors that are kept, unless the request says otherwise; the others are only counted. */
  readonly errorsKeptMax: number
  /** Note where rows begin (`row-places.ts`). Default false. */
  readonly notesPlaces?: boolean
  /** Bytes of the input region: block and look-ahead. */
  readonly inputBytesMax: number
  /** Bytes of the region for texts that had escapes (`plain-texts.ts`). Default 0: they stay in the input. */
  readonly textBytes?: number
  /** Compiled kernels, from another thread. */
  readonly kernelsModule?: WebAssembly.Module
}

/** One block, or the rest of one. All positions are relative to the block's first byte. */
export interface ParseRequest {
  /** Bytes that are in the input. */
  readonly length: number
  /** Records that begin at or behind it belong to the next block. */
  readonly blockBytes: number
  /** Where a record is known to begin; null: find the first one, by speculation. */
  readonly start: number | null
  /** Whether the file ends with the bytes that are there. */
  readonly atEnd: boolean
  readonly rowsMax: number
  /**
   * Bytes of the file before the block that stand before the input, 0 … `leadBytesMax`. One is enough to
   * speculate; 0 says that the data begins with the block.
   */
  readonly leadBytes?: number
  /**
   * `start` is in the middle of a line that is given up: skip to its end first (see `ParsedBlock.midLine`).
   */
  readonly midLine?: boolean
  /** Errors that are kept; those of the options unless given. */
  readonly errorsKeptMax?: number
  /** Takes all refused records. The parse ends before the first that it has no room for. */
  readonly refused?: RefusedLog
  /** Rows of which it is known by now that they are refused. */
  readonly refuse?: RowsToRefuse
}

/** Rows to be reported as errors, at their places. They stay among the rows of the block. */
export interface RowsToRefuse {
  /** Their numbers, ascending, where that of the first row which the parse yields is `firstRow`. */
  readonly rows: ArrayLike<number>
  readonly firstRow: number
  /** What is wrong with the one of this index. */
  readonly describe: (index: number) => ErrorContent
  /** No other error is reported: others were before. */
  readonly alone: boolean
}

/** What a `parse` found. */
export interface ParsedBlock {
  readonly rows: number
  /** One for each of the parser's columns, in their order. */
  readonly columns: ColumnBuffer[]
  /**
   * Where its first record begins: the request's `start`, or the guess. Behind the block when none begins in
   * it.
   */
  readonly start: number
  /** Behind the last line consumed. */
  readonly end: number
  /** Where the record of the last row begins; `start` when there is no row. */
  readonly lastRowStart: number
  /** Where the rows begin, if that is noted (`RowPlaceCursor`). */
  readonly places: Uint8Array | null
  /** Physical line ends in [start, end). */
  readonly lines: number
  /** Records consumed: rows and skipped ones. */
  readonly records: number
  readonly skipped: number
  readonly errors: CsvError[]
  readonly errorCount: number
  /** Of `errorCount`, by kind. */
  readonly errorKinds: ErrorKinds
  /**
   * Nothing of the block is left: go on with the next one, at `end`. Also true when an error stopped the
   * parse.
   */
  readonly done: boolean
  /**
   * The record at `end` begins in the block, but its end is not in the input: append what follows in the file
   * (up to `maxRowBytes` + 2 bytes from `end` on are enough) and parse again with `start` = `end`.
   */
  readonly needsMore: boolean
  /** `end` is in the middle of a line too long to be read: go on from there with `midLine` set. */
  readonly midLine: boolean
}
