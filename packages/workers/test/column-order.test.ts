/**
 * Several files as one source whose headers have the same names in other orders: every value goes by its
 * name.
 */
import { gzipSync } from 'node:zlib'
import { readCsv } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, withDatabase, writeFile } from './support.js'

const orders = ['id,name,age', 'age,id,name', 'NAME,AGE,ID', 'id,name,age']

/** Rows from `first` on, in the order of `header`; each has its number in every column. */
function people(header: string, first: number, count: number): string {
  const record = (id: number) =>
    header
      .toLowerCase()
      .split(',')
      .map((name) => (name === 'name' ? `"n,${id}"` : id))
      .join(',')
  return `${header}\n${Array.from({ length: count }, (_, i) => `${record(first + i)}\n`).join('')}`
}

const filesOf = (count: number) =>
  orders.map((header, i) => {
    const text = people(header, i * count, count)
    return i === 2 ? writeFile(`${i}.csv.gz`, gzipSync(text)) : writeFile(`${i}.csv`, text)
  })

const personTable = 'CREATE NODE TABLE P(id INT64, name STRING, age INT64, PRIMARY KEY(id))'

describe('files with their columns in other orders', () => {
  it('load by the names of their headers, whatever the blocks and threads', async () => {
    const files = filesOf(3000)
    await withDatabase(
      async (db) => {
        for (const [i, how] of [{ blockSize: 1000 }, { threads: 1 }, {}].entries()) {
          await db.run(personTable.replace('P(', `P${i}(`))
          expect(await db.copyFrom(`P${i}`, files, how)).toMatchObject({
            rowsImported: 12_000,
            ignoredColumns: [],
          })
          const rows = await rowsOf(db, `MATCH (p:P${i}) RETURN p.id AS id, p.name AS name, p.age AS age`)
          expect(rows).toEqual(Array.from({ length: 12_000 }, (_, id) => ({ id, name: `n,${id}`, age: id })))
        }
      },
      { threads: 4 },
    )
  })

  it('are read by LOAD FROM and readCsv with the columns of the first', async () => {
    const files = filesOf(700)
    const expected = Array.from({ length: 2800 }, (_, id) => ({ id, name: `n,${id}`, age: id }))
    await withDatabase(async (db) => {
      const list = files.map((file) => `'${file}'`).join(', ')
      expect(await rowsOf(db, `LOAD FROM [${list}] RETURN *`)).toEqual(expected)
      expect(await rowsOf(db, `LOAD FROM [${list}] RETURN age ORDER BY age LIMIT 1`)).toEqual([{ age: 0 }])
    })
    for (const how of [{ blockSize: 700, threads: 3 }, {}]) {
      const rows = []
      for await (const row of readCsv(files, how).rows()) rows.push({ ...row })
      expect(rows).toEqual(expected)
    }
  })

  it('have errors with the place and column in their own file, duplicate keys too', async () => {
    const first = writeFile('1.csv', 'id,name,age\n1,a,10\n2,b,20\n')
    const second = writeFile('2.csv', 'age,name,id\n30,c,3\nx,d,4\n\n50,e,1\n60,f\n')
    await withDatabase(async (db) => {
      await db.run(personTable)
      await expect(db.copyFrom('P', [first, second])).rejects.toMatchObject({
        code: 'MILLRACE_CSV_TYPE',
        details: { file: second, line: 3, row: 2, column: 'age', text: 'x', byteOffset: 19 },
      })
      const result = await db.copyFrom('P', [first, second], { ignoreErrors: true })
      expect(result).toMatchObject({ rowsImported: 3, errorKinds: { type: 1, ragged: 1, duplicateKey: 1 } })
      expect(result.errors).toMatchObject([
        { file: second, line: 3, row: 2, column: 'age' },
        { file: second, line: 6, row: 4, kind: 'ragged' },
        { file: second, line: 5, row: 3, kind: 'duplicateKey', column: 'id' },
      ])
    })
  })

  it('bring the ends of relationships by their names', async () => {
    const nodes = writeFile('p.csv', people('id,name,age', 0, 10))
    const edges = [
      writeFile('e1.csv', 'from,to,since\n1,2,100\n3,4,100\n'),
      writeFile('e2.csv', 'since,to,from\n100,6,5\n100,8,7\n100,99,9\n'),
    ]
    await withDatabase(async (db) => {
      await db.run(personTable)
      await db.run('CREATE REL TABLE E(FROM P TO P, since INT64)')
      await db.copyFrom('P', nodes)
      const result = await db.copyFrom('E', edges, { ignoreErrors: true })
      expect(result.errors).toMatchObject([
        { file: edges[1], line: 4, row: 3, kind: 'missingNode', column: 'to' },
      ])
      const found = await rowsOf(
        db,
        'MATCH (a:P)-[e:E]->(b:P) RETURN a.id AS a, b.id - a.id AS d, e.since AS s',
      )
      expect(found).toEqual([1, 3, 5, 7].map((a) => ({ a, d: 1, s: 100 })))
    })
  })

  it('go on where a load of them stood, in a file with another order than the first', async () => {
    const text = people('age,name,id', 10, 10)
    const files = [
      writeFile('1.csv', people('id,name,age', 0, 10)),
      writeFile('2.csv', text.replace('15,"', 'x,"')),
    ]
    await withDatabase(async (db) => {
      await db.run(personTable)
      const how = { resume: true, ignoreErrors: false } as const
      await expect(db.copyFrom('P', files, how)).rejects.toMatchObject({ code: 'MILLRACE_LOAD_STOPPED' })
      const result = await db.copyFrom('P', files, { resume: true, ignoreErrors: true })
      expect(result).toMatchObject({ rowsImported: 4, rowsResumed: 15, errorKinds: { type: 1 } })
      expect(await rowsOf(db, 'MATCH (p:P) WHERE p.age = p.id RETURN count(*) AS n')).toEqual([{ n: 19 }])
    })
  })

  it('may have one without a byte, or without a record, among them, also in the first place', async () => {
    const first = writeFile('1.csv', 'id,name,age\n1,a,10\n')
    const last = writeFile('5.csv', 'age,id,name\n20,2,b')
    const nothing = [
      writeFile('2.csv', ''),
      writeFile('3.csv', '\ufeff\n\n'),
      writeFile('4.csv.gz', gzipSync('')),
      writeFile('6.csv', 'name,id,age\n'),
    ]
    const expected = [
      { id: 1, name: 'a', age: 10 },
      { id: 2, name: 'b', age: 20 },
    ]
    await withDatabase(async (db) => {
      await db.run(personTable)
      const files = [first, ...nothing, last]
      expect(await db.copyFrom('P', files)).toMatchObject({ rowsImported: 2, errorCount: 0 })
      expect(await rowsOf(db, 'MATCH (p:P) RETURN p.id AS id, p.name AS name, p.age AS age')).toEqual(
        expected,
      )
      const list = files.map((file) => `'${file}'`).join(', ')
      expect(await rowsOf(db, `LOAD FROM [${list}] RETURN *`)).toEqual(expected)
      const rows = []
      for await (const row of readCsv(files).rows()) rows.push({ ...row })
      expect(rows).toEqual(expected)
    })
    await withDatabase(
      async (db) => {
        for (const [i, empty] of [...nothing.map((each) => [each]), nothing].entries()) {
          await db.run(personTable.replace('P(', `P${i}(`))
          const files = [...empty, first, ...empty, last]
          for (const how of [{ dryRun: true }, { dryRun: true, autoDetect: true }, { resume: true }]) {
            const result = await db.copyFrom(`P${i}`, files, how)
            expect(result).toMatchObject({ rowsImported: 2, errorCount: 0 })
          }
          expect(await rowsOf(db, `MATCH (p:P${i}) RETURN p.id AS id, p.name AS name, p.age AS age`)).toEqual(
            expected,
          )
          const list = files.map((file) => `'${file}'`).join(', ')
          expect(await rowsOf(db, `LOAD FROM [${list}] RETURN id, name, age`)).toEqual(expected)
          const rows = []
          for await (const row of readCsv(files).rows()) rows.push({ ...row })
          expect(rows).toEqual(expected)
        }
      },
      { name: 'others.mill' },
    )
  })

  it('are refused where there is no record in any of them, as one such file is', async () => {
    const files = [writeFile('1.csv', ''), writeFile('2.csv.gz', gzipSync('')), writeFile('3.csv', '\n')]
    const list = files.map((file) => `'${file}'`).join(', ')
    const error = { code: 'MILLRACE_CSV_HEADER', details: { place: files[0], problem: 'the file is empty' } }
    await withDatabase(async (db) => {
      await db.run(personTable)
      await expect(db.copyFrom('P', files)).rejects.toMatchObject(error)
      expect(await db.copyFrom('P', files, { header: false })).toMatchObject({ rowsImported: 0 })
      const typed = `LOAD WITH HEADERS (id INT64, name STRING) FROM [${list}] (HEADER=false) RETURN *`
      expect(await rowsOf(db, typed)).toEqual([])
      await expect(db.run(`LOAD FROM [${list}] RETURN *`)).rejects.toMatchObject({
        code: 'MILLRACE_CSV_NO_RECORD',
      })
    })
  })

  it('go by the first with a record where there is no header', async () => {
    const files = [
      writeFile('1.csv', ''),
      writeFile('2.csv.gz', gzipSync('\n')),
      writeFile('3.csv', '1,a,10\n'),
      writeFile('4.csv', ''),
      writeFile('5.csv', '2,b,20\n'),
    ]
    const list = files.map((file) => `'${file}'`).join(', ')
    await withDatabase(async (db) => {
      await db.run(personTable)
      expect(await db.copyFrom('P', files, { header: false })).toMatchObject({ rowsImported: 2 })
      const found = await rowsOf(
        db,
        `LOAD FROM [${list}] (HEADER=false) RETURN column0 AS id, column1 AS name`,
      )
      expect(found).toEqual([
        { id: 1, name: 'a' },
        { id: 2, name: 'b' },
      ])
    })
    const names = []
    for await (const row of readCsv(files, { header: false, names: ['id'] }).rows()) names.push(row.id)
    expect(names).toEqual([1, 2])
  })

  it('go on with a load that stands in an empty one', async () => {
    const rows = Array.from({ length: 500 }, (_, id) => `${id},a,1\n`)
    const files = [
      writeFile('1.csv', ''),
      writeFile('2.csv', `id,name,age\n${rows.join('')}`),
      writeFile('3.csv', ''),
      writeFile('4.csv', 'age,id,name\nx,1000,b\n'),
    ]
    await withDatabase(async (db) => {
      await db.run(personTable)
      const how = { resume: true, commitSize: 1 } as const
      await expect(db.copyFrom('P', files, how)).rejects.toMatchObject({ code: 'MILLRACE_LOAD_STOPPED' })
      const result = await db.copyFrom('P', files, { ...how, ignoreErrors: true })
      expect(result).toMatchObject({ rowsResumed: 500, rowsImported: 0, errorCount: 1 })
    })
  })

  it('are refused where a name is missing, before anything is kept', async () => {
    const first = writeFile('1.csv', 'id,name,age\n1,a,10\n')
    const second = writeFile('2.csv', 'id,age,nick\n2,20,b\n')
    await withDatabase(async (db) => {
      await db.run(personTable)
      await expect(db.copyFrom('P', [first, second])).rejects.toMatchObject({
        code: 'MILLRACE_CSV_HEADER',
        details: { place: second, problem: expect.stringContaining('it has no "name", but "nick"') },
      })
      expect(await rowsOf(db, 'MATCH (p:P) RETURN p.id')).toEqual([])
    })
  })
})

describe('files without a header', () => {
  const names = ['a', 'b']
  const rowsOfCsv = async (files: string[], how: object) => {
    const reader = readCsv(files, {
      header: false,
      delimiter: ',',
      quote: '"',
      types: { a: 'INT64' },
      names,
      ...how,
    })
    const rows = []
    for await (const row of reader.rows()) rows.push(Object.values(row))
    return { rows, errors: reader.result?.errors }
  }

  it('have the columns of the first: a delimiter that ends the first record of another makes none', async () => {
    const files = [writeFile('1.csv', '1,x\n'), writeFile('2.csv', '2,y,\n3,z\n')]
    const expected = [
      [1, 'x'],
      [2, 'y'],
      [3, 'z'],
    ]
    expect((await rowsOfCsv(files, {})).rows).toEqual(expected)
    expect((await rowsOfCsv(files, { names: undefined, types: {} })).rows).toEqual(expected)
  })

  it('that have names have no column more where their first record alone ends in a delimiter', async () => {
    const file = writeFile('1.csv', '1,x,\n2,y\n3,z,\n')
    expect((await rowsOfCsv([file], { ignoreErrors: true })).rows).toEqual([
      [1, 'x'],
      [2, 'y'],
      [3, 'z'],
    ])
    const further = await rowsOfCsv([writeFile('2.csv', '1,x,7\n2,y,\n')], {})
    expect(further.rows).toEqual([
      [1, 'x', 7],
      [2, 'y', null],
    ])
  })

  it('whose first record has too many fields lose that record alone, one with too few is padded', async () => {
    const files = [
      writeFile('1.csv', '1,x\n'),
      writeFile('2.csv', '2,y,z\n3,z\n'),
      writeFile('3.csv', '4\n5,z\n'),
    ]
    await expect(rowsOfCsv(files.slice(0, 2), {})).rejects.toMatchObject({
      code: 'MILLRACE_CSV_RAGGED',
      details: { file: files[1], line: 1, row: 1, byteOffset: 0 },
    })
    const { rows, errors } = await rowsOfCsv(files, { ignoreErrors: true, nullPadding: true })
    expect(rows).toEqual([
      [1, 'x'],
      [3, 'z'],
      [4, null],
      [5, 'z'],
    ])
    expect(errors).toMatchObject([{ kind: 'ragged', file: files[1], line: 1 }])
  })

  it('are refused where the first record lacks fields: the columns of the file may be others', async () => {
    const files = [writeFile('1.csv', '1,x\n'), writeFile('2.csv', '2\n3,z\n')]
    await expect(rowsOfCsv(files, { ignoreErrors: true })).rejects.toThrow(
      `${files[1]} has no column column1; records of ${files[0]} have 2 fields, its first record has 1.`,
    )
  })
})
