import { createHash } from 'node:crypto'
import type { CsrGroup, RelTable } from '@millrace/core/internal'
import type { Database } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { planLookUps } from '../src/import/look-up-plan.js'
import { rowsOf, withDatabase, writeFile } from './support.js'

const nodeCount = 60_000
const edgeCount = 40_000

const digest = (seed: string) => createHash('md5').update(seed).digest('hex')

/** Keys of which no two neighbours are alike, by the map that their table gets. */
const kinds = {
  /** 64 bits: codes. */
  codes: (i: number) => `user-${digest(`${i}`).slice(0, 16)}`,
  /** 128 bits: candidates. */
  candidates: (i: number) => digest(`${i}`),
}
/** A permutation of the numbers below 60,000, times 3: never in order, with gaps. */
const place = (i: number) => ((i * 7919) % nodeCount) * 3

/** Scattered edges; every hundredth from a node that does not exist, or to none. */
function edgesOf(key: (i: number) => string): { csv: string; missing: number; answers: string[] } {
  const answers: string[] = []
  const lines: string[] = []
  let missing = 0
  for (let i = 0; i < edgeCount; i++) {
    const from = (i * 104_729) % nodeCount
    const to = (i * 15_485_863) % nodeCount
    const isMissing = i % 100 === 7
    const isNull = i % 1000 === 3
    lines.push(`${isMissing ? key(nodeCount + i) : key(from)},${isNull ? '' : place(to)},${i}`)
    if (isMissing || isNull) missing++
    else answers.push(`${key(from)} ${place(to)} ${i}`)
  }
  return { csv: `from,to,n\n${lines.join('\n')}\n`, missing, answers: answers.sort() }
}

async function prepare(db: Database, key: (i: number) => string): Promise<void> {
  const numbers = Array.from({ length: nodeCount }, (_, i) => i)
  await db.run('CREATE NODE TABLE P(id STRING, PRIMARY KEY(id))')
  await db.run('CREATE NODE TABLE Q(id INT64, PRIMARY KEY(id))')
  await db.run('CREATE REL TABLE E(FROM P TO Q, n INT64)')
  // Two loads: two runs of the index.
  const half = nodeCount / 2
  for (const [part, rows] of [numbers.slice(0, half), numbers.slice(half)].entries()) {
    await db.copyFrom('P', writeFile(`p${part}.csv`, `id\n${rows.map(key).join('\n')}\n`))
    await db.copyFrom('Q', writeFile(`q${part}.csv`, `id\n${rows.map(place).join('\n')}\n`))
  }
}

function segmentsOf(db: Database): unknown {
  const table = db.catalog.tables.find(({ name }) => name === 'E') as RelTable
  const plain = (groups: readonly CsrGroup[]) =>
    groups.flatMap(({ starts, chunks }) => [starts, ...chunks.flatMap((chunk) => chunk.segments)])
  return table.runs.map(({ forward, backward }) => [plain(forward), plain(backward)])
}

describe('ends of relationships', () => {
  it.each(['codes', 'candidates'] as const)('are found in a map of %s that workers share', async (kind) => {
    const { csv, missing, answers } = edgesOf(kinds[kind])
    const edges = writeFile('edges.csv', csv)
    const memoryBudget = 24 << 20
    let expected: unknown
    for (const threads of [1, 4]) {
      await withDatabase(
        async (db) => {
          await prepare(db, kinds[kind])
          const tables = db.catalog.tables.filter((table) => table.kind === 'node')
          const { shared } = planLookUps(tables, memoryBudget, threads)
          const options = { threads, memoryBudget, ignoreErrors: true, blockSize: 300_000 }
          const result = await db.copyFrom('E', edges, options)
          expect([result.rowsImported, result.rowsSkipped]).toEqual([edgeCount - missing, missing])
          if (threads > 1) expect(shared.map((map) => map.kind)).toContain(kind)
          const segments = segmentsOf(db)
          expected ??= segments
          expect(segments).toEqual(expected)
          const rows = (await rowsOf(db, 'MATCH (a:P)-[e:E]->(b:Q) RETURN a.id, b.id, e.n')) as object[]
          expect(rows.map((row) => Object.values(row).join(' ')).sort()).toEqual(answers)
        },
        { name: `${kind}${threads}.mill`, threads },
      )
    }
  })
})
