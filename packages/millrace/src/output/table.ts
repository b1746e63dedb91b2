/**
 * A table for reading. Rows are gathered in pages, so that a result of any length is shown in bounded memory:
 * each page is a table of its own with columns as wide as its cells.
 */
import Table from 'cli-table3'
import type pc from 'picocolors'
import type { ResultColumn, Row } from '../index.js'
import { visible } from '../terminal/index.js'
import type { RowPrinter } from './row-printer.js'
import { valueText } from './value-text.js'

/** Rows of one page. */
const pageRows = 1000

export type Colours = ReturnType<typeof pc.createColors>

const numeric = /^(U?INT\d+|DOUBLE|FLOAT|DECIMAL\(\d+,\d+\))$/

export function tablePrinter(colours: Colours): RowPrinter {
  let columns: readonly ResultColumn[] = []
  let cells: string[][] = []
  let pages = 0
  function takePage(): string {
    const text = renderTable(columns, cells, colours)
    cells = []
    pages++
    return text
  }
  return {
    begin(resultColumns) {
      columns = resultColumns
      return ''
    },
    row(row) {
      cells.push(columns.map(({ name, type }) => cellText(row[name], type, colours)))
      return cells.length < pageRows ? '' : takePage()
    },
    end: () => (cells.length > 0 || pages === 0 ? takePage() : ''),
  }
}

function renderTable(columns: readonly ResultColumn[], cells: string[][], colours: Colours): string {
  const table = new Table({
    head: columns.map(({ name }) => colours.bold(visible(name))),
    colAligns: columns.map(({ type }) => (numeric.test(type) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  })
  table.push(...cells)
  return `${table.toString()}\n`
}

function cellText(value: Row[string], type: ResultColumn['type'], colours: Colours): string {
  if (value === null || value === undefined) return colours.dim('NULL')
  return visible(valueText(value, type))
}
