/** The results of the import bench as a table for the terminal. */
import { megabytes, millions, rowCount, seconds, terminalTable } from '../report/index.js'
import type { CaseRecord } from './record.js'

const headings = [
  'case',
  'rows',
  'input',
  'import',
  'rows/s',
  'MB/s',
  'process',
  'peak RSS',
  'written',
  'database',
]

export function importTable(records: readonly CaseRecord[]): string {
  const table = terminalTable(headings)
  for (const { name, title, rows, inputBytes, medians } of records) {
    table.push([
      `${name} ${title}`,
      rowCount(rows),
      megabytes(inputBytes),
      seconds(medians.importMs),
      millions(medians.rowsPerSecond),
      (medians.bytesPerSecond / 1e6).toFixed(0),
      seconds(medians.processMs),
      megabytes(medians.peakRssBytes),
      megabytes(medians.writtenBytes),
      megabytes(medians.databaseBytes),
    ])
  }
  return table.toString()
}

/** Where the engine says the time went, a line a case. */
export function timingLines(records: readonly CaseRecord[]): string {
  return records
    .map(({ name, medians }) => {
      const counters = Object.entries(medians.timings).map(([counter, value]) => {
        const isTime = counter.endsWith('Ms')
        return `${counter.replace(/Ms$/, '')} ${isTime ? seconds(value) : value}`
      })
      return `${name}: ${counters.join(', ')}`
    })
    .join('\n')
}
