/** The results of the bench of reading as tables for the terminal. */
import { megabytes, millions, seconds, terminalTable, times } from '../report/index.js'
import type { ReadCaseRecord, ReadSize } from './record.js'

export function readTable(records: readonly ReadCaseRecord[]): string {
  const headings = ['case', 'beside', 'read', 'readCsv', 'ratio', 'process', 'readCsv', 'ratio']
  const table = terminalTable([...headings, 'peak RSS', 'readCsv'], [0, 1])
  for (const { name, pairs } of records) {
    for (const { rival, ours, theirs, ratios } of pairs) {
      table.push([
        name,
        rival.title,
        seconds(theirs.medians.readMs),
        seconds(ours.medians.readMs),
        `${times(ratios.readTime)} (${times(ratios.readTimeMin)}–${times(ratios.readTimeMax)})`,
        seconds(theirs.medians.processMs),
        seconds(ours.medians.processMs),
        times(ratios.processTime),
        megabytes(theirs.medians.peakRssBytes),
        megabytes(ours.medians.peakRssBytes),
      ])
    }
  }
  return table.toString()
}

export function sizesTable(sizes: readonly ReadSize[]): string {
  const table = terminalTable(['input', 'rows', 'read', 'MB/s', 'peak RSS', 'most of all runs'], [])
  for (const { inputBytes, rows, medians, peakRssBytesMax } of sizes) {
    table.push([
      megabytes(inputBytes),
      millions(rows),
      seconds(medians.readMs),
      (inputBytes / medians.readMs / 1000).toFixed(0),
      megabytes(medians.peakRssBytes),
      megabytes(peakRssBytesMax),
    ])
  }
  return table.toString()
}
