/**
 * `pnpm bench:import [case…]`: imports of the workloads, each run in a fresh process through the public
 * interface. Prints a table of medians and keeps every run as JSON.
 */
import { Command, InvalidArgumentError } from 'commander'
import { dataFolder, describeMachine, machineLine, saveResults } from '../report/index.js'
import { type CaseName, caseNames } from '../workloads/index.js'
import { type CaseResult, measureCase } from './measure.js'
import { importTable, medians } from './table.js'

interface Options {
  readonly scale: number
  readonly runs: number
  readonly threads?: number
  readonly memory?: number
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('A number above 0 is expected.')
  return value
}

function whole(text: string): number {
  const value = positive(text)
  if (!Number.isInteger(value)) throw new InvalidArgumentError('A whole number is expected.')
  return value
}

function caseName(text: string, earlier: readonly CaseName[] | undefined): CaseName[] {
  const name = caseNames.find((one) => one === text.toUpperCase())
  if (name === undefined) throw new InvalidArgumentError(`The cases are ${caseNames.join(', ')}.`)
  return [...(earlier ?? []), name]
}

async function benchImports(cases: readonly CaseName[], options: Options): Promise<void> {
  const engine = {
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.memory === undefined ? {} : { memoryBudget: Math.round(options.memory * 1024 ** 2) }),
  }
  const machine = describeMachine()
  console.log(machineLine(machine))
  const results: CaseResult[] = []
  for (const name of cases) {
    const onStep = (text: string) => console.error(text)
    const { scale, runs } = options
    results.push(await measureCase(name, { scale, runs, engine, folder: dataFolder, onStep }))
  }
  console.log(importTable(results))
  console.log(
    `Medians of ${options.runs} runs; input in the page cache, commit synced, every result checked.`,
  )
  const path = saveResults('import', {
    startedAt: new Date().toISOString(),
    machine,
    options,
    cases: results.map((result) => ({ ...result, medians: medians(result) })),
  })
  console.log(`Every run: ${path}`)
}

await new Command('bench:import')
  .description('Imports of the workloads, each run in a fresh process.')
  .argument('[case...]', `the workloads: ${caseNames.join(', ')} (default: all)`, caseName)
  .option('--scale <factor>', 'rows of each workload, as a part of the whole', positive, 1)
  .option('--runs <count>', 'runs of each case', whole, 3)
  .option('--threads <count>', "parse threads (default: the engine's)", whole)
  .option('--memory <MiB>', "memory budget (default: the engine's)", positive)
  .action((cases: CaseName[], options: Options) =>
    benchImports(cases.length === 0 ? caseNames : cases, options),
  )
  .parseAsync()
