import type { ResultColumn, Row } from '../index.js'

/** Turns rows into text of one format. One printer prints one result: `begin`, any number of `row`, `end`. */
export interface RowPrinter {
  begin(columns: readonly ResultColumn[]): string
  row(row: Row): string
  end(): string
}
