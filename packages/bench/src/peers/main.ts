/**
 * `pnpm bench:peers [case…]`: the same files into Millrace and into other engines, in pairs. Installs the
 * engines first, apart from the workspace. Prints a table and keeps every run as JSON.
 */
import { type BenchOptions, benchCommand, caseName, oneOf, withCold } from '../command-line.js'
import { type MeasureOptions, millrace } from '../import/index.js'
import { beginBench } from '../report/index.js'
import { type CaseName, caseNames, prepareWorkload, shapes } from '../workloads/index.js'
import { availablePeers, type Refusal } from './available.js'
import { measurePairs, type Pairs } from './pairs.js'
import { type Peer, peers } from './peers.js'
import type { PeerCaseRecord, PeersRecord } from './record.js'
import { peersTable } from './table.js'

interface Options extends BenchOptions {
  readonly cold: boolean
  readonly peers?: readonly string[]
}

const onStep = (text: string) => console.error(text)

/** Tells `keep` of the case whenever there is more of it. */
async function benchCase(
  name: CaseName,
  rivals: readonly Peer[],
  options: Options,
  keep: (record: PeerCaseRecord) => void,
): Promise<PeerCaseRecord> {
  onStep(`${name}: making the input`)
  const workload = await prepareWorkload(name, options.scale, options.folder, options.seed)
  const measureOptions: MeasureOptions = { folder: options.folder, cold: options.cold, onStep }
  const ours = millrace({})
  const pairs: Pairs[] = []
  const failures: Refusal[] = []
  const { rows, bytes } = workload
  const record = { name, title: shapes[name].title, rows, inputBytes: bytes, pairs, failures }
  for (const rival of rivals) {
    try {
      pairs.push(await measurePairs({ ours, rival }, workload, options.runs, measureOptions))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      onStep(`${name}, ${rival.title}: not counted, ${reason}`)
      failures.push({ rival: rival.title, reason })
    }
    keep(record)
  }
  return record
}

async function benchPeers(cases: readonly CaseName[], options: Options): Promise<void> {
  const { machine, startedAt, results } = beginBench('peers')
  const { ready, unavailable } = availablePeers(peers, options.peers, onStep)
  for (const { rival, reason } of unavailable) console.log(`${rival} cannot be measured here: ${reason}`)
  const records: PeerCaseRecord[] = []
  for (const name of cases) {
    const keep = (record: PeerCaseRecord) => {
      const kept: PeersRecord = { startedAt, machine, options, unavailable, cases: [...records, record] }
      results.save(kept)
    }
    records.push(await benchCase(name, ready, options, keep))
  }
  console.log(peersTable(records))
  for (const { name, failures } of records) {
    for (const { rival, reason } of failures) console.log(`${name}, ${rival}: not counted, ${reason}`)
  }
  const cache = options.cold ? 'input not in the page cache' : 'input in the page cache'
  console.log(
    `Medians of ${options.runs} pairs, a fresh process each; ${cache}, every result checked. ` +
      'Ratios are those of the pairs: theirs to ours in time (and the range), ours to theirs in bytes.',
  )
  console.log(`Every run: ${results.path}`)
}

const peerNames = peers.map((peer) => peer.name)

await withCold(
  benchCommand('bench:peers', 'The same files into Millrace and into other engines, in pairs.', { runs: 5 }),
)
  .argument('[case...]', `the workloads: ${caseNames.join(', ')} (default: all)`, caseName)
  .option('--peers <name...>', `only these: ${peerNames.join(', ')}`, oneOf(peerNames))
  .action((cases: CaseName[], options: Options) =>
    benchPeers(cases.length === 0 ? caseNames : cases, options),
  )
  .parseAsync()
