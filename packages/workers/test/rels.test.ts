import { describe, expect, it } from 'vitest'
import { rowsOf, single, withDatabase, writeFile } from './support.js'

const nodeCount = 500

/** A small fixed random function, so that a failure can be seen again. */
function randoms(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function makeEdges(count: number, seed: number) {
  const random = randoms(seed)
  return Array.from({ length: count }, (_, index) => ({
    from: `n${Math.floor(random() ** 3 * nodeCount)}`,
    to: `n${Math.floor(random() * nodeCount)}`,
    since: index,
    note: index % 5 === 0 ? null : `note ${index % 17}`,
  }))
}

const schema = [
  'CREATE NODE TABLE Node(key STRING, PRIMARY KEY(key))',
  'CREATE REL TABLE Edge(FROM Node TO Node, since INT64, note STRING)',
]
const nodesCsv = `key\n${Array.from({ length: nodeCount }, (_, index) => `n${index}`).join('\n')}\n`

describe('an import of relationships', () => {
  it('finds the neighbours of every node in both directions, in file order, with properties, for every cut', async () => {
    const edges = makeEdges(20_000, 7)
    const nodes = writeFile('nodes.csv', nodesCsv)
    const text = edges.map(({ from, to, since, note }) => `${note ?? ''},${to},${since},${from}`).join('\n')
    const file = writeFile('edges.csv', `note,dst,since,src\n${text}\n`)
    let index = 0
    for (const { threads, blockSize } of [
      { threads: 2, blockSize: 1 << 20 },
      { threads: 1, blockSize: 777 },
      { threads: 3, blockSize: 5000 },
    ]) {
      await withDatabase(
        async (db) => {
          for (const statement of schema) await db.run(statement)
          await db.copyFrom('Node', nodes)
          const options = { fromColumn: 'src', toColumn: 'dst', threads, blockSize, maxRowBytes: 10_000 }
          const result = await db.copyFrom('Edge', file, options)
          expect(result.rowsImported).toBe(edges.length)
          for (const key of ['n0', 'n1', 'n7', 'n250', 'n499']) {
            const out = edges.filter((edge) => edge.from === key)
            expect(
              await rowsOf(
                db,
                'MATCH (a:Node)-[e:Edge]->(b:Node) WHERE a.key = $key RETURN b.key AS to, e.since AS since, e.note AS note',
                { key },
              ),
            ).toEqual(out.map(({ to, since, note }) => ({ to, since, note })))
            const into = edges.filter((edge) => edge.to === key)
            const found = await rowsOf(
              db,
              'MATCH (b:Node)<-[e:Edge]-(a:Node) WHERE b.key = $key RETURN a.key AS from, e.since AS since, e.note AS note ORDER BY since',
              { key },
            )
            expect(found).toEqual(into.map(({ from, since, note }) => ({ from, since, note })))
          }
        },
        { name: `edges${index++}.mill` },
      )
    }
  })

  it('adds a second load to the first', async () => {
    const nodes = writeFile('nodes.csv', nodesCsv)
    await withDatabase(async (db) => {
      for (const statement of schema) await db.run(statement)
      await db.copyFrom('Node', nodes)
      await db.copyFrom('Edge', writeFile('one.csv', 'from,to,since,note\nn1,n2,1,a\n'))
      await db.copyFrom('Edge', writeFile('two.csv', 'from,to,since,note\nn1,n3,2,b\nn0,n2,3,c\n'))
      expect(
        await rowsOf(
          db,
          'MATCH (a:Node)-[e:Edge]->(b:Node) RETURN a.key AS a, b.key AS b, e.note AS n ORDER BY n',
        ),
      ).toEqual([
        { a: 'n1', b: 'n2', n: 'a' },
        { a: 'n1', b: 'n3', n: 'b' },
        { a: 'n0', b: 'n2', n: 'c' },
      ])
      expect(
        await single(db, "MATCH (b:Node)<-[e:Edge]-(a:Node) WHERE b.key = 'n2' RETURN sum(e.since)"),
      ).toBe(4)
    })
  })

  it('names the row whose node is missing, or leaves it out', async () => {
    const nodes = writeFile('nodes.csv', nodesCsv)
    const lines = Array.from({ length: 3000 }, (_, row) =>
      row === 1999
        ? 'n1,nobody,5,"x"'
        : row === 2500
          ? 'no one,n1,5,'
          : `n${row % nodeCount},n${(row * 7) % nodeCount},${row},"a\nb"`,
    )
    const file = writeFile('edges.csv', `from,to,since,note\n${lines.join('\n')}\n`)
    await withDatabase(async (db) => {
      for (const statement of schema) await db.run(statement)
      await db.copyFrom('Node', nodes)
      for (const blockSize of [300, 1 << 20]) {
        await expect(db.copyFrom('Edge', file, { blockSize })).rejects.toMatchObject({
          code: 'MILLRACE_MISSING_NODE',
          details: { row: 2000, line: 2 + 1999 * 2, column: 'to', text: 'nobody' },
        })
      }
      expect(await single(db, 'MATCH (:Node)-[e:Edge]->(:Node) RETURN count(*)')).toBe(0)
      const result = await db.copyFrom('Edge', file, { ignoreErrors: true })
      expect(result).toMatchObject({ rowsImported: 2998, rowsSkipped: 2, errorCount: 2 })
      expect(result.errors.map(({ row, column, text }) => [row, column, text])).toEqual([
        [2000, 'to', 'nobody'],
        [2501, 'from', 'no one'],
      ])
      expect(await single(db, 'MATCH (:Node)-[e:Edge]->(:Node) RETURN count(*)')).toBe(2998)
    })
  })
})
