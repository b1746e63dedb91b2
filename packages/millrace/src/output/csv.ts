/**
 * CSV as `millrace import` reads it back: a header, `\n` line ends, NULL as an empty field and the empty
 * string as `""` (RFC 4180 otherwise).
 */
import type { ResultColumn } from '../index.js'
import type { RowPrinter } from './row-printer.js'
import { valueText } from './value-text.js'

const needsQuotes = /[",\r\n]|^$|^\s|\s$/

/**
 * Where a spreadsheet may take what follows for a formula (after OWASP, "CSV Injection"): at the beginning
 * of a text, blanks and quotes aside, and, as it may cut the file at other separators than it was written
 * with, behind `;`, a tab or a line end. Full-width signs count, too.
 */
const formulaStart = /(^|[;\t\r\n])([\s"]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g

/** Such a text, made harmless. */
function withoutFormulas(text: string): string {
  const safe = text.replace(formulaStart, "$1'$2")
  // A tab or line end alone is enough for some.
  return /^[\t\r\n]/.test(safe) ? `'${safe}` : safe
}

/** Whether a value is a text, or has texts in it: numbers, dates and bytes are no formulas. */
function holdsText(value: unknown, type: ResultColumn['type']): boolean {
  if (typeof value === 'string') return !type.startsWith('DECIMAL(')
  return typeof value === 'object' && !(value instanceof Date) && !(value instanceof Uint8Array)
}

export interface CsvOptions {
  /**
   * Puts an apostrophe before all that a spreadsheet would take for a formula in texts, lists and nodes.
   * That changes the data: `millrace import` reads the apostrophe back. Numbers (DECIMALs too), dates and
   * booleans stay as they are.
   */
  readonly spreadsheetSafe?: boolean
}

export function csvPrinter({ spreadsheetSafe = false }: CsvOptions = {}): RowPrinter {
  const safe = (text: string) => (spreadsheetSafe ? withoutFormulas(text) : text)
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
          const text = valueText(value, type)
          line += csvField(holdsText(value, type) ? safe(text) : text)
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
