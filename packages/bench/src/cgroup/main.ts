/**
 * `pnpm bench:cgroup [case…]`: imports inside a memory cgroup without swap. The input is dropped from the
 * page cache first, so that what the import reads is charged to the group, as is what it writes. Prints a
 * table and keeps every run as JSON.
 */
import { type BenchOptions, benchCommand, caseName, positives } from '../command-line.js'
import { ChildFailure, medians, millrace, type PreparedRuns, prepareRuns } from '../import/index.js'
import { beginBench, megabytes, seconds, terminalTable } from '../report/index.js'
import {
  type CaseName,
  caseNames,
  prepareRows,
  prepareWorkload,
  shapes,
  type Workload,
} from '../workloads/index.js'
import { MemoryGroup } from './memory-group.js'
import type { CgroupPoint, CgroupRecord, CgroupRun } from './record.js'

interface Options extends BenchOptions {
  /** In MiB. */
  readonly limits?: readonly number[]
}

const mebibyte = 1024 ** 2

/** In MiB: what must do, and what is good to know. */
const usualLimits = [512, 256]
const usualCases: readonly CaseName[] = ['N3', 'E2']

/** A thousand million bytes of N3's shape; 264 bytes are an average row. */
const wideRows = Math.round(1e9 / 264)

const onStep = (text: string) => console.error(text)

async function inputOf(name: CaseName, { scale, seed, folder }: Options): Promise<Workload<CaseName>> {
  onStep(`${name}: making the input`)
  if (name !== 'N3') return await prepareWorkload(name, scale, folder, seed)
  return await prepareRows(name, { rows: Math.max(1, Math.round(wideRows * scale)), nodes: 0, seed }, folder)
}

async function runInGroup(prepared: PreparedRuns, limitBytes: number): Promise<CgroupRun | string> {
  const group = MemoryGroup.create(limitBytes)
  try {
    const run = await prepared.run(group.launcher)
    return { ...run, groupPeakBytes: group.peakBytes ?? run.peakRssBytes }
  } catch (error) {
    // A wrong result is no matter of memory.
    if (!(error instanceof ChildFailure)) throw error
    return group.kills > 0 ? 'killed: out of memory' : error.message
  } finally {
    await group.remove()
  }
}

async function measurePoint(
  workload: Workload<CaseName>,
  limit: number,
  options: Options,
): Promise<CgroupPoint> {
  const { name, rows, bytes } = workload
  const limitBytes = Math.round(limit * mebibyte)
  const prepared = await prepareRuns(millrace({}), workload, { folder: options.folder, cold: true, onStep })
  const runs: CgroupRun[] = []
  const failures: string[] = []
  try {
    for (let count = 1; count <= options.runs; count++) {
      onStep(`${name} within ${limit} MiB: run ${count} of ${options.runs}`)
      const run = await runInGroup(prepared, limitBytes)
      if (typeof run === 'string') failures.push(run)
      else runs.push(run)
    }
  } finally {
    prepared.remove()
  }
  const input = { rows, inputBytes: bytes }
  return {
    name,
    title: shapes[name].title,
    ...input,
    limitBytes,
    runs,
    failures,
    ...(runs.length > 0 ? { medians: medians(input, runs) } : {}),
    groupPeakBytesMax: Math.max(0, ...runs.map((run) => run.groupPeakBytes)),
  }
}

function cgroupTable(points: readonly CgroupPoint[]): string {
  const headings = [
    'case',
    'input',
    'limit',
    'succeeded',
    'import',
    'process',
    'peak RSS',
    'peak of the group',
  ]
  const table = terminalTable(headings)
  for (const { name, inputBytes, limitBytes, runs, failures, ...point } of points) {
    const { medians } = point
    table.push([
      name,
      megabytes(inputBytes),
      `${limitBytes / mebibyte} MiB`,
      `${runs.length} of ${runs.length + failures.length}`,
      medians === undefined ? '–' : seconds(medians.importMs),
      medians === undefined ? '–' : seconds(medians.processMs),
      megabytes(medians?.peakRssBytes),
      megabytes(point.groupPeakBytesMax),
    ])
  }
  return table.toString()
}

/** Why there is nothing to measure here; undefined when there is. */
function whyUnavailable(): string | undefined {
  try {
    void MemoryGroup.create(512 * mebibyte).remove()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function benchCgroups(names: readonly CaseName[], options: Options): Promise<void> {
  const { machine, startedAt, results } = beginBench('cgroup')
  const reason = whyUnavailable()
  if (reason !== undefined) {
    console.log(`Skipped: ${reason}`)
    return
  }
  const points: CgroupPoint[] = []
  for (const name of names) {
    const workload = await inputOf(name, options)
    for (const limit of options.limits ?? usualLimits) {
      points.push(await measurePoint(workload, limit, options))
      const { scale, seed } = options
      results.save({
        startedAt,
        machine,
        options: { scale, seed, cold: false },
        points,
      } satisfies CgroupRecord)
    }
  }
  console.log(cgroupTable(points))
  for (const { name, limitBytes, failures } of points) {
    for (const failure of failures) console.log(`${name} within ${limitBytes / mebibyte} MiB: ${failure}`)
  }
  console.log('No swap; the input is not in the page cache when a run starts; every result checked.')
  console.log(`Every run: ${results.path}`)
}

await benchCommand('bench:cgroup', 'Imports inside a memory cgroup, where the page cache counts.', {
  runs: 3,
})
  .argument(
    '[case...]',
    `of ${caseNames.join(', ')} (default: ${usualCases.join(', ')}; N3 at 1 GB)`,
    caseName,
  )
  .option('--limits <MiB...>', `limits of the group (default: ${usualLimits.join(', ')})`, positives)
  .action((names: CaseName[], options: Options) =>
    benchCgroups(names.length === 0 ? usualCases : names, options),
  )
  .parseAsync()
