/**
 * `pnpm bench:read [case…]`: the same files through `readCsv` and through other parsers, in pairs, and the
 * memory of `readCsv` over sizes of the input. Installs the parsers first, apart from the workspace. Prints
 * tables and keeps every run as JSON.
 */
import { type BenchOptions, benchCommand, caseName, oneOf, positive } from '../command-line.js'
import { availablePeers } from '../peers/index.js'
import { beginBench } from '../report/index.js'
import { type CaseName, caseNames, prepareRows, prepareWorkload, shapes } from '../workloads/index.js'
import { measureReadPairs, readOnce, requireRightReader, sideOf } from './measure.js'
import { readCsvReader, readers } from './readers.js'
import type { ReadCaseRecord, ReadPairs, ReadRecord, ReadSize } from './record.js'
import { readTable, sizesTable } from './table.js'

interface Options extends BenchOptions {
  readonly peers?: readonly string[]
  readonly sizes?: readonly number[] | boolean
}

const usualCases: readonly CaseName[] = ['N1', 'N2', 'N3', 'E1']

/** In MB, of the shape of N3, whose rows take as many bytes on average. */
const usualSizes = [100, 500, 1000]
const bytesPerRow = 264

const onStep = (text: string) => console.error(text)

async function measureSize(megabytesWanted: number, options: Options): Promise<ReadSize> {
  const rows = Math.max(1, Math.round((megabytesWanted * 1e6 * options.scale) / bytesPerRow))
  onStep(`${rows} rows: making the input`)
  const workload = await prepareRows('N3', { rows, nodes: 0, seed: options.seed }, options.folder)
  await requireRightReader(readCsvReader, workload)
  const runs = []
  for (let run = 1; run <= options.runs; run++) {
    onStep(`${rows} rows: run ${run} of ${options.runs}`)
    runs.push(await readOnce(readCsvReader, workload))
  }
  const peakRssBytesMax = Math.max(...runs.map(({ peakRssBytes }) => peakRssBytes))
  return { rows, inputBytes: workload.bytes, ...sideOf(runs), peakRssBytesMax }
}

async function benchRead(cases: readonly CaseName[], sizes: readonly number[], options: Options) {
  const { machine, startedAt, results } = beginBench('read')
  const { ready, unavailable } = availablePeers(readers, cases.length === 0 ? [] : options.peers, onStep)
  for (const { rival, reason } of unavailable) console.log(`${rival} cannot be measured here: ${reason}`)
  const { scale, seed, folder, runs } = options
  const kept: ReadRecord & { cases: ReadCaseRecord[]; sizes: ReadSize[] } = {
    ...{ startedAt, machine, options: { scale, seed, cold: false }, unavailable },
    ...{ cases: [], sizes: [] },
  }
  for (const name of cases) {
    onStep(`${name}: making the input`)
    const workload = await prepareWorkload(name, scale, folder, seed)
    const pairs: ReadPairs[] = []
    const failures: { rival: string; reason: string }[] = []
    const input = { rows: workload.rows, inputBytes: workload.bytes }
    kept.cases.push({ name, title: shapes[name].title, ...input, pairs, failures })
    for (const rival of ready) {
      try {
        pairs.push(await measureReadPairs(readCsvReader, rival, workload, runs, onStep))
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        onStep(`${name}, ${rival.title}: not counted, ${reason}`)
        failures.push({ rival: rival.title, reason })
      }
      results.save(kept)
    }
  }
  for (const size of sizes) {
    kept.sizes.push(await measureSize(size, options))
    results.save(kept)
  }
  if (cases.length > 0) console.log(readTable(kept.cases))
  if (sizes.length > 0) console.log(sizesTable(kept.sizes))
  console.log(
    `Medians of ${runs} runs, a fresh process each; input in the page cache, every result checked. ` +
      'Ratios are those of the pairs: theirs to ours.',
  )
  console.log(`Every run: ${results.path}`)
}

const readerNames = readers.map((reader) => reader.name)

await benchCommand('bench:read', 'The same files through readCsv and through other parsers, in pairs.', {
  runs: 5,
})
  .argument(
    '[case...]',
    `of ${caseNames.join(', ')} (default: ${usualCases.join(', ')} and --sizes)`,
    caseName,
  )
  .option('--peers <name...>', `only these: ${readerNames.join(', ')}`, oneOf(readerNames))
  .option(
    '--sizes [MB...]',
    `memory over sizes of the input (default: ${usualSizes.join(', ')}), without cases unless named`,
    (text: string, earlier: unknown) => [...(Array.isArray(earlier) ? earlier : []), positive(text)],
  )
  .action((cases: CaseName[], options: Options) => {
    const isPlain = cases.length === 0 && options.sizes === undefined && options.peers === undefined
    const given = options.sizes === true || isPlain ? usualSizes : options.sizes
    const wanted = cases.length > 0 || options.sizes !== undefined ? cases : usualCases
    return benchRead(wanted, Array.isArray(given) ? given : [], options)
  })
  .parseAsync()
