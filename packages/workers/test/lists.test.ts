/** Lists of every type of item: loaded, written by statements, and read as rows and as Arrow. */
import { describe, expect, it } from 'vitest'
import { rowsOf, withDatabase, writeFile } from './support.js'

const day = new Date('2024-02-29T00:00:00Z')
const moment = new Date('2024-02-29T12:30:00Z')

const lists: readonly (readonly [type: string, text: string, items: readonly unknown[]])[] = [
  ['INT8', '[-128,127,NULL]', [-128, 127, null]],
  ['INT16', '[-32768,32767]', [-32768, 32767]],
  ['INT32', '[-2147483648,0]', [-2147483648, 0]],
  ['INT64', '[-9007199254740991,1]', [-9007199254740991, 1]],
  ['UINT8', '[0,255]', [0, 255]],
  ['UINT16', '[65535]', [65535]],
  ['UINT32', '[4294967295]', [4294967295]],
  ['UINT64', '[0,9007199254740991]', [0, 9007199254740991]],
  ['FLOAT', '[0.5,-1.25]', [0.5, -1.25]],
  ['DOUBLE', '[-0.1,1e300]', [-0.1, 1e300]],
  ['DECIMAL(9,2)', '[-1.50,0.25]', ['-1.50', '0.25']],
  ['DECIMAL(30,2)', '[-1.50,12345678901234567890.25]', ['-1.50', '12345678901234567890.25']],
  ['BOOL', '[true,f,NULL,YES]', [true, false, null, true]],
  ['DATE', '[2024-02-29]', [day]],
  ['TIME', '[12:30:00]', ['12:30:00']],
  ['TIMESTAMP', '[2024-02-29 12:30:00]', [moment]],
  ['INTERVAL', '[1 day,-2 months]', ['1 day', '-2 months']],
  ['UUID', '[A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11]', ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
  ['BLOB', '["\\\\x00FF"]', [new Uint8Array([0, 255])]],
  ['STRING', '["a,b",c]', ['a,b', 'c']],
  ['BOOL[]', '[[true,false],[],NULL,[t]]', [[true, false], [], null, [true]]],
]

describe('lists', () => {
  it.each(lists)('of %s come back as their items do', async (type, text, items) => {
    await withDatabase(async (db) => {
      await db.run(`CREATE NODE TABLE T(id INT64, l ${type}[], PRIMARY KEY(id))`)
      await db.copyFrom('T', writeFile('lists.csv', `id;l\n1;${text}\n2;[]\n3;\n`), {
        delimiter: ';',
        quote: '',
      })
      expect(await rowsOf(db, 'MATCH (t:T) RETURN t.l AS l ORDER BY t.id')).toEqual([
        { l: items },
        { l: [] },
        { l: null },
      ])
      expect(await rowsOf(db, `RETURN CAST($text AS ${type}[]) AS l`, { text })).toEqual([{ l: items }])
      expect(await rowsOf(db, 'MATCH (t:T {id: 1}) WITH t.l AS l UNWIND l AS i RETURN i')).toEqual(
        items.map((i) => ({ i })),
      )
      await db.run('MATCH (t:T {id: 1}) CREATE (:T {id: 4, l: t.l})')
      const arrow = await db.query('MATCH (t:T {id: 4}) RETURN t.l AS l, CAST(t.l AS STRING) AS s').toArrow()
      const inArrow = [...arrow.getChild('l')!.get(0)!]
      expect(inArrow.map((item) => item === null)).toEqual(items.map((item) => item === null))
      if (type === 'BOOL') expect(inArrow).toEqual(items)
      expect(
        await rowsOf(db, `MATCH (t:T {id: 4}) RETURN CAST(CAST(t.l AS STRING) AS ${type}[]) AS l`),
      ).toEqual([{ l: items }])
    })
  })

  it('are looked through by IN, row by row', async () => {
    await withDatabase(async (db) => {
      await db.run(
        'CREATE NODE TABLE T(id INT64, s STRING[], b BOOL[], u UINT64[], d DATE[], x DECIMAL(9,2)[], PRIMARY KEY(id))',
      )
      const text =
        'id;s;b;u;d;x\n1;[a,b];[true];[1,2];[2024-02-29];[1.50]\n2;[c,NULL];[false];[];;[2]\n3;;;;;\n'
      await db.copyFrom('T', writeFile('in.csv', text), { delimiter: ';' })
      const found = async (condition: string, parameters = {}) =>
        (await rowsOf(db, `MATCH (t:T) RETURN ${condition} AS c ORDER BY t.id`, parameters)).map(
          (row) => (row as { c: unknown }).c,
        )
      expect(await found("'a' IN t.s")).toEqual([true, null, null])
      expect(await found("'c' IN t.s")).toEqual([false, true, null])
      expect(await found('NOT $p IN t.s', { p: 'b' })).toEqual([false, null, null])
      expect(await found('true IN t.b')).toEqual([true, false, null])
      expect(await found('2 IN t.u')).toEqual([true, false, null])
      expect(await found('-1 IN t.u')).toEqual([false, false, null])
      expect(await found("'2024-02-29' IN t.d")).toEqual([true, null, null])
      expect(await found('1.5 IN t.x')).toEqual([true, false, null])
      expect(await found('t.id IN range(2, 3)')).toEqual([false, true, true])
      expect(
        await rowsOf(db, 'WITH [1, 3] AS l MATCH (t:T) WHERE t.id IN l RETURN t.id ORDER BY t.id'),
      ).toEqual([{ 't.id': 1 }, { 't.id': 3 }])
      const collected =
        'MATCH (t:T) WHERE t.id > 1 WITH collect(t.id) AS l MATCH (t:T) WHERE t.id IN l RETURN count(*) AS n'
      expect(await rowsOf(db, collected)).toEqual([{ n: 2 }])
      await expect(found('t.id IN t.s')).rejects.toMatchObject({ code: 'MILLRACE_BINDING' })
      await expect(found('t.id IN t.u')).rejects.toMatchObject({ code: 'MILLRACE_BINDING' })
    })
  })
})
