/**
 * CSV as `millrace import` reads it back: a header, `\n` line ends, NULL as an empty field and the empty
 * string as `""` (RFC 4180 otherwise).
 */
import type { ResultColumn } from '../index.js'
import type { RowPrinter } from './row-printer.js'
import { valueText } from './value-text.js'

const needsQuotes = /[",\r\n]|^$|^\s|\s$/

export function csvPrinter(): RowPrinter {
  let columns: readonly ResultColumn[] = []
  return {
    begin(resultColumns) {
      columns = resultColumns
      return `${columns.map(({ name }) => csvField(name)).join(',')}\n`
    },
    row(row) {
      let line = ''
      for (let i = 0; i < columns.length; i++) {
        const { name, type } = columns[i]!
        const value = row[name]
        if (i > 0) line += ','
        if (value !== null && value !== undefined) line += csvField(valueText(value, type))
      }
      return `${line}\n`
    },
    end: () => '',
  }
}

function csvField(text: string): string {
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
