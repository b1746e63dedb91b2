/**
 * JSON: one array of objects (`json`), or one object a line (`jsonl`). Written as it is read; nothing is
 * gathered.
 */
import type { ResultColumn, Row } from '../index.js'
import type { RowPrinter } from './row-printer.js'
import { jsonText } from './value-text.js'

export function jsonPrinter(): RowPrinter {
  let columns: readonly ResultColumn[] = []
  let rows = 0
  return {
    begin(resultColumns) {
      columns = resultColumns
      return '['
    },
    row: (row) => `${rows++ === 0 ? '\n' : ',\n'}${objectText(columns, row)}`,
    end: () => (rows === 0 ? ']\n' : '\n]\n'),
  }
}

export function jsonLinesPrinter(): RowPrinter {
  let columns: readonly ResultColumn[] = []
  return {
    begin(resultColumns) {
      columns = resultColumns
      return ''
    },
    row: (row) => `${objectText(columns, row)}\n`,
    end: () => '',
  }
}

function objectText(columns: readonly ResultColumn[], row: Row): string {
  let text = '{'
  for (let i = 0; i < columns.length; i++) {
    const { name, type } = columns[i]!
    text += `${i > 0 ? ',' : ''}${JSON.stringify(name)}:${jsonText(row[name], type)}`
  }
  return `${text}}`
}
