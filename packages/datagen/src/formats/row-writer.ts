/**
 * Rows of one table in one format: the table's sources, read a set of rows at a time, and written row by row.
 */
import { fillRowsMax } from '../limits.js'
import type { Projection, SchemaPlan } from '../plan/index.js'
import { quoteIdentifier, type Table } from '../schema/index.js'
import { type Lane, RowSet, type Source } from '../values/index.js'
import type { ByteWriter } from './byte-writer.js'
import { type CellWriter, cellWriter } from './cell-writer.js'
import { dialects, type FormatName } from './dialect.js'

/** Bytes of rows whose values are made together, about. */
const fillBytes = 1024 * 1024

/** Rows that are made together first, of which it is not known how long they are. */
const firstFillRows = 8

const comma = 0x2c
const tab = 0x09
const newline = 0x0a

/** The statement that the rows of an INSERT belong to, up to its first row. */
export function insertHead(table: Table): string {
  return `INSERT INTO ${quoteIdentifier(table.name)} (${columnList(table)}) VALUES\n`
}

/** The table's columns for SQL. */
export function columnList(table: Table): string {
  return table.columns.map(({ name }) => quoteIdentifier(name)).join(', ')
}

export class RowWriter {
  readonly #format: FormatName
  readonly #sources: readonly Source[]
  readonly #cells: readonly CellWriter[]
  readonly #lanes: Lane[]
  readonly #nullText: Uint8Array
  readonly #head: Uint8Array
  readonly #insertRows: number
  readonly #rowsOfTable: number
  /** Rows with a NULL in one of the first so many columns are left out. */
  readonly #neededColumns: number
  readonly #set = new RowSet()
  /** Rows whose values are made together. */
  #fillRows = firstFillRows

  /** @param options insertRows: rows of an INSERT statement; projection: other columns, for CSV only */
  constructor(
    plan: SchemaPlan,
    table: Table,
    format: FormatName,
    { insertRows, projection }: { readonly insertRows: number; readonly projection?: Projection | undefined },
  ) {
    const sources = projection === undefined ? plan.sources(table) : plan.projected(table, projection)
    this.#neededColumns = projection?.neededColumns ?? 0
    this.#format = format
    this.#sources = sources.map(({ source }) => source)
    this.#cells = sources.map(({ source, type }) => cellWriter(source, type, dialects[format]))
    this.#lanes = this.#sources.map(({ lane }) => lane)
    this.#nullText = dialects[format].nullText
    this.#head = Buffer.from(insertHead(table))
    this.#insertRows = insertRows
    this.#rowsOfTable = plan.rowsOf(table)
  }

  /** Appends the rows from `first` up to `end`. */
  write(first: number, end: number, out: ByteWriter): void {
    for (let row = first; row < end; ) {
      const start = out.at
      const count = Math.min(this.#fillRows, end - row)
      this.#set.fillFrom(row, count)
      for (const source of this.#sources) source.read(this.#set)
      if (this.#format === 'sql') this.#writeInserts(row, count, out)
      else this.#writeLines(count, this.#format === 'csv' ? comma : tab, out)
      row += count
      // Rows of long texts are made a few at a time.
      const rowBytes = Math.max(1, (out.at - start) / count)
      this.#fillRows = Math.max(1, Math.min(fillRowsMax, Math.floor(fillBytes / rowBytes)))
    }
  }

  #writeLines(count: number, separator: number, out: ByteWriter): void {
    // A line that holds one NULL and nothing else would be an empty one, which is no row of a CSV file.
    const isSingle = this.#cells.length === 1 && this.#format === 'csv'
    for (let at = 0; at < count; at++) {
      if (this.#neededColumns > 0 && this.#lacks(at)) continue
      const start = out.at
      this.#writeCells(at, separator, out)
      if (isSingle && out.at === start) out.add(emptyText)
      out.bytes[out.at++] = newline
    }
  }

  #lacks(at: number): boolean {
    for (let column = 0; column < this.#neededColumns; column++) {
      const lane = this.#lanes[column] as Lane
      if (lane.hasNulls && lane.nulls[at] === 1) return true
    }
    return false
  }

  #writeCells(at: number, separator: number, out: ByteWriter): void {
    const cells = this.#cells
    for (let column = 0; column < cells.length; column++) {
      // Cells make room for their bytes; beyond them there is always some left for what stands between.
      if (column > 0) out.bytes[out.at++] = separator
      const lane = this.#lanes[column] as Lane
      if (lane.hasNulls && lane.nulls[at] === 1) out.add(this.#nullText)
      else (cells[column] as CellWriter)(lane, at, out)
    }
  }

  /** Statements begin at multiples of `insertRows`, wherever the rows that are asked for begin. */
  #writeInserts(first: number, count: number, out: ByteWriter): void {
    for (let at = 0; at < count; at++) {
      const row = first + at
      const inStatement = row % this.#insertRows
      if (inStatement === 0) out.add(this.#head)
      out.byte(0x28)
      this.#writeCells(at, comma, out)
      out.byte(0x29)
      const isLast = inStatement === this.#insertRows - 1 || row === this.#rowsOfTable - 1
      out.byte(isLast ? 0x3b : comma)
      out.byte(newline)
    }
  }
}

/** An empty text, quoted: what stands for NULL in a CSV of one column, lest the line be empty. */
const emptyText = Buffer.from('""')
