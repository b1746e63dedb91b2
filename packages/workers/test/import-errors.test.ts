import { describe, expect, it } from 'vitest'
import { rowsOf, single, withDatabase, writeFile } from './support.js'

const table = 'CREATE NODE TABLE N(id INT64, name STRING, score DOUBLE, PRIMARY KEY(id))'

/**
 * A good file of 2,000 rows in which row `bad` (1-based) is `text`, and every row before it has a quoted line
 * end.
 */
function fileWith(bad: number, text: string): string {
  const lines = ['id,name,score']
  for (let row = 1; row <= 2000; row++) lines.push(row === bad ? text : `${row},"a\nb",${row}.5`)
  return `${lines.join('\n')}\n`
}

describe('a bad record', () => {
  const cases = [
    { what: 'a wrong type', text: '1501,x,abc', code: 'MILLRACE_CSV_TYPE', column: 'score', value: 'abc' },
    { what: 'too few fields', text: '1501,x', code: 'MILLRACE_CSV_RAGGED' },
    { what: 'too many fields', text: '1501,x,1,2', code: 'MILLRACE_CSV_RAGGED' },
    { what: 'an empty key', text: ',x,1', code: 'MILLRACE_CSV_NULL_KEY', column: 'id' },
    { what: 'text behind a quote', text: '1501,"x"y,1', code: 'MILLRACE_CSV_QUOTE' },
    { what: 'a duplicate key', text: '77,x,1', code: 'MILLRACE_DUPLICATE_KEY', column: 'id', value: '77' },
  ]
  for (const { what, text, code, column, value } of cases) {
    it(`(${what}) stops the load, is named with file, row and line, and nothing is loaded`, async () => {
      const file = writeFile('bad.csv', fileWith(1501, text))
      await withDatabase(async (db) => {
        await db.run(table)
        await db.run('CREATE NODE TABLE Other(id INT64, PRIMARY KEY(id))')
        for (const blockSize of [500, 10_000, 1 << 20]) {
          const error = await db.copyFrom('N', file, { blockSize }).then(
            () => undefined,
            (reason) => reason,
          )
          expect(error).toMatchObject({ code, details: { file, row: 1501, line: 2 + 1500 * 2 } })
          if (column !== undefined) expect(error.details.column).toBe(column)
          if (value !== undefined) expect(error.message).toContain(value)
          expect(error.message).toContain('bad.csv')
        }
        expect(await single(db, 'MATCH (n:N) RETURN count(*)')).toBe(0)
        const good = writeFile('good.csv', fileWith(0, ''))
        expect((await db.copyFrom('N', good)).rowsImported).toBe(2000)
      })
    })
  }

  it('that opens a quote and never closes it is named where it opens', async () => {
    const file = writeFile('open.csv', 'id,name,score\n1,a,1\n2,"b,2\n3,c,3\n')
    await withDatabase(async (db) => {
      await db.run(table)
      await expect(db.copyFrom('N', file)).rejects.toMatchObject({
        code: 'MILLRACE_CSV_UNCLOSED_QUOTE',
        details: { row: 2, line: 3 },
      })
    })
  })

  it('says where the quote stands that keeps it open, in whatever block, and what to do about it', async () => {
    const lines = Array.from({ length: 3000 }, (_, id) => `${id},"name\n${id}",1\n`).join('')
    const head = `id,name,score\n${lines}`
    const record = '3000,"b\nc","'
    const file = writeFile('open.csv', `${head}${record}${'2\n'.repeat(2000)}`)
    const openQuote = { field: 3, line: 6003, byteOffset: head.length + record.length - 1 }
    const place = `line ${openQuote.line}, at byte ${openQuote.byteOffset}`
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE N(id INT64, name STRING, score STRING, PRIMARY KEY(id))')
      for (const options of [{}, { blockSize: 100 }, { header: false, skip: 1 }]) {
        const details = { openQuote, row: 3001, line: 6002 }
        await expect(db.copyFrom('N', file, options)).rejects.toMatchObject({
          ...{ code: 'MILLRACE_CSV_UNCLOSED_QUOTE', details },
          message: expect.stringContaining(
            `the quote that opens field 3 is never closed: it stands on ${place}`,
          ),
        })
        await expect(db.copyFrom('N', file, { ...options, maxRowBytes: 1000 })).rejects.toMatchObject({
          ...{ code: 'MILLRACE_CSV_ROW_TOO_LONG', details },
          message: expect.stringContaining(
            `the quote that opens field 3 is not closed by then: it stands on ${place}`,
          ),
          advice: expect.stringContaining('Close the quote'),
        })
      }
      const long = writeFile('long.csv', `id,name,score\n1,a,${'2'.repeat(2000)}\n`)
      const error = await db.copyFrom('N', long, { maxRowBytes: 1000 }).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'MILLRACE_CSV_ROW_TOO_LONG', details: { row: 1, line: 2 } })
      expect((error as Error).message).not.toContain('quote')
      expect(error).not.toHaveProperty('details.openQuote')
      const header = writeFile('header.csv', 'id,name,"score\n1,a,2\n')
      await expect(db.copyFrom('N', header)).rejects.toThrow(
        /the quote that opens field 3.*line 1, at byte 8/,
      )
    })
  })

  it('is left out with ignoreErrors, counted and described, and the others are loaded', async () => {
    const text = 'id,name,score\n1,a,1\n2,b\n3,c,x\n4,d,4\n,e,5\n6,f,6\n'
    const file = writeFile('some.csv', text)
    await withDatabase(async (db) => {
      await db.run(table)
      const result = await db.copyFrom('N', file, { ignoreErrors: true, blockSize: 9 })
      expect(result).toMatchObject({ rowsImported: 3, rowsSkipped: 3, errorCount: 3 })
      expect(result.errors.map(({ row, line, kind }) => [row, line, kind])).toEqual([
        [2, 3, 'ragged'],
        [3, 4, 'type'],
        [5, 6, 'nullKey'],
      ])
      expect(await rowsOf(db, 'MATCH (n:N) RETURN n.id AS id')).toEqual([{ id: 1 }, { id: 4 }, { id: 6 }])
    })
  })

  it('stops the load once there are more than maxErrors', async () => {
    const file = writeFile('many.csv', `id,name,score\n${'x,y,z\n'.repeat(100)}`)
    await withDatabase(async (db) => {
      await db.run(table)
      await expect(db.copyFrom('N', file, { ignoreErrors: true, maxErrors: 10 })).rejects.toMatchObject({
        code: 'MILLRACE_TOO_MANY_ERRORS',
      })
      expect(await single(db, 'MATCH (n:N) RETURN count(*)')).toBe(0)
    })
  })
})

describe('an import that cannot begin', () => {
  it('names the missing file, the missing column, the missing table, the wrong option', async () => {
    const file = writeFile('a.csv', 'id,nam,score\n1,a,1\n')
    await withDatabase(async (db) => {
      await db.run(table)
      await expect(db.copyFrom('N', `${file}.gone`)).rejects.toMatchObject({ code: 'MILLRACE_IMPORT_SOURCE' })
      await expect(db.copyFrom('N', file)).rejects.toMatchObject({
        code: 'MILLRACE_MISSING_COLUMN',
        details: { column: 'name', found: 'id, nam, score' },
      })
      await expect(db.copyFrom('N', file, { header: false, delimiter: ';' })).rejects.toThrow(
        'a.csv has no column name; its first record has 1 field.',
      )
      await expect(db.copyFrom('M', file)).rejects.toMatchObject({ code: 'MILLRACE_NO_TABLE' })
      await expect(db.copyFrom('N', file, { delimiter: ';;' })).rejects.toMatchObject({
        code: 'MILLRACE_ARGUMENT',
      })
      await expect(db.copyFrom('N', file, { colums: ['id'] } as never)).rejects.toMatchObject({
        code: 'MILLRACE_ARGUMENT',
      })
      await expect(db.copyFrom('N', writeFile('empty.csv', ''))).rejects.toMatchObject({
        code: 'MILLRACE_CSV_HEADER',
      })
      await expect(db.copyFrom('N', '/dev/zero')).rejects.toMatchObject({ code: 'MILLRACE_IMPORT_SOURCE' })
    })
  })
})
