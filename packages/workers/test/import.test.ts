import { createReadStream, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { ImportProgress } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { countingWorkers, rowsOf, single, testFolder, withDatabase, writeFile } from './support.js'

const personTable =
  'CREATE NODE TABLE Person(id INT64, name STRING, age INT32, score DOUBLE, joined DATE, active BOOL, seen TIMESTAMP, PRIMARY KEY(id))'

function people(count: number, from = 0): string {
  const lines = ['id,name,age,score,joined,active,seen']
  for (let row = from; row < from + count; row++) {
    const name = row % 7 === 0 ? `"Doe, ""${row}""\nJunior"` : row % 11 === 0 ? '' : `name ${row}`
    const day = String((row % 28) + 1).padStart(2, '0')
    lines.push(
      `${row},${name},${row % 90},${row / 4},2024-02-${day},${row % 2 === 0},2024-02-${day}T01:02:03.5Z`,
    )
  }
  return `${lines.join('\n')}\n`
}

const allPeople = 'MATCH (p:Person) RETURN id(p), p.id, p.name, p.age, p.score, p.joined, p.active, p.seen'

describe('an import of nodes', () => {
  it('keeps every value, and gives it back after the database was closed', async () => {
    const file = writeFile('people.csv', people(1000))
    await withDatabase(async (db) => {
      await db.run(personTable)
      const result = await db.copyFrom('Person', file)
      expect(result).toMatchObject({
        table: 'Person',
        rowsImported: 1000,
        rowsSkipped: 0,
        errorCount: 0,
        errors: [],
      })
      expect(result.bytesProcessed).toBe(people(1000).length)
    })
    await withDatabase(async (db) => {
      const rows = (await db.query(allPeople).toArray()) as Record<string, unknown>[]
      expect(rows).toHaveLength(1000)
      for (const [row, found] of rows.entries()) {
        const day = String((row % 28) + 1).padStart(2, '0')
        const name = row % 7 === 0 ? `Doe, "${row}"\nJunior` : row % 11 === 0 ? null : `name ${row}`
        expect({ ...found, 'id(p)': undefined }).toEqual({
          'id(p)': undefined,
          'p.id': row,
          'p.name': name,
          'p.age': row % 90,
          'p.score': row / 4,
          'p.joined': new Date(`2024-02-${day}`),
          'p.active': row % 2 === 0,
          'p.seen': new Date(`2024-02-${day}T01:02:03.500Z`),
        })
      }
    })
  })

  it('starts no worker for a block that was asked for and holds all, else one for each up to the threads', async () => {
    const file = writeFile('people.csv', people(1000))
    const { size } = statSync(file)
    for (const [blockSize, workers] of [
      [size, 0],
      [size - 1, 2],
      [size / 10, 2],
    ] as const) {
      const name = `blocks-${workers}-${Math.floor(blockSize)}.mill`
      await withDatabase(
        async (db) => {
          await db.run(personTable)
          const importing = () => db.copyFrom('Person', file, { blockSize: Math.floor(blockSize) })
          const { value, started } = await countingWorkers(importing)
          expect({ rows: value.rowsImported, started }).toEqual({ rows: 1000, started: workers })
        },
        { name },
      )
    }
  })

  it('starts no worker for a small file, though it has several blocks, and the usual ones for others', async () => {
    const textOf = (row: number) => `${row},${'text '.repeat(40)}${row}\n`
    for (const [rows, workers] of [
      [45_000, 0],
      [85_000, 2],
    ] as const) {
      const lines = Array.from({ length: rows }, (_, row) => textOf(row)).join('')
      const file = writeFile(`texts-${rows}.csv`, `id,text\n${lines}`)
      await withDatabase(
        async (db) => {
          await db.run('CREATE NODE TABLE Text(id INT64, text STRING, PRIMARY KEY(id))')
          const { value, started } = await countingWorkers(() => db.copyFrom('Text', file, { threads: 2 }))
          expect({ rows: value.rowsImported, started }).toEqual({ rows, started: workers })
          const last = rows - 1
          const found = await rowsOf(db, `MATCH (t:Text) WHERE id(t) = ${last} RETURN t.id, t.text`)
          expect(found).toEqual([{ 't.id': last, 't.text': `${'text '.repeat(40)}${last}` }])
          expect(await single(db, 'MATCH (t:Text) RETURN sum(t.id)')).toBe((last * rows) / 2)
        },
        { name: `texts-${rows}.mill` },
      )
    }
  })

  it('starts workers for a file of several blocks whose values are read one by one', async () => {
    const rows = 300_000
    const lines = Array.from({ length: rows }, (_, row) => `${row},"[${row},${row}]"\n`).join('')
    const file = writeFile('lists.csv', `id,list\n${lines}`)
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE List(id INT64, list INT64[], PRIMARY KEY(id))')
      const { value, started } = await countingWorkers(() => db.copyFrom('List', file, { threads: 2 }))
      expect({ rows: value.rowsImported, started }).toEqual({ rows, started: 2 })
    })
  })

  // Sixteen databases, most of them loaded block by tiny block.
  it('gives the same table for every block size and number of workers', async () => {
    const file = writeFile('people.csv', people(100))
    let expected: unknown
    let index = 0
    for (const threads of [1, 2, 4]) {
      for (const blockSize of [1, 2, 7, 64, 1000, 1 << 20]) {
        if (blockSize < 7 && threads === 4) continue
        const name = `db${index++}.mill`
        const rows = await withDatabase(
          async (db) => {
            await db.run(personTable)
            await db.copyFrom('Person', file, { threads, blockSize, batchSize: 37, maxRowBytes: 4096 })
            return await rowsOf(db, allPeople)
          },
          { name },
        )
        expected ??= rows
        expect(rows, `threads ${threads}, blockSize ${blockSize}`).toEqual(expected)
      }
    }
    expect(expected).toHaveLength(100)
  })

  it('parses a block again whose start was guessed wrong: a text that looks like records', async () => {
    const inside = Array.from({ length: 20_000 }, (_, row) => `${row + 10},not a row`).join('\n')
    const rest = Array.from({ length: 20_000 }, (_, row) => `${row + 10},b`).join('\n')
    const file = writeFile('nested.csv', `id,text\n1,"${inside}"\n${rest}\n`)
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE T(id INT64, text STRING, PRIMARY KEY(id))')
      // The second block begins inside the text and ends behind it.
      const result = await db.copyFrom('T', file, { blockSize: 200_000 })
      expect(result.timings.blocksReparsed).toBe(1)
      expect(result.rowsImported).toBe(20_001)
      expect(await rowsOf(db, 'MATCH (t:T) RETURN sum(t.id) AS ids, sum(size(t.text)) AS sizes')).toEqual([
        { ids: 1 + (20_000 * 20_019) / 2, sizes: inside.length + 20_000 },
      ])
    })
  })

  it('takes a list of files, a glob and a stream', async () => {
    const first = writeFile('part1.csv', people(200))
    const second = writeFile('part2.csv', people(150, 200))
    await withDatabase(async (db) => {
      for (const [index, source] of [
        [first, second],
        join(testFolder(), 'part*.csv'),
        Readable.from([Buffer.from(people(350))]),
        Readable.from(Array.from(Buffer.from(people(350)), (byte) => Buffer.from([byte]))),
      ].entries()) {
        await db.run(personTable.replace('Person', `P${index}`))
        const result = await db.copyFrom(`P${index}`, source)
        expect(result.rowsImported).toBe(350)
        expect(await single(db, `MATCH (p:P${index}) RETURN sum(p.id)`)).toBe((349 * 350) / 2)
      }
    })
  })

  it('streams a file larger than the ring, with a small budget', async () => {
    const file = writeFile('people.csv', people(200_000))
    await withDatabase(
      async (db) => {
        await db.run(personTable)
        const result = await db.copyFrom('Person', createReadStream(file), {
          blockSize: 1 << 16,
          maxRowBytes: 1 << 16,
        })
        expect(result.rowsImported).toBe(200_000)
        expect(await single(db, 'MATCH (p:Person) RETURN count(*)')).toBe(200_000)
      },
      { memoryBudget: 48 << 20 },
    )
  })

  it('reports progress at least every 100,000 rows, and every number only grows', async () => {
    const file = writeFile('ids.csv', `id\n${Array.from({ length: 350_000 }, (_, row) => row).join('\n')}\n`)
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE N(id INT64, PRIMARY KEY(id))')
      const reports: ImportProgress[] = []
      await db.copyFrom('N', file, { batchSize: 1_000_000, onProgress: (report) => reports.push(report) })
      let before = { rowsProcessed: 0, bytesProcessed: 0 }
      for (const report of reports) {
        expect(report.rowsProcessed - before.rowsProcessed).toBeLessThanOrEqual(100_000)
        expect(report.rowsProcessed).toBeGreaterThanOrEqual(before.rowsProcessed)
        expect(report.bytesProcessed).toBeGreaterThanOrEqual(before.bytesProcessed)
        before = report
      }
      expect(before.rowsProcessed).toBe(350_000)
    })
  })

  it('matches columns by name, names those it leaves out, and fills those of a column list only', async () => {
    const file = writeFile('mixed.csv', 'extra,NAME,id\nx,Ann,1\ny,Ben,2\n')
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE P(id INT64, name STRING, age INT64, PRIMARY KEY(id))')
      await expect(db.copyFrom('P', file)).rejects.toMatchObject({ code: 'MILLRACE_MISSING_COLUMN' })
      const result = await db.copyFrom('P', file, { columns: ['id', 'name'] })
      expect(result.ignoredColumns).toEqual(['extra'])
      expect(await rowsOf(db, 'MATCH (p:P) RETURN p.id AS id, p.name AS name, p.age AS age')).toEqual([
        { id: 1, name: 'Ann', age: null },
        { id: 2, name: 'Ben', age: null },
      ])
    })
  })

  it('goes by the columns of the table where neither a header nor the first record says how many there are', async () => {
    const files = ['1,x\n2,y\n', '', '3\n4,z\n'].map((text, i) => writeFile(`${i}.csv`, text))
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE P(id INT64, name STRING, PRIMARY KEY(id))')
      await db.run('CREATE REL TABLE E(FROM P TO P, name STRING)')
      const result = await db.copyFrom('P', files, { header: false, nullPadding: true })
      expect(result).toMatchObject({ rowsImported: 4, ignoredColumns: [] })
      expect(await rowsOf(db, 'MATCH (p:P) RETURN p.id AS id, p.name AS name')).toEqual([
        { id: 1, name: 'x' },
        { id: 2, name: 'y' },
        { id: 3, name: null },
        { id: 4, name: 'z' },
      ])
      const edges = writeFile('e.csv', '1,2\n2,3,until\n')
      expect(await db.copyFrom('E', edges, { header: false, nullPadding: true })).toMatchObject({
        rowsImported: 2,
      })
      const given = 'LOAD WITH HEADERS (id INT64, name STRING) FROM'
      expect(await rowsOf(db, `${given} '${files[0]}' (HEADER=false) RETURN name`)).toHaveLength(2)
      expect(await rowsOf(db, `${given} '${files[1]}' (HEADER=false) RETURN name`)).toEqual([])
    })
  })

  it('adds to what is there, and finds keys of every load', async () => {
    const first = writeFile('a.csv', people(5000))
    const second = writeFile('b.csv', people(5000, 5000))
    await withDatabase(async (db) => {
      await db.run(personTable)
      await db.copyFrom('Person', first)
      await db.run(`COPY Person FROM '${second}' (HEADER=true)`)
      expect(await single(db, 'MATCH (p:Person) RETURN count(*)')).toBe(10_000)
      expect(await single(db, 'MATCH (p:Person) WHERE p.id = 7777 RETURN p.age')).toBe(7777 % 90)
      expect(await rowsOf(db, 'MATCH (p:Person) WHERE p.id = 10000 RETURN p.age')).toEqual([])
    })
  })

  it('stops on an abort, leaves nothing, and can load again', async () => {
    const file = writeFile('people.csv', people(100_000))
    await withDatabase(async (db) => {
      await db.run(personTable)
      const controller = new AbortController()
      const load = db.copyFrom('Person', file, {
        blockSize: 10_000,
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('enough')),
      })
      await expect(load).rejects.toThrow('enough')
      expect(await single(db, 'MATCH (p:Person) RETURN count(*)')).toBe(0)
      expect((await db.copyFrom('Person', file)).rowsImported).toBe(100_000)
    })
  })

  it('loads into two databases at once, each within its own budget', async () => {
    const file = writeFile('people.csv', people(20_000))
    const load = (name: string) =>
      withDatabase(
        async (db) => {
          await db.run(personTable)
          await db.copyFrom('Person', file)
          return await single(db, 'MATCH (p:Person) RETURN sum(p.id)')
        },
        { name },
      )
    const sum = (19_999 * 20_000) / 2
    expect(await Promise.all([load('one.mill'), load('two.mill')])).toEqual([sum, sum])
  })

  it('takes a record larger than a block, and none larger than maxRowBytes', async () => {
    const long = 'x'.repeat(300_000)
    const file = writeFile('long.csv', `id,text\n1,"${long}\n${long}"\n2,b\n`)
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE T(id INT64, text STRING, PRIMARY KEY(id))')
      await db.copyFrom('T', file, { blockSize: 1000 })
      expect(await rowsOf(db, 'MATCH (t:T) RETURN t.id AS id, size(t.text) AS size')).toEqual([
        { id: 1, size: 600_001 },
        { id: 2, size: 1 },
      ])
      await db.run('CREATE NODE TABLE U(id INT64, text STRING, PRIMARY KEY(id))')
      await expect(db.copyFrom('U', file, { maxRowBytes: 100_000 })).rejects.toMatchObject({
        code: 'MILLRACE_CSV_ROW_TOO_LONG',
        details: expect.objectContaining({ line: 2, row: 1 }),
      })
    })
    expect(existsSync(join(testFolder(), 'test.mill'))).toBe(true)
  })
})

describe('an import on many processors', () => {
  it('takes as many threads as its memory budget has room for', async () => {
    const file = writeFile('people.csv', people(2000))
    for (const threads of [8, 16, 64]) {
      await withDatabase(
        async (db) => {
          await db.run(personTable)
          await db.run('CREATE REL TABLE Knows(FROM Person TO Person)')
          expect((await db.copyFrom('Person', file)).rowsImported).toBe(2000)
          const pairs = writeFile('pairs.csv', 'from,to\n1,2\n2,3\n')
          expect((await db.copyFrom('Knows', pairs)).rowsImported).toBe(2)
          expect(await single(db, 'MATCH (:Person)-[k:Knows]->(:Person) RETURN count(*)')).toBe(2)
        },
        { threads, memoryBudget: 64 << 20, name: `threads${threads}.mill` },
      )
    }
  })
})
