/**
 * `pnpm bench:report`: takes the newest results into the figures of record, and makes docs/benchmarks.md, the
 * README's table and the charts from them. Without new results it makes the same files again.
 */
import { Command } from 'commander'
import { positive } from '../command-line.js'
import type { ImportRecord } from '../import/index.js'
import type { MemoryRecord } from '../memory/index.js'
import type { PeersRecord } from '../peers/index.js'
import { readResults, repositoryFolder } from '../report/index.js'
import { addRecords, type MicroRecord } from './figures.js'
import { readFigures, writeReport } from './write.js'

interface Options {
  readonly scale: number
  readonly root: string
}

function report({ scale, root }: Options): void {
  const records = {
    imports: readResults('import') as ImportRecord[],
    peers: readResults('peers') as PeersRecord[],
    memory: readResults('memory') as MemoryRecord[],
    micro: readResults('micro') as MicroRecord[],
  }
  const figures = addRecords(readFigures(root), records, scale)
  for (const path of writeReport(root, figures)) console.log(path)
}

await new Command('bench:report')
  .description('Makes docs/benchmarks.md, the README table and the charts from the newest results.')
  .option('--scale <factor>', 'count the results at this scale', positive, 1)
  .option('--root <folder>', 'the clone to write into', repositoryFolder)
  .action((options: Options) => report(options))
  .parseAsync()
