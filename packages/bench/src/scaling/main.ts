/**
 * `pnpm bench:scaling [case…]`: one parse thread against several, in pairs; with `--cores`, one processor
 * against several. Prints a table and keeps every run as JSON.
 */
import { type BenchOptions, benchCommand, caseName, whole } from '../command-line.js'
import { type Contender, millrace } from '../import/index.js'
import { measurePairs } from '../peers/index.js'
import { beginBench, megabytes, seconds, terminalTable, times } from '../report/index.js'
import { type CaseName, caseNames, prepareWorkload, shapes } from '../workloads/index.js'
import type { ScalingBy, ScalingCaseRecord, ScalingRecord } from './record.js'

interface Options extends BenchOptions {
  readonly threads: number
  readonly cores: boolean
}

/** A small file's time is that of starting: it has nothing to divide. */
const usualCases = caseNames.filter((name) => name !== 'A1')

function contenderWith(by: ScalingBy, count: number): Contender {
  const one = by === 'threads' ? 'thread' : 'core'
  const title = `${count} ${count === 1 ? one : by}`
  const name = `millrace-${by}-${count}`
  if (by === 'threads') return millrace({ threads: count }, name, title)
  // Part of util-linux. Everything the process starts inherits it.
  const launcher = ['taskset', '--cpu-list', count === 1 ? '0' : `0-${count - 1}`]
  return { ...millrace({}, name, title), launcher }
}

async function benchCase(name: CaseName, options: Options): Promise<ScalingCaseRecord> {
  const by = options.cores ? 'cores' : 'threads'
  const count = options.threads
  const onStep = (text: string) => console.error(text)
  onStep(`${name}: making the input`)
  const workload = await prepareWorkload(name, options.scale, options.folder, options.seed)
  const contenders = { ours: contenderWith(by, count), rival: contenderWith(by, 1) }
  const measureOptions = { folder: options.folder, cold: false, onStep }
  const pairs = await measurePairs(contenders, workload, options.runs, measureOptions)
  const { rows, bytes } = workload
  return { name, title: shapes[name].title, rows, inputBytes: bytes, by, count, pairs }
}

function scalingTable(cases: readonly ScalingCaseRecord[]): string {
  const headings = ['case', 'one', 'several', 'faster', 'of processes', 'peak RSS, one', 'several']
  const table = terminalTable(headings)
  for (const { name, title, count, by, pairs } of cases) {
    const { ours, theirs, ratios } = pairs
    table.push([
      `${name} ${title}, 1 and ${count} ${by}`,
      seconds(theirs.medians.importMs),
      seconds(ours.medians.importMs),
      `${times(ratios.importTime)} (${times(ratios.importTimeMin)}–${times(ratios.importTimeMax)})`,
      times(ratios.processTime),
      megabytes(theirs.medians.peakRssBytes),
      megabytes(ours.medians.peakRssBytes),
    ])
  }
  return table.toString()
}

async function benchScaling(names: readonly CaseName[], options: Options): Promise<void> {
  const { machine, startedAt, results } = beginBench('scaling')
  const cases: ScalingCaseRecord[] = []
  for (const name of names) {
    cases.push(await benchCase(name, options))
    const { scale, seed } = options
    results.save({ startedAt, machine, options: { scale, seed, cold: false }, cases } satisfies ScalingRecord)
  }
  console.log(scalingTable(cases))
  console.log(`Medians of ${options.runs} pairs, a fresh process each, every result checked.`)
  console.log(`Every run: ${results.path}`)
}

await benchCommand('bench:scaling', 'One thread against several, in pairs.', { runs: 5 })
  .argument('[case...]', `the workloads: ${caseNames.join(', ')} (default: all but A1)`, caseName)
  .option('--threads <count>', 'how many, beside one', whole, 2)
  .option('--cores', 'processors for the whole process (taskset, Linux) instead of parse threads', false)
  .action((names: CaseName[], options: Options) =>
    benchScaling(names.length === 0 ? usualCases : names, options),
  )
  .parseAsync()
