/**
 * Reads a file in fresh processes, and reports only readers whose results are right: each reads the file once
 * more, in a process of its own that adds up columns, before it is timed; every timed run counts all records.
 */
import { runChild, settle } from '../import/index.js'
import { median } from '../report/index.js'
import { sumsOf, type Workload } from '../workloads/index.js'
import type { ReadAnswer, ReadRequest, SumAnswer, SumRequest } from './protocol.js'
import type { Reader } from './readers.js'
import type { ReadMedians, ReadPairs, ReadRatios, ReadRun, ReadSide } from './record.js'

/** Sums of decimals depend on the order of addition; they agree to this part of their value. */
const relativeTolerance = 1e-9

/** Throws when the sums over columns, or the count, are not the generator's. */
export async function requireRightReader({ modulePath, reuse }: Reader, workload: Workload): Promise<void> {
  const expected = sumsOf(workload)
  const request: SumRequest = {
    ...({ action: 'sum', csvPath: workload.path, reuse } as const),
    columns: Object.keys(expected),
  }
  const { rows, sums } = (await runChild(modulePath, request)).answer as SumAnswer
  if (rows !== workload.rows) throw new Error(`${rows} rows instead of ${workload.rows}`)
  for (const [column, sum] of Object.entries(expected)) {
    const found = sums[column] ?? Number.NaN
    if (Math.abs(found - sum) <= Math.abs(sum) * relativeTolerance) continue
    throw new Error(`the sum of ${column} is ${found} instead of ${sum}`)
  }
}

/** One timed run. Throws when it did not read all records. */
export async function readOnce({ modulePath, reuse }: Reader, workload: Workload): Promise<ReadRun> {
  settle(workload.path, false)
  const request: ReadRequest = { action: 'read', csvPath: workload.path, reuse }
  const { answer, processMs } = await runChild(modulePath, request)
  const run = { ...(answer as ReadAnswer), processMs }
  if (run.rows !== workload.rows) throw new Error(`${run.rows} rows instead of ${workload.rows}`)
  return run
}

export function sideOf(runs: readonly ReadRun[]): ReadSide {
  const of = (pick: (run: ReadRun) => number) => median(runs.map(pick))
  const medians: ReadMedians = {
    readMs: of((run) => run.readMs),
    processMs: of((run) => run.processMs),
    cpuMs: of((run) => run.cpuMs),
    peakRssBytes: of((run) => run.peakRssBytes),
  }
  return { runs, medians }
}

export function readRatiosOf(ours: readonly ReadRun[], theirs: readonly ReadRun[]): ReadRatios {
  const of = (pick: (run: ReadRun) => number) => ours.map((run, i) => pick(theirs[i]!) / pick(run))
  const times = of((run) => run.readMs)
  return {
    readTime: median(times),
    readTimeMin: Math.min(...times),
    readTimeMax: Math.max(...times),
    processTime: median(of((run) => run.processMs)),
  }
}

/** Both in turn, A B A B. Throws when either fails or is wrong: then nothing of the pair counts. */
export async function measureReadPairs(
  own: Reader,
  rival: Reader & { readonly name: string; readonly title: string },
  workload: Workload,
  count: number,
  onStep: (text: string) => void,
): Promise<ReadPairs> {
  onStep(`${workload.name}: checking readCsv and ${rival.title}`)
  await requireRightReader(own, workload)
  await requireRightReader(rival, workload)
  const ours: ReadRun[] = []
  const theirs: ReadRun[] = []
  for (let pair = 1; pair <= count; pair++) {
    onStep(`${workload.name}, readCsv and ${rival.title}: pair ${pair} of ${count}`)
    ours.push(await readOnce(own, workload))
    theirs.push(await readOnce(rival, workload))
  }
  return {
    rival: { name: rival.name, title: rival.title },
    ours: sideOf(ours),
    theirs: sideOf(theirs),
    ratios: readRatiosOf(ours, theirs),
  }
}
