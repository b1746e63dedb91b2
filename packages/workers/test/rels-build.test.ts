import type { CsrGroup, RelTable } from '@millrace/core/internal'
import type { Database } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { single, withDatabase, writeFile } from './support.js'

const nodeCount = 300_000
const edgeCount = 200_000

const nodesCsv = `id\n${Array.from({ length: nodeCount }, (_, id) => id).join('\n')}\n`
/** Scattered over all nodes, with one that has a tenth of the edges. */
const edgesCsv = `from,to,since,note\n${Array.from(
  { length: edgeCount },
  (_, i) =>
    `${i % 10 === 0 ? 77 : (i * 7919) % nodeCount},${(i * 104_729) % nodeCount},${i % 25},note ${i % 99}`,
).join('\n')}\n`

async function prepare(db: Database): Promise<void> {
  await db.run('CREATE NODE TABLE N(id INT64, PRIMARY KEY(id))')
  await db.run('CREATE REL TABLE E(FROM N TO N, since INT64, note STRING)')
  await db.copyFrom('N', writeFile('nodes.csv', nodesCsv))
}

/** All that the file says of the table's segments. */
function segmentsOf(db: Database): unknown {
  const table = db.catalog.tables.find(({ name }) => name === 'E') as RelTable
  const plain = (groups: readonly CsrGroup[]) =>
    groups.flatMap(({ starts, chunks }) => [starts, ...chunks.flatMap((chunk) => [...chunk.segments])])
  return table.runs.map(({ forward, backward }) => [plain(forward), plain(backward)])
}

describe('the sides of relationships', () => {
  it('are built to the same pages whatever the blocks and the number of workers', async () => {
    const edges = writeFile('edges.csv', edgesCsv)
    let expected: unknown
    let index = 0
    for (const options of [
      { threads: 1 },
      { threads: 3, blockSize: 100_000 },
      { threads: 2, batchSize: 9000 },
    ]) {
      await withDatabase(
        async (db) => {
          await prepare(db)
          const { timings } = await db.copyFrom('E', edges, options)
          expect(timings.buildMs).toBeGreaterThan(0)
          const segments = segmentsOf(db)
          expected ??= segments
          expect(segments).toEqual(expected)
          expect(await single(db, 'MATCH (a:N)-[e:E]->(:N) WHERE a.id = 77 RETURN count(*)')).toBe(
            edgeCount / 10,
          )
          expect(await single(db, 'MATCH (:N)<-[e:E]-(:N) RETURN sum(e.since)')).toBe((24 / 2) * edgeCount)
        },
        { name: `cut${index++}.mill` },
      )
    }
  })

  it('are given up when the import is aborted while they are built; the next import has their pages', async () => {
    const edges = writeFile('edges.csv', edgesCsv)
    await withDatabase(async (db) => {
      await prepare(db)
      for (const delayMs of [0, 3, 8, 15]) {
        const aborting = new AbortController()
        const reason = new Error('no more')
        const importing = db.copyFrom('E', edges, {
          signal: aborting.signal,
          blockSize: 1 << 20,
          onProgress: ({ rowsProcessed }) => {
            if (rowsProcessed === edgeCount) setTimeout(() => aborting.abort(reason), delayMs)
          },
        })
        // On a fast machine the last delays may be too late.
        const outcome = await importing.catch((error) => error)
        if (delayMs === 0) expect(outcome).toBe(reason)
        if (outcome !== reason) break
        expect(await single(db, 'MATCH (:N)-[e:E]->(:N) RETURN count(*)')).toBe(0)
      }
      const { rowsImported } = await db.copyFrom('E', edges)
      expect(rowsImported).toBe(edgeCount)
    })
  })
})
