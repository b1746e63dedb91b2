/**
 * `pnpm bench:report`: takes the newest results into the figures of record, and makes docs/benchmarks.md, the
 * README's table and the charts from them. Without new results it makes the same files again.
 */
import { Command } from 'commander'
import { positive, whole } from '../command-line.js'
import { readResults, repositoryFolder, resultsFolder } from '../report/index.js'
import { defaultSeed } from '../workloads/index.js'
import { addRecords } from './add-records.js'
import type { Records } from './figures.js'
import { readFigures, writeReport } from './write.js'

interface Options {
  readonly scale: number
  readonly seed: number
  readonly root: string
  readonly results: string
}

/** The names under which the benches keep their results. */
const benches: Readonly<Record<keyof Records, string>> = {
  imports: 'import',
  peers: 'peers',
  reads: 'read',
  scaling: 'scaling',
  memory: 'memory',
  cgroups: 'cgroup',
  together: 'together',
  growth: 'growth',
  generated: 'generate',
  micro: 'micro',
}

function report({ scale, seed, root, results }: Options): void {
  const read = Object.entries(benches).map(([kind, bench]) => [kind, readResults(bench, results)])
  const records = Object.fromEntries(read) as Records
  const figures = addRecords(readFigures(root), records, { scale, seed })
  for (const path of writeReport(root, figures)) console.log(path)
}

await new Command('bench:report')
  .description('Makes docs/benchmarks.md, the README table and the charts from the newest results.')
  .option('--scale <factor>', 'count the results at this scale', positive, 1)
  .option('--seed <number>', 'count the results with this seed', whole, defaultSeed)
  .option('--results <folder>', 'where the results lie, for instance those of another machine', resultsFolder)
  .option('--root <folder>', 'the clone to write into', repositoryFolder)
  .action((options: Options) => report(options))
  .parseAsync()
