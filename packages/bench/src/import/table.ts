/** The results of the import bench as a table for the terminal. */
import Table from 'cli-table3'
import { median } from '../report/index.js'
import type { CaseResult, ImportRun } from './measure.js'

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

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '–' : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
}

function seconds(elapsedMs: number): string {
  return `${(elapsedMs / 1000).toFixed(2)} s`
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(2)} M`
}

/** The medians of a case, column by column. */
export function medians(result: CaseResult) {
  const of = (pick: (run: ImportRun) => number) => median(result.runs.map(pick))
  const importMs = of((run) => run.importMs)
  const isWrittenKnown = result.runs.every((run) => run.writtenBytes !== undefined)
  return {
    importMs,
    closeMs: of((run) => run.closeMs),
    processMs: of((run) => run.processMs),
    rowsPerSecond: (result.rows / importMs) * 1000,
    bytesPerSecond: (result.inputBytes / importMs) * 1000,
    peakRssBytes: of((run) => run.peakRssBytes),
    databaseBytes: of((run) => run.databaseBytes),
    ...(isWrittenKnown ? { writtenBytes: of((run) => run.writtenBytes ?? 0) } : {}),
  }
}

export function importTable(results: readonly CaseResult[]): string {
  const table = new Table({
    head: headings,
    colAligns: headings.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [] },
  })
  for (const result of results) {
    const middle = medians(result)
    table.push([
      `${result.name} ${result.title}`,
      millions(result.rows),
      megabytes(result.inputBytes),
      seconds(middle.importMs),
      millions(middle.rowsPerSecond),
      (middle.bytesPerSecond / 1e6).toFixed(0),
      seconds(middle.processMs),
      megabytes(middle.peakRssBytes),
      megabytes(middle.writtenBytes),
      megabytes(middle.databaseBytes),
    ])
  }
  return table.toString()
}
