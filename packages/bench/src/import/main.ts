/**
 * `pnpm bench:import [case…]`: imports of the workloads, each run in a fresh process through the public
 * interface. Prints a table of medians and keeps every run as JSON.
 */
import { type BenchOptions, benchCommand, caseName, positive, whole, withCold } from '../command-line.js'
import { beginBench } from '../report/index.js'
import { type CaseName, caseNames, prepareWorkload, shapes } from '../workloads/index.js'
import { millrace } from './contender.js'
import { measureRuns } from './measure.js'
import { medians } from './medians.js'
import type { CaseRecord, ImportRecord } from './record.js'
import { importTable, timingLines } from './table.js'

interface Options extends BenchOptions {
  readonly cold: boolean
  readonly threads?: number
  readonly memory?: number
}

async function benchImports(cases: readonly CaseName[], options: Options): Promise<void> {
  const contender = millrace({
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.memory === undefined ? {} : { memoryBudget: Math.round(options.memory * 1024 ** 2) }),
  })
  const { machine, startedAt, results } = beginBench('import')
  const onStep = (text: string) => console.error(text)
  const records: CaseRecord[] = []
  for (const name of cases) {
    onStep(`${name}: making the input`)
    const workload = await prepareWorkload(name, options.scale, options.folder, options.seed)
    const measureOptions = { folder: options.folder, cold: options.cold, onStep }
    const runs = await measureRuns(contender, workload, options.runs, measureOptions)
    const input = { rows: workload.rows, inputBytes: workload.bytes }
    records.push({ name, title: shapes[name].title, ...input, runs, medians: medians(input, runs) })
    results.save({ startedAt, machine, options, cases: records } satisfies ImportRecord)
  }
  console.log(importTable(records))
  console.log(timingLines(records))
  const cache = options.cold ? 'input not in the page cache' : 'input in the page cache'
  console.log(`Medians of ${options.runs} runs; ${cache}, commit synced, every result checked.`)
  console.log(`Every run: ${results.path}`)
}

await withCold(
  benchCommand('bench:import', 'Imports of the workloads, each run in a fresh process.', { runs: 3 }),
)
  .argument('[case...]', `the workloads: ${caseNames.join(', ')} (default: all)`, caseName)
  .option('--threads <count>', "parse threads (default: the engine's)", whole)
  .option('--memory <MiB>', "memory budget (default: the engine's)", positive)
  .action((cases: CaseName[], options: Options) =>
    benchImports(cases.length === 0 ? caseNames : cases, options),
  )
  .parseAsync()
