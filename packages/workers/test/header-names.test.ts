/**
 * Columns that a header leaves without a name, or names alike: loads know them by the names that readers and
 * `sniff_csv` give them.
 */
import type { Database } from '@millrace/workers'
import { expect, it } from 'vitest'
import { rowsOf, withDatabase, writeFile } from './support.js'

/** Creates a table as `sniff_csv` says, loads the file into it as it says, and gives the rows. */
async function loadedAsSniffed(db: Database, file: string, key: string): Promise<unknown[]> {
  const [{ columns, options }] = (await rowsOf(db, `CALL sniff_csv('${file}')`)) as [
    { columns: string; options: string },
  ]
  await db.run(`CREATE NODE TABLE T(${columns}, PRIMARY KEY(${key}))`)
  await db.run(`COPY T FROM '${file}' (${options})`)
  const names = columns.split(', ').map((column) => column.split(' ')[0]!)
  return await rowsOf(db, `MATCH (t:T) RETURN ${names.map((name) => `t.${name} AS ${name}`).join(', ')}`)
}

it.each([
  ['a column without a name', ',name\n1,Ann\n', 'column0', { column0: 1, name: 'Ann' }],
  ['several', 'id,,b,\n1,2,3,4\n', 'id', { id: 1, column1: 2, b: 3, column3: 4 }],
  ['a name that is taken', 'column1,,id\n5,6,7\n', 'id', { column1: 5, column1_1: 6, id: 7 }],
  ['equal names', 'x,y,x,x_1\n1,2,3,4\n', 'x', { x: 1, y: 2, x_2: 3, x_1: 4 }],
])('a table made as sniff_csv says is loaded by COPY: %s', async (_, text, key, row) => {
  await withDatabase(async (db) => {
    expect(await loadedAsSniffed(db, writeFile('a.csv', text), key)).toEqual([row])
  })
})

it('a column without a name may be picked, and is named among those that were left out', async () => {
  const file = writeFile('a.csv', ',name,\n1,Ann,x\n2,Bo,y\n')
  await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE P(id INT64, name STRING, PRIMARY KEY(id))')
    expect((await db.copyFrom('P', file, { columns: ['id', 'name'] })).ignoredColumns).toEqual(['column2'])
    await db.run('CREATE NODE TABLE Q(column2 STRING, name STRING, PRIMARY KEY(column2))')
    expect((await db.copyFrom('Q', file, { columns: ['name', 'column2'] })).ignoredColumns).toEqual([
      'column0',
    ])
    expect(await rowsOf(db, 'MATCH (q:Q) RETURN q.column2 AS key, q.name AS name')).toEqual([
      { key: 'x', name: 'Ann' },
      { key: 'y', name: 'Bo' },
    ])
  })
})

it('of equal names none is taken for the table’s where it does not have them all', async () => {
  const file = writeFile('a.csv', 'id,x,x\n1,2,3\n')
  await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE P(id INT64, x INT64, PRIMARY KEY(id))')
    const problem = {
      code: 'MILLRACE_CSV_HEADER',
      message: expect.stringContaining('two columns are named x'),
    }
    await expect(db.run(`COPY P FROM '${file}'`)).rejects.toMatchObject(problem)
    await expect(db.run(`COPY P(id, x) FROM '${file}'`)).rejects.toMatchObject(problem)
  })
})

it('ends of relationships are found by such names, too', async () => {
  await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE P(id INT64, PRIMARY KEY(id))')
    await db.run('CREATE REL TABLE R(FROM P TO P, w INT64)')
    await db.copyFrom('P', writeFile('p.csv', 'id\n1\n2\n'))
    const file = writeFile('r.csv', ',w,to\n1,5,2\n')
    await db.copyFrom('R', file, { fromColumn: 'column0' })
    expect(await rowsOf(db, 'MATCH (a:P)-[r:R]->(b:P) RETURN a.id AS a, r.w AS w, b.id AS b')).toEqual([
      { a: 1, w: 5, b: 2 },
    ])
  })
})
