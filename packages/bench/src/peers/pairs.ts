/**
 * Runs Millrace and a rival in turn, A B A B, so that whatever else the machine does meets both alike; the
 * ratio is taken pair by pair.
 */
import {
  type Contender,
  type ImportRun,
  type MeasureOptions,
  type Medians,
  medians,
  prepareRuns,
} from '../import/index.js'
import { median } from '../report/index.js'
import type { Workload } from '../workloads/index.js'

export interface Side {
  readonly runs: readonly ImportRun[]
  readonly medians: Medians
}

/** How many times as much the rival needs: medians of the ratios of the pairs. */
export interface Ratios {
  readonly importTime: number
  readonly importTimeMin: number
  readonly importTimeMax: number
  /** Process start to exit. */
  readonly processTime: number
  readonly peakRss: number
  readonly databaseBytes: number
}

export interface Pairs {
  readonly rival: { readonly name: string; readonly title: string }
  readonly ours: Side
  readonly theirs: Side
  readonly ratios: Ratios
}

export function ratiosOf(ours: readonly ImportRun[], theirs: readonly ImportRun[]): Ratios {
  const of = (pick: (run: ImportRun) => number) =>
    ours.flatMap((run, index) => {
      const rival = theirs[index]
      return rival === undefined ? [] : [pick(rival) / pick(run)]
    })
  const importTimes = of((run) => run.importMs)
  return {
    importTime: median(importTimes),
    importTimeMin: Math.min(...importTimes),
    importTimeMax: Math.max(...importTimes),
    processTime: median(of((run) => run.processMs)),
    peakRss: median(of((run) => run.peakRssBytes)),
    databaseBytes: median(of((run) => run.databaseBytes)),
  }
}

/** Throws when either side fails or its result is wrong: then nothing of the pair counts. */
export async function measurePairs(
  contenders: { readonly ours: Contender; readonly rival: Contender },
  workload: Workload,
  count: number,
  options: MeasureOptions,
): Promise<Pairs> {
  const { ours, rival } = contenders
  const a = await prepareRuns(ours, workload, options)
  const b = await prepareRuns(rival, workload, options)
  const runs = { ours: [] as ImportRun[], theirs: [] as ImportRun[] }
  try {
    for (let pair = 1; pair <= count; pair++) {
      options.onStep(`${workload.name}, ${ours.title} and ${rival.title}: pair ${pair} of ${count}`)
      runs.ours.push(await a.run())
      runs.theirs.push(await b.run())
    }
  } finally {
    a.remove()
    b.remove()
  }
  const input = { rows: workload.rows, inputBytes: workload.bytes }
  return {
    rival: { name: rival.name, title: rival.title },
    ours: { runs: runs.ours, medians: medians(input, runs.ours) },
    theirs: { runs: runs.theirs, medians: medians(input, runs.theirs) },
    ratios: ratiosOf(runs.ours, runs.theirs),
  }
}
