import { createHash } from 'node:crypto'
import {
  type CsrGroup,
  keyPackingOf,
  keyReadBytes,
  type NodeTable,
  type RelTable,
  sampleHasCodes,
} from '@millrace/core/internal'
import type { Database } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { planLookUps } from '../src/import/look-up-plan.js'
import { rowsOf, withDatabase, writeFile } from './support.js'

const nodeCount = 60_000
const edgeCount = 40_000

const digest = (seed: string) => createHash('md5').update(seed).digest('hex')

/** Keys of which no two neighbours are alike, and the map that their table gets with so much memory. */
const kinds = {
  /** 64 bits. */
  digits: { key: (i: number) => `user-${digest(`${i}`).slice(0, 16)}`, map: 'codes', budget: 24 << 20 },
  /** 128 bits. */
  more: { key: (i: number) => digest(`${i}`), map: 'packed', budget: 48 << 20 },
  mixed: {
    key: (i: number) => `${['maria', 'jo', 'chen'][i % 3]}.${digest(`${i}`).slice(i % 9, 16)}@mail.com`,
    map: 'packed',
    budget: 48 << 20,
  },
  /** 128 bits, and no room for them. */
  little: { key: (i: number) => digest(`${i}`), map: 'candidates', budget: 24 << 20 },
} as const
/** A permutation of the numbers below 60,000, times 3: never in order, with gaps. */
const place = (i: number) => ((i * 7919) % nodeCount) * 3

/** Tables whose keys ascend, without gaps and with some, until nodes are deleted. */
const inOrder = [
  { node: 'D', rel: 'F', step: 1 },
  { node: 'G', rel: 'H', step: 3 },
] as const

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

/** The maps that workers share for relationships between all node tables. */
function mapsOf(db: Database, memoryBudget: number, threads: number): string[] {
  const tables = db.catalog.tables.filter((table) => table.kind === 'node')
  const { source } = db.snapshot
  const looks = {
    hasCodes: (table: NodeTable) => sampleHasCodes(source, table),
    packingOf: (table: NodeTable) => keyPackingOf(source, table),
    readBytesOf: (table: NodeTable) => keyReadBytes(source, table),
  }
  return planLookUps(tables, memoryBudget, threads, looks).shared.map(({ kind }) => kind)
}

function segmentsOf(db: Database): unknown {
  const table = db.catalog.tables.find(({ name }) => name === 'E') as RelTable
  const plain = (groups: readonly CsrGroup[]) =>
    groups.flatMap(({ starts, chunks }) => [starts, ...chunks.flatMap((chunk) => [...chunk.segments])])
  return table.runs.map(({ forward, backward }) => [plain(forward), plain(backward)])
}

describe('ends of relationships', () => {
  it.each(Object.entries(kinds).map(([name, kind]) => ({ name, ...kind })))(
    'are found in a map of $map that workers share: $name keys',
    async ({ name, key, map, budget }) => {
      const { csv, missing, answers } = edgesOf(key)
      const edges = writeFile('edges.csv', csv)
      const memoryBudget = budget
      let expected: unknown
      for (const threads of [1, 2, 4]) {
        await withDatabase(
          async (db) => {
            await prepare(db, key)
            const shared = mapsOf(db, memoryBudget, threads)
            const options = { threads, memoryBudget, ignoreErrors: true, blockSize: 300_000 }
            const result = await db.copyFrom('E', edges, options)
            expect([result.rowsImported, result.rowsSkipped]).toEqual([edgeCount - missing, missing])
            if (threads > 2) expect(shared).toContain(map)
            const segments = segmentsOf(db)
            expected ??= segments
            expect(segments).toEqual(expected)
            const rows = (await rowsOf(db, 'MATCH (a:P)-[e:E]->(b:Q) RETURN a.id, b.id, e.n')) as object[]
            expect(rows.map((row) => Object.values(row).join(' ')).sort()).toEqual(answers)
          },
          { name: `${name}${threads}.mill`, threads },
        )
      }
    },
  )

  it.each([
    ['digits', 4],
    ['little', 4],
    ['more', 2],
    ['mixed', 4],
    ['digits', 1],
    ['little', 1],
  ] as const)('are never deleted nodes: %s keys, %i threads', async (kind, threads) => {
    const { key, budget } = kinds[kind]
    const edges = writeFile('edges.csv', edgesOf(key).csv)
    const isGone = (i: number) => i % 97 === 5 || i === 0
    const gone = Array.from({ length: nodeCount }, (_, i) => i).filter(isGone)
    // Of the deleted nodes some are made again.
    const again = new Set(gone.slice(0, 20))
    const isThere = (i: number) => !isGone(i) || again.has(i)
    const expected: string[] = []
    for (let i = 0; i < edgeCount; i++) {
      const [from, to] = [(i * 104_729) % nodeCount, (i * 15_485_863) % nodeCount]
      if (i % 100 === 7 || i % 1000 === 3 || !isThere(from) || !isThere(to)) continue
      expected.push(`${key(from)} ${place(to)} ${i}`)
    }
    await withDatabase(
      async (db) => {
        await prepare(db, key)
        const numbers = Array.from({ length: 5000 }, (_, i) => i)
        for (const { node, rel, step } of inOrder) {
          await db.run(`CREATE NODE TABLE ${node}(id INT64, PRIMARY KEY(id))`)
          await db.run(`CREATE REL TABLE ${rel}(FROM ${node} TO ${node})`)
          const ids = numbers.map((i) => i * step)
          await db.copyFrom(node, writeFile(`${node}.csv`, `id\n${ids.join('\n')}\n`))
        }
        await db.transaction(async (tx) => {
          await tx.run('UNWIND $keys AS k MATCH (p:P {id: k}) DELETE p', { keys: gone.map(key) })
          await tx.run('UNWIND $keys AS k MATCH (q:Q {id: k}) DELETE q', { keys: gone.map(place) })
          for (const { node, step } of inOrder) {
            await tx.run(`MATCH (d:${node}) WHERE d.id % ${10 * step} = 0 DELETE d`)
          }
        })
        await db.run('UNWIND $keys AS k CREATE (:P {id: k})', { keys: [...again].map(key) })
        await db.run('UNWIND $keys AS k CREATE (:Q {id: k})', { keys: [...again].map(place) })
        const options = { threads, memoryBudget: budget, ignoreErrors: true, blockSize: 300_000 }
        const result = await db.copyFrom('E', edges, options)
        expect(result.rowsImported).toBe(expected.length)
        const rows = (await rowsOf(db, 'MATCH (a:P)-[e:E]->(b:Q) RETURN a.id, b.id, e.n')) as object[]
        expect(rows.map((row) => Object.values(row).join(' ')).sort()).toEqual(expected.sort())
        const there = numbers.filter((i) => i % 10 !== 0 && ((i * 7) % 5000) % 10 !== 0)
        for (const { node, rel, step } of inOrder) {
          const ends = numbers.map((i) => `${i * step},${((i * 7) % 5000) * step}`)
          const file = writeFile(`${rel}.csv`, `from,to\n${ends.join('\n')}\n`)
          expect((await db.copyFrom(rel, file, options)).rowsImported).toBe(there.length)
          const answer = await rowsOf(
            db,
            `MATCH (a:${node})-[:${rel}]->(b:${node}) RETURN a.id AS a, b.id AS b`,
          )
          const found = (answer as { a: number; b: number }[]).sort((x, y) => x.a - y.a)
          expect(found).toEqual(there.map((i) => ({ a: i * step, b: ((i * 7) % 5000) * step })))
        }
      },
      { threads },
    )
  })

  it.each([
    { step: 1, nodes: 300_000, budget: 160, shared: [] },
    { step: 3, nodes: 300_000, budget: 160, shared: [] },
    { step: 1000, nodes: 300_000, budget: 160, shared: ['codes'] },
    { step: 1000, nodes: 900_000, budget: 17, shared: [] },
  ])('are found where keys ascend by $step, with $budget MiB', async ({ step, nodes, budget, shared }) => {
    const edges = 20_000
    const memoryBudget = budget << 20
    const ids = Array.from({ length: nodes }, (_, i) => i * step)
    const lines = Array.from({ length: edges }, (_, i) => {
      const [from, to] = [(i * 104_729) % nodes, (i * 7919) % nodes]
      // Some are beside a key, before all of them, or behind.
      const beside = i % 50 === 7 ? (step > 1 ? 1 : nodes * step) : i % 50 === 9 ? -nodes * step : 0
      return { from: ids[from]! + beside, to: ids[to]!, n: i, isMissing: beside !== 0 }
    })
    await withDatabase(
      async (db) => {
        await db.run('CREATE NODE TABLE Q(id INT64, PRIMARY KEY(id))')
        await db.run('CREATE REL TABLE E(FROM Q TO Q, n INT64)')
        await db.copyFrom('Q', writeFile('q.csv', `id\n${ids.join('\n')}\n`))
        expect(mapsOf(db, memoryBudget, 2)).toEqual(shared)
        const csv = lines.map(({ from, to, n }) => `${from},${to},${n}`).join('\n')
        const options = { memoryBudget, ignoreErrors: true }
        const result = await db.copyFrom('E', writeFile('e.csv', `from,to,n\n${csv}\n`), options)
        const there = lines.filter(({ isMissing }) => !isMissing)
        expect([result.rowsImported, result.rowsSkipped]).toEqual([there.length, edges - there.length])
        const answer = await rowsOf(db, 'MATCH (a:Q)-[e:E]->(b:Q) RETURN a.id AS a, b.id AS b, e.n AS n')
        const found = (answer as { a: number; b: number; n: number }[]).sort((x, y) => x.n - y.n)
        expect(found).toEqual(there.map(({ from, to, n }) => ({ a: from, b: to, n })))
      },
      { threads: 2 },
    )
  })
})
