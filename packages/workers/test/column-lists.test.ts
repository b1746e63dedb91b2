/**
 * Lists of columns, as `columns` of a load and behind the table's name in COPY: no slip of the pen loses or
 * moves a value.
 */
import type { CopyOptions, Database } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, withDatabase, writeFile } from './support.js'

const people = 'id,first,last\n1,Ada,Lovelace\n2,Alan,Turing\n'

async function withPeople(action: (db: Database, file: string) => Promise<void>): Promise<void> {
  const file = writeFile('people.csv', people)
  await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE P(id INT64, first STRING, last STRING, PRIMARY KEY(id))')
    await action(db, file)
  })
}

/** The first person, as it was loaded with `columns`. */
async function loaded(db: Database, file: string, options: CopyOptions): Promise<unknown> {
  await db.run('MATCH (p:P) DELETE p')
  await db.copyFrom('P', file, options)
  const [row] = (await rowsOf(db, 'MATCH (p:P) WHERE p.id = 1 RETURN p.first, p.last')) as object[]
  return Object.values(row!)
}

describe('a list of columns', () => {
  it('picks columns of the header, in whatever case and order', async () => {
    await withPeople(async (db, file) => {
      expect(await loaded(db, file, { columns: ['last', 'id'] })).toEqual([null, 'Lovelace'])
      expect(await loaded(db, file, { columns: ['ID', 'LAST'] })).toEqual([null, 'Lovelace'])
      const alike = writeFile('alike.csv', 'id,last,LAST\n1,small,large\n')
      expect(await loaded(db, alike, { columns: ['id', 'last'] })).toEqual([null, 'small'])
      expect(await loaded(db, alike, { columns: ['id', 'LAST'] })).toEqual([null, 'large'])
    })
  })

  it('names the columns of a file whose header has other names', async () => {
    await withPeople(async (db) => {
      const foreign = writeFile('foreign.csv', 'nr,vorname,alter,name\n1,Ada,36,Lovelace\n')
      expect(await loaded(db, foreign, { columns: ['id', 'first', 'age', 'last'] })).toEqual([
        'Ada',
        'Lovelace',
      ])
      const half = writeFile('half.csv', 'id,vorname,last\n1,Ada,Lovelace\n')
      expect(await loaded(db, half, { columns: ['id', 'first', 'last'] })).toEqual(['Ada', 'Lovelace'])
      const none = writeFile('none.csv', '1,36,Ada\n')
      expect(await loaded(db, none, { columns: ['id', 'age', 'first'], header: false })).toEqual([
        'Ada',
        null,
      ])
    })
  })

  it('with a name that the header does not have, beside some that it has elsewhere, is refused', async () => {
    await withPeople(async (db, file) => {
      for (const columns of [
        ['id', 'last', 'frist'],
        ['id', 'frist', 'first'],
        ['id', 'frist', 'last'],
        ['id', 'frist'],
      ]) {
        await expect(loaded(db, file, { columns })).rejects.toMatchObject({
          code: 'MILLRACE_MISSING_COLUMN',
          details: { column: 'frist', found: 'id, first, last' },
        })
      }
      expect(await rowsOf(db, 'MATCH (p:P) RETURN p.id')).toEqual([])
    })
  })

  it('shorter than the records leaves nothing out in silence', async () => {
    await withPeople(async (db) => {
      const none = writeFile('none.csv', '1,Ada,Lovelace\n2,Alan,Turing\n')
      const refused = { code: 'MILLRACE_CSV_RAGGED', details: { line: 1, row: 1, byteOffset: 0 } }
      await expect(loaded(db, none, { columns: ['id', 'first'], header: false })).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('the record has 3 fields instead of 2'),
      })
      await expect(db.run(`COPY P(id, first) FROM '${none}' (HEADER=false)`)).rejects.toMatchObject(refused)
      expect(await loaded(db, none, { columns: ['id', 'first', '-'], header: false })).toEqual(['Ada', null])
      await expect(
        loaded(db, none, { columns: ['-', 'first', 'last'], header: false }),
      ).rejects.toMatchObject({
        code: 'MILLRACE_MISSING_COLUMN',
        details: { column: 'id', where: 'its columns are called' },
      })
      // A header with other names: the second column may well not be the one that is meant.
      const foreign = writeFile('foreign.csv', 'nr,vorname,name\n1,Ada,Lovelace\n')
      await expect(loaded(db, foreign, { columns: ['id', 'last'] })).rejects.toMatchObject({
        code: 'MILLRACE_MISSING_COLUMN',
        details: { column: 'id', found: 'nr, vorname, name' },
      })
      const delimited = writeFile('delimited.csv', 'nr,vorname,\n1,Ada,\n')
      expect(await loaded(db, delimited, { columns: ['id', 'first'] })).toEqual(['Ada', null])
    })
  })

  it('leaves columns out, which the result of the load and the row of the statement name', async () => {
    await withPeople(async (db, file) => {
      const result = await db.copyFrom('P', file, { columns: ['id', 'last'] })
      expect(result.ignoredColumns).toEqual(['first'])
      await db.run('MATCH (p:P) DELETE p')
      const statement = db.query(`COPY P(id) FROM '${file}'`)
      expect(await statement.toArray()).toMatchObject([
        { rowsImported: 2, ignoredColumns: ['first', 'last'] },
      ])
      await db.run('MATCH (p:P) DELETE p')
      const table = await db.query(`COPY P FROM '${file}'`).toArrow()
      expect(table.toArray()[0]!.toJSON()).toMatchObject({ table: 'P', errorCount: 0n })
    })
  })

  it('of COPY has columns of the table only', async () => {
    await withPeople(async (db, file) => {
      const none = writeFile('none.csv', '1,Ada,36\n')
      await expect(db.run(`COPY P(id, first, age) FROM '${none}' (HEADER=false)`)).rejects.toThrow(
        'the column list of COPY: "age" is not valid; expected columns of P: id, first, last',
      )
      await db.run(`COPY P(id, LAST) FROM '${file}'`)
      expect(await rowsOf(db, 'MATCH (p:P) WHERE p.id = 1 RETURN p.last')).toEqual([{ 'p.last': 'Lovelace' }])
    })
  })
})

describe('a file without a header and without a list', () => {
  const wide = '1,Ada,Lovelace,London\n'

  it('has no more fields than the table has columns, but an empty one', async () => {
    await withPeople(async (db) => {
      const file = writeFile('wide.csv', wide)
      await expect(loaded(db, file, { header: false })).rejects.toMatchObject({
        code: 'MILLRACE_CSV_RAGGED',
        message: expect.stringContaining('the record has 4 fields instead of 3'),
      })
      const delimited = writeFile('delimited.csv', '1,Ada,Lovelace,\n2,Alan,Turing\n')
      expect(await loaded(db, delimited, { header: false })).toEqual(['Ada', 'Lovelace'])
    })
  })

  it('loses only the first record when only that one has too many, with ignoreErrors', async () => {
    await withPeople(async (db) => {
      const file = writeFile('first.csv', `${wide}2,Alan,Turing\n3,Grace,Hopper\n`)
      const result = await db.copyFrom('P', file, { header: false, ignoreErrors: true })
      expect(result).toMatchObject({ rowsImported: 2, errorKinds: { ragged: 1 } })
      expect(result.errors).toMatchObject([{ line: 1, row: 1, text: wide.trimEnd() }])
    })
  })
})

describe('a list of columns of relationships', () => {
  it('that names none of the ends names the columns behind them; what cannot be an end is none', async () => {
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE P(id INT64, PRIMARY KEY(id))')
      await db.run('CREATE REL TABLE E(FROM P TO P, since INT64, weight INT64)')
      await db.copyFrom('P', writeFile('p.csv', 'id\n1\n2\n'))
      const load = async (text: string, options: CopyOptions, list = '') => {
        await db.run('MATCH (:P)-[e:E]->(:P) DELETE e')
        const file = writeFile('e.csv', text)
        if (list === '') await db.copyFrom('E', file, options)
        else await db.run(`COPY E(${list}) FROM '${file}' (HEADER=${options.header})`)
        return await rowsOf(
          db,
          'MATCH (a:P)-[e:E]->(b:P) RETURN a.id AS a, b.id AS b, e.since AS s, e.weight AS w',
        )
      }
      const found = [{ a: 1, b: 2, s: null, w: 30 }]
      expect(await load('1,2,30\n', { header: false, columns: ['weight'] })).toEqual(found)
      expect(await load('1,2,30\n', { header: false }, 'weight')).toEqual(found)
      expect(await load('x,y,z\n1,2,30\n', { header: true, columns: ['weight'] })).toEqual(found)
      expect(await load('from,to,weight\n1,2,30\n', { header: true }, 'weight')).toEqual(found)
      const both = [{ a: 1, b: 2, s: 40, w: 30 }]
      expect(await load('1,2,30,40\n', { header: false }, 'weight, since')).toEqual(both)
      expect(await load('1,2,30,40\n', { header: false, columns: ['a', 'b', 'weight', 'since'] })).toEqual(
        both,
      )
      expect(await load('30,1,2,40\n', { header: false }, 'weight, FROM, to, since')).toEqual(both)
      const padded = { header: false, nullPadding: true, columns: ['weight', 'since'] }
      expect(await load('1,2,30\n', padded)).toEqual(found)
      for (const header of ['weight,a,b', 'a,since,b', 'a,from,b', 'b,a,to', 'a,FROM,weight']) {
        await expect(
          load(`${header}\n1,2,1\n`, { header: true, columns: header.split(',') }),
        ).rejects.toMatchObject({
          code: 'MILLRACE_MISSING_COLUMN',
          details: { column: expect.stringMatching(/^(from|to)$/) },
        })
      }
      await expect(load('1,30\n', { header: false, columns: ['from', 'weight'] })).rejects.toMatchObject({
        code: 'MILLRACE_MISSING_COLUMN',
        details: { column: 'to' },
      })
      await expect(load('1,2\n', { header: false }, 'weight')).rejects.toMatchObject({
        code: 'MILLRACE_MISSING_COLUMN',
      })
      await expect(load('1,2,30\n', { header: false }, 'wieght')).rejects.toMatchObject({
        code: 'MILLRACE_ARGUMENT',
      })
    })
  })
})
