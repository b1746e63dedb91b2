/**
 * `pnpm bench:together [case…]`: imports into several databases at once, in one process and in one each,
 * beside the same imports in turn; with the default budget and with a small one. Prints a table and keeps
 * every run as JSON.
 */
import { type BenchOptions, benchCommand, caseName } from '../command-line.js'
import { millrace } from '../import/index.js'
import { beginBench, megabytes, seconds, terminalTable } from '../report/index.js'
import { type CaseName, caseNames, prepareWorkload, type Workload } from '../workloads/index.js'
import { measureTogether } from './measure.js'
import type { TogetherPoint, TogetherRecord, Way } from './record.js'

const usualCases: readonly CaseName[] = ['N3', 'N4']
const ways: readonly Way[] = ['in turn', 'one process', 'two processes']

/** The default (undefined), and the smallest that a user is promised. */
const budgets = [undefined, 64 * 1024 ** 2]

function togetherTable(points: readonly TogetherPoint[]): string {
  const headings = ['cases', 'budget of each', 'way', 'elapsed', 'imports', 'peak RSS of each process']
  const table = terminalTable(headings, [0, 2])
  for (const { cases, memoryBudget, way, elapsedMs, importMs, peakRssBytesMax } of points) {
    table.push([
      cases.join(' and '),
      memoryBudget === undefined ? 'default' : `${memoryBudget / 1024 ** 2} MiB`,
      way,
      seconds(elapsedMs),
      importMs.map(seconds).join(', '),
      peakRssBytesMax.map(megabytes).join(', '),
    ])
  }
  return table.toString()
}

async function benchTogether(names: readonly CaseName[], options: BenchOptions): Promise<void> {
  const { machine, startedAt, results } = beginBench('together')
  const onStep = (text: string) => console.error(text)
  const { scale, seed, folder, runs } = options
  onStep(`${names.join(' and ')}: making the inputs`)
  const workloads: Workload<CaseName>[] = []
  for (const name of names) workloads.push(await prepareWorkload(name, scale, folder, seed))
  const points: TogetherPoint[] = []
  for (const memoryBudget of budgets) {
    for (const way of ways) {
      const contender = millrace(memoryBudget === undefined ? {} : { memoryBudget })
      points.push(await measureTogether(contender, workloads, way, { folder, cold: false, onStep, runs }))
      const kept: TogetherRecord = { startedAt, machine, options: { scale, seed, cold: false }, points }
      results.save(kept)
    }
  }
  console.log(togetherTable(points))
  console.log('Medians of times, the most of all runs in memory; every result checked.')
  console.log(`Every run: ${results.path}`)
}

await benchCommand('bench:together', 'Imports into several databases at once.', { runs: 3 })
  .argument('[case...]', `of ${caseNames.join(', ')} (default: ${usualCases.join(' and ')})`, caseName)
  .action((names: CaseName[], options: BenchOptions) =>
    benchTogether(names.length === 0 ? usualCases : names, options),
  )
  .parseAsync()
