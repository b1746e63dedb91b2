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
  /** Processor time of all threads; absent where nobody tells. */
  readonly cpuMs?: number
  /** From the disk, not from the page cache; absent where nobody tells. */
  readonly readBytes?: number
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
  const known = (name: 'cpuMs' | 'readBytes' | 'writtenBytes') =>
    runs.every((run) => Number.isFinite(run[name])) ? { [name]: of((run) => run[name] ?? 0) } : {}
  const counters = [...new Set(runs.flatMap((run) => Object.keys(run.timings)))]
  return {
    runs: runs.length,
    importMs,
    closeMs: of((run) => run.closeMs),
    processMs: of((run) => run.processMs),
    rowsPerSecond: (input.rows / importMs) * 1000,
    bytesPerSecond: (input.inputBytes / importMs) * 1000,
    peakRssBytes: of((run) => run.peakRssBytes),
    databaseBytes: of((run) => run.databaseBytes),
    ...known('cpuMs'),
    ...known('readBytes'),
    ...known('writtenBytes'),
    timings: Object.fromEntries(counters.map((name) => [name, of((run) => run.timings[name] ?? 0)])),
  }
}
