/**
 * CSV as `millrace import` reads it back: a header, `\n` line ends, NULL as an empty field and the empty
 * string as `""` (RFC 4180 otherwise).
 */
import type { ResultColumn } from '../index.js'
import type { RowPrinter } from './row-printer.js'
import { valueText } from './value-text.js'

const needsQuotes = /[",\r\n]|^$|^\s|\s$/

/** What spreadsheets take for a formula; full-width signs too. */
const looksLikeFormula = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/

export interface CsvOptions {
  /**
   * Puts an apostrophe before texts that a spreadsheet would take for a formula. That changes the data:
   * `millrace import` reads the apostrophe back. Numbers, dates and booleans stay as they are.
   */
  readonly spreadsheetSafe?: boolean
}

export function csvPrinter({ spreadsheetSafe = false }: CsvOptions = {}): RowPrinter {
  const safe = (text: string) => (spreadsheetSafe && looksLikeFormula.test(text) ? `'${text}` : text)
  let columns: readonly ResultColumn[] = []
  return {
    begin(resultColumns) {
      columns = resultColumns
      return `${columns.map(({ name }) => csvField(safe(name))).join(',')}\n`
    },
    row(row) {
      let line = ''
      for (let i = 0; i < columns.length; i++) {
        const { name, type } = columns[i]!
        const value = row[name]
        if (i > 0) line += ','
        if (value !== null && value !== undefined) {
          line += csvField(typeof value === 'string' ? safe(value) : valueText(value, type))
        }
      }
      return `${line}\n`
    },
    end: () => '',
  }
}

function csvField(text: string): string {
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
