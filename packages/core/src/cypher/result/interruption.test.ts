import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { execute } from '../execute.js'
import { columns, MemoryGraph } from '../memory-graph.test.fixture.js'
import { prepare } from '../prepare.js'
import { PendingQuery } from './pending-query.js'

const nodes = 3000
const graph = new MemoryGraph({
  nodes: [
    {
      name: 'N',
      columns: columns('k INT64, s STRING'),
      key: 0,
      rows: Array.from({ length: nodes }, (_, k) => [k, `s${(k * 7919) % nodes}`]),
    },
  ],
  rels: [
    {
      name: 'R',
      from: 'N',
      to: 'N',
      columns: [],
      rows: Array.from({ length: nodes * 6 }, (_, at) => [at % nodes, (at * 31) % nodes]),
    },
  ],
  groupRows: nodes,
})

function query(text: string, signal?: AbortSignal): PendingQuery {
  const prepared = prepare(text, graph.catalog)
  if (prepared.kind !== 'query') throw new Error(`${text} is no query`)
  return new PendingQuery(prepared.columns, () => execute(prepared.plan, graph), {
    int64: 'number',
    signals: signal === undefined ? [] : [signal],
  })
}

/** Runs `work` and counts the turns of the event loop meanwhile. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let isRunning = true
  const turn = (): void => {
    turns++
    if (isRunning) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  isRunning = false
  return turns
}

/** Each works for about a tenth of a second before its only row. */
const longQueries: [string, string][] = [
  ['a cross product with a condition', 'MATCH (a:N), (b:N) WHERE a.k + b.k < 2 RETURN count(*)'],
  ['a join', 'MATCH (a:N), (b:N) WHERE a.k % 2 = b.k % 2 RETURN count(a.k)'],
  ['grouping', 'MATCH (a:N), (b:N) WHERE b.k < 100 RETURN count(DISTINCT a.k * 100 + b.k)'],
  [
    'sorting',
    'MATCH (a:N), (b:N) WHERE b.k < 60 WITH a.s AS s, b.k AS k ORDER BY s, k DESC LIMIT 180000 RETURN count(*)',
  ],
  ['many hops', 'MATCH (a:N)-[:R]->()-[:R]->()-[:R]->(d) WHERE a.k + d.k < 0 RETURN count(*)'],
  [
    'rows kept for several pipelines',
    'MATCH (a:N), (b:N) WHERE b.k < 20 WITH a, b MATCH (a)-[:R]-(c) WHERE c.k + b.k < 0 RETURN count(*)',
  ],
]

describe('a query that gives no rows for long', () => {
  test.each(longQueries)('%s lets the event loop turn', async (_, text) => {
    let rows = 0
    const turns = await turnsDuring(async () => {
      rows = (await query(text).toArray()).length
    })
    expect(rows).toBe(1)
    // One every 10 ms: far more than these, also on a fast machine. Without pauses there is one.
    expect(turns).toBeGreaterThan(2)
  })

  const endless = 'MATCH (a:N), (b:N), (c:N), (d:N) WHERE a.k + b.k + c.k + d.k < 0 RETURN count(*)'

  test('a signal ends it, with its reason', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => stop.abort(reason), 30)
    await expect(query(endless, stop.signal).toArray()).rejects.toBe(reason)
    await expect(query('RETURN 1', stop.signal).toArray()).rejects.toBe(reason)
  })

  test('closing ends it, and whoever waits for rows gets none', async () => {
    const result = query(endless)
    const rows = result.toArray()
    await delay(30)
    await result.close()
    expect(await rows).toEqual([])
  })

  test('batches without rows reach nobody who asks for rows', async () => {
    const sizes: number[] = []
    for await (const batch of query(longQueries[0]![1]).batches()) sizes.push(batch.rows)
    expect(sizes).toEqual([1])
    expect((await query(longQueries[0]![1]).toArrow()).numRows).toBe(1)
  })
})
