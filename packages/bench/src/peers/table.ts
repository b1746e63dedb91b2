/** The results of the peers' bench as a table for the terminal. */
import { megabytes, millions, seconds, terminalTable, times } from '../report/index.js'
import type { PeerCaseRecord } from './record.js'

const headings = [
  'case',
  'beside',
  'import',
  'rows/s',
  'process',
  'peak RSS',
  'database',
  'Millrace',
  'peak RSS',
  'ratio',
  'of processes',
  'database',
]

export function peersTable(records: readonly PeerCaseRecord[]): string {
  const table = terminalTable(headings, [0, 1])
  for (const { name, pairs } of records) {
    for (const { rival, ours, theirs, ratios } of pairs) {
      table.push([
        name,
        rival.title,
        seconds(theirs.medians.importMs),
        millions(theirs.medians.rowsPerSecond),
        seconds(theirs.medians.processMs),
        megabytes(theirs.medians.peakRssBytes),
        megabytes(theirs.medians.databaseBytes),
        seconds(ours.medians.importMs),
        megabytes(ours.medians.peakRssBytes),
        `${times(ratios.importTime)} (${times(ratios.importTimeMin)}–${times(ratios.importTimeMax)})`,
        times(ratios.processTime),
        times(1 / ratios.databaseBytes),
      ])
    }
  }
  return table.toString()
}
