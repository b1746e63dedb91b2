/** Results as text on stdout: formats, values, and the sink that waits for its reader. */
import { type CsvOptions, csvPrinter } from './csv.js'
import { jsonLinesPrinter, jsonPrinter } from './json.js'
import type { RowPrinter } from './row-printer.js'
import { type Colours, tablePrinter } from './table.js'

export type { RowPrinter } from './row-printer.js'
export { OutputClosed, TextSink } from './text-sink.js'

export const outputFormats = ['table', 'csv', 'json', 'jsonl'] as const
export type OutputFormat = (typeof outputFormats)[number]

/** A printer of `format`. `colours` are used by tables only, `csv` by CSV. */
export function printerOf(format: OutputFormat, colours: Colours, csv: CsvOptions = {}): RowPrinter {
  if (format === 'csv') return csvPrinter(csv)
  if (format === 'json') return jsonPrinter()
  if (format === 'jsonl') return jsonLinesPrinter()
  return tablePrinter(colours)
}
