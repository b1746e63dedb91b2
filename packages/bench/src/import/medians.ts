/** The middle of several runs, figure by figure. */
import { median } from '../report/index.js'
import type { ImportRun } from './measure.js'

export interface Medians {
  readonly runs: number
  readonly importMs: number
  readonly closeMs: number
  readonly processMs: number
  readonly rowsPerSecond: number
  /** Of the input. */
  readonly bytesPerSecond: number
  readonly peakRssBytes: number
  readonly databaseBytes: number
  /** Absent where the system does not tell. */
  readonly writtenBytes?: number
  readonly timings: Readonly<Record<string, number>>
}

export function medians(
  input: { readonly rows: number; readonly inputBytes: number },
  runs: readonly ImportRun[],
): Medians {
  const of = (pick: (run: ImportRun) => number) => median(runs.map(pick))
  const importMs = of((run) => run.importMs)
  const isWrittenKnown = runs.every((run) => run.writtenBytes !== undefined)
  const counters = Object.keys(runs[0]?.timings ?? {})
  return {
    runs: runs.length,
    importMs,
    closeMs: of((run) => run.closeMs),
    processMs: of((run) => run.processMs),
    rowsPerSecond: (input.rows / importMs) * 1000,
    bytesPerSecond: (input.inputBytes / importMs) * 1000,
    peakRssBytes: of((run) => run.peakRssBytes),
    databaseBytes: of((run) => run.databaseBytes),
    ...(isWrittenKnown ? { writtenBytes: of((run) => run.writtenBytes ?? 0) } : {}),
    timings: Object.fromEntries(counters.map((name) => [name, of((run) => run.timings[name] ?? 0)])),
  }
}
