/**
 * LOAD FROM and CALL sniff_csv over real files, through databases, transactions and statements that write.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMillraceError } from '@millrace/core/internal'
import type { Database, DatabaseOptions } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, single, testFolder, withDatabase, writeFile } from './support.js'

const people = 'name,age,score,since\nAnn,40,1.5,2024-02-29\n"Bob ""B"", jr",31,,\nCid,,-2,1970-01-01\n'

const peopleRows = [
  { name: 'Ann', age: 40, score: 1.5, since: new Date('2024-02-29') },
  { name: 'Bob "B", jr', age: 31, score: null, since: null },
  { name: 'Cid', age: null, score: -2, since: new Date('1970-01-01') },
]

/** What went wrong, without the words of the advice. */
async function failureOf(action: () => unknown): Promise<Record<string, unknown>> {
  try {
    await action()
  } catch (error) {
    if (!isMillraceError(error)) throw error
    return { code: error.code, message: error.message, ...error.details }
  }
  throw new Error('nothing went wrong')
}

/** What is wrong with the first row that is refused, of a statement that may be bound well. */
async function failureOfQuery(db: Database, statement: string) {
  return await failureOf(() => rowsOf(db, statement))
}

/** Descriptors that this process has open. */
function openFiles(): number {
  return readdirSync('/proc/self/fd').length
}

describe('LOAD FROM', () => {
  it('needs no table: names and types are those that the file seems to have', async () => {
    const file = writeFile('people.csv', people)
    await withDatabase(async (db) => {
      const result = db.query(`LOAD FROM '${file}' RETURN * LIMIT 5`)
      expect(result.columns).toEqual([
        { name: 'name', type: 'STRING' },
        { name: 'age', type: 'INT64' },
        { name: 'score', type: 'DOUBLE' },
        { name: 'since', type: 'DATE' },
      ])
      expect((await result.toArray()).map((row) => ({ ...row }))).toEqual(peopleRows)
      const grouped = `LOAD FROM '${file}' WHERE age IS NOT NULL RETURN count(*) AS n, sum(age) AS sum, max(name) AS last`
      expect(await rowsOf(db, grouped)).toEqual([{ n: 2, sum: 71, last: 'Bob "B", jr' }])
      const ordered = `LOAD FROM '${file}' RETURN DISTINCT upper(name) AS who ORDER BY who DESC LIMIT 2`
      expect(await rowsOf(db, ordered)).toEqual([{ who: 'CID' }, { who: 'BOB "B", JR' }])
    })
  })

  it('takes the dialect and the columns that the statement says', async () => {
    const file = writeFile('odd.txt', "# made by hand\n1|'a|b'|NA|1.234,5\n2|NA|x|7\n")
    await withDatabase(async (db) => {
      const options = `(HEADER=false, DELIM='|', QUOTE='\\'', COMMENT='#', NULL_STRINGS=['NA'], DECIMAL_SEPARATOR=',', THOUSANDS_SEPARATOR='.')`
      const columns = '(id INT32, `the text` STRING, b STRING, n DOUBLE)'
      expect(await rowsOf(db, `LOAD WITH HEADERS ${columns} FROM '${file}' ${options} RETURN *`)).toEqual([
        { id: 1, 'the text': 'a|b', b: null, n: 1234.5 },
        { id: 2, 'the text': null, b: 'x', n: 7 },
      ])
      expect(
        await failureOfQuery(db, `LOAD WITH HEADERS (id INT32) FROM '${file}' ${options} RETURN *`),
      ).toMatchObject({
        code: 'MILLRACE_CSV_RAGGED',
        problem: 'the record has 4 fields instead of 1',
        line: 2,
        row: 1,
      })
      const delimited = writeFile('delimited.csv', '1,a,b,c\n2,b,\n3,c\n')
      const two = `LOAD WITH HEADERS (id INT32, name STRING) FROM '${delimited}'`
      expect(await rowsOf(db, `${two} (HEADER=false, IGNORE_ERRORS) RETURN *`)).toEqual([
        { id: 2, name: 'b' },
        { id: 3, name: 'c' },
      ])
    })
  })

  it('says so when there is nothing behind the lines to skip', async () => {
    const file = writeFile('short.csv', 'id,name\n1,a\n')
    const empty = writeFile('empty.csv', '')
    await withDatabase(async (db) => {
      expect(await failureOfQuery(db, `LOAD FROM '${file}' (HEADER=false, SKIP=9) RETURN *`)).toMatchObject({
        code: 'MILLRACE_CSV_NO_RECORD',
        message: expect.stringMatching(/short\.csv: it has no record to count columns by: .*9 lines to skip/),
      })
      expect(await failureOfQuery(db, `LOAD FROM '${file}' (HEADER=true, SKIP=9) RETURN *`)).toMatchObject({
        code: 'MILLRACE_CSV_HEADER',
        problem: 'no record is in it behind the 9 lines to skip',
      })
      expect(await failureOfQuery(db, `LOAD FROM '${empty}' (HEADER=false) RETURN *`)).toMatchObject({
        code: 'MILLRACE_CSV_NO_RECORD',
        problem: 'the file is empty',
      })
      const given = `LOAD WITH HEADERS (id INT64) FROM '${file}' (HEADER=false, SKIP=9) RETURN *`
      expect(await rowsOf(db, given)).toEqual([])
    })
  })

  it('has all types of columns', async () => {
    const record =
      '-5,18446744073709551615,0.5,1234.5,12345678901234567890.12,12:34:56,1 day,00000000-0000-0000-0000-000000000001,"{""a"":1}","[1,2]",true,2024-01-01T00:00:00Z'
    const types =
      'a INT8, b UINT64, c FLOAT, d DECIMAL(9,2), e DECIMAL(38,2), f TIME, g INTERVAL, h UUID, i JSON, j INT64[], k BOOL, l TIMESTAMP'
    const file = writeFile('types.csv', `${record}\n,,,,,,,,,,,\n`)
    await withDatabase(async (db) => {
      await db.run(`CREATE NODE TABLE T(${types}, x INT64, PRIMARY KEY(x))`)
      const withKeys = writeFile('keys.csv', `${record},1\n,,,,,,,,,,,,2\n`)
      await db.copyFrom('T', withKeys, { header: false })
      const names = 'abcdefghijkl'.split('')
      const all = async (statement: string) => {
        const rows = await db.query(statement, {}, { int64: 'bigint' }).toArray()
        return rows.map((row) => Object.values(row))
      }
      const loaded = await all(
        `LOAD WITH HEADERS (${types}) FROM '${file}' (HEADER=false) RETURN ${names.join(', ')}`,
      )
      expect(loaded).toEqual(
        await all(`MATCH (t:T) RETURN ${names.map((n) => `t.${n}`).join(', ')} ORDER BY t.x`),
      )
      expect(loaded[0]).toContain('12345678901234567890.12')
    })
  })

  it('reads what options allow beyond the usual', async () => {
    const file = writeFile('special.csv', 'd,b,t\ninf,AP8=,31.12.1999\n')
    await withDatabase(async (db) => {
      const options = "(HEADER=true, NON_FINITE=true, BLOB_FORMAT='base64', DATE_FORMAT='german')"
      const columns = '(d DOUBLE, b BLOB, t DATE)'
      expect(await rowsOf(db, `LOAD WITH HEADERS ${columns} FROM '${file}' ${options} RETURN *`)).toEqual([
        { d: Number.POSITIVE_INFINITY, b: new Uint8Array([0, 255]), t: new Date('1999-12-31') },
      ])
    })
  })

  it('gives the same rows as COPY, over many blocks, whatever stands at their ends', async () => {
    let text = 'id,text,n\n'
    for (let i = 0; i < 60_000; i++) {
      // Some records are longer than a block and what is read behind it.
      const body = i % 20_011 === 7 ? 'long '.repeat(100_000) : `line ${i}\nand "another" €`
      text += `${i},"${body.replaceAll('"', '""')}",${i % 7 === 0 ? '' : i / 4}\r\n`
    }
    const file = writeFile('large.csv', text)
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE T(id INT64, text STRING, n DOUBLE, PRIMARY KEY(id))')
      await db.copyFrom('T', file)
      const sums =
        'count(*) AS rows, sum(id) AS ids, sum(n) AS ns, count(n) AS some, min(text) AS least, max(text) AS last'
      const copied = await rowsOf(db, `MATCH (t:T) WITH t.id AS id, t.text AS text, t.n AS n RETURN ${sums}`)
      expect(await rowsOf(db, `LOAD FROM '${file}' RETURN ${sums}`)).toEqual(copied)
      expect(
        await single(
          db,
          `MATCH (t:T) WHERE t.id > 59990 LOAD FROM '${file}' WHERE id = t.id RETURN count(*)`,
        ),
      ).toBe(9)
      const joined = `LOAD FROM '${file}' MATCH (t:T) WHERE t.id = id AND t.text = text RETURN count(*)`
      expect(await single(db, joined)).toBe(60_000)
    })
  })

  it('reads several files as one, each with its header', async () => {
    writeFile('part-1.csv', 'a,b\n1,x\n2,y\n')
    writeFile('part-2.csv', 'a,b\n3,z\n')
    const other = writeFile('other.csv', 'a,c\n3,z\n')
    await withDatabase(async (db) => {
      expect(await rowsOf(db, `LOAD FROM '${testFolder()}/part-*.csv' RETURN a, b`)).toEqual([
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
        { a: 3, b: 'z' },
      ])
      const both = `LOAD FROM ['${testFolder()}/part-1.csv', '${other}'] RETURN a`
      expect(await failureOfQuery(db, both)).toMatchObject({ code: 'MILLRACE_CSV_HEADER', place: other })
      const none = `LOAD FROM '${testFolder()}/nothing-*.csv' RETURN *`
      expect(await failureOfQuery(db, none)).toMatchObject({ code: 'MILLRACE_IMPORT_SOURCE' })
    })
  })

  it('gives names to columns that have none, or the same', async () => {
    const file = writeFile('names.csv', 'a,,a,a_2,A\n1,2,3,4,5\n')
    await withDatabase(async (db) => {
      expect(await rowsOf(db, `LOAD FROM '${file}' (HEADER=true) RETURN *`)).toEqual([
        { a: 1, column1: 2, a_1: 3, a_2: 4, A: 5 },
      ])
      expect(await rowsOf(db, `LOAD FROM '${file}' (HEADER=false, SKIP=1) RETURN column4, column0`)).toEqual([
        { column4: 5, column0: 1 },
      ])
    })
  })

  it('counts blank lines of a single column as COPY does', async () => {
    const file = writeFile('one.csv', 'a\n1\n\n3\n')
    await withDatabase(async (db) => {
      expect(await rowsOf(db, `LOAD FROM '${file}' RETURN *`)).toEqual([{ a: 1 }, { a: null }, { a: 3 }])
      expect(await single(db, `LOAD FROM '${file}' RETURN count(*)`)).toBe(3)
    })
  })

  it('feeds statements that write, in a transaction too', async () => {
    const file = writeFile('people.csv', people)
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE P(name STRING, age INT64, PRIMARY KEY(name))')
      await db.run(`LOAD FROM '${file}' WHERE age > 30 CREATE (:P {name: name, age: age})`)
      expect(await single(db, 'MATCH (p:P) RETURN count(*)')).toBe(2)
      await db.transaction(async (tx) => {
        const made = tx.query(
          `LOAD FROM '${file}' MERGE (p:P {name: name}) SET p.age = 1 RETURN p.name AS name`,
        )
        expect(await made.toArray()).toHaveLength(3)
        await tx.run(`LOAD FROM '${file}' RETURN *`)
        const inside = tx.query(
          `LOAD FROM '${file}' MATCH (p:P) WHERE p.name = name RETURN sum(p.age) AS sum`,
        )
        expect((await inside.toArray())[0]).toMatchObject({ sum: 3 })
      })
      await db.run('BEGIN TRANSACTION')
      expect(await single(db, `LOAD FROM '${file}' RETURN count(*)`)).toBe(3)
      await db.run(`LOAD FROM '${file}' MATCH (p:P) WHERE p.name = name DELETE p`)
      await db.run('ROLLBACK')
      expect(await single(db, 'MATCH (p:P) RETURN count(*)')).toBe(3)
    })
  })

  it('is read by a database that is opened for reading only', async () => {
    const file = writeFile('people.csv', people)
    await withDatabase(async () => {})
    await withDatabase(
      async (db) => expect(await rowsOf(db, `LOAD FROM '${file}' RETURN *`)).toEqual(peopleRows),
      {
        readOnly: true,
      },
    )
  })

  it('looks at the file anew each time', async () => {
    const file = writeFile('changing.csv', 'a\n1\n')
    const statement = `LOAD FROM '${file}' RETURN *`
    await withDatabase(async (db) => {
      expect(await rowsOf(db, statement)).toEqual([{ a: 1 }])
      writeFileSync(file, 'b,c\nx,2.5\n')
      expect(await rowsOf(db, statement)).toEqual([{ b: 'x', c: 2.5 }])
      const before = db.query(statement)
      writeFileSync(file, 'b,c\nx,2.5\ny,3\n')
      expect(await failureOf(() => before.toArray())).toMatchObject({ code: 'MILLRACE_SOURCE_CHANGED' })
    })
  })

  it('reads no more than is asked for, and leaves nothing open', async () => {
    // The record behind the first blocks cannot be read: whoever comes to it hears of it.
    const lines = Array.from({ length: 200_000 }, (_, i) => `${i},text ${i}`)
    const file = writeFile('late.csv', `id,text\n${lines.join('\n')}\nlate,text\n`)
    await withDatabase(async (db) => {
      const before = openFiles()
      expect(await rowsOf(db, `LOAD FROM '${file}' RETURN id LIMIT 3`)).toEqual([
        { id: 0 },
        { id: 1 },
        { id: 2 },
      ])
      for await (const row of db.query(`LOAD FROM '${file}' RETURN id`)) if (row.id === 10) break
      expect(await failureOfQuery(db, `LOAD FROM '${file}' RETURN sum(id)`)).toMatchObject({
        code: 'MILLRACE_CSV_TYPE',
        row: 200_001,
        guessedType: 'INT64',
        problem: expect.stringMatching(
          /"late" is not an INT64.*guessed from \d+ records at \d+ places.*LOAD WITH HEADERS/,
        ),
      })
      // What is not named is not parsed.
      expect(await single(db, `LOAD FROM '${file}' RETURN count(text)`)).toBe(200_001)
      expect(openFiles()).toBe(before)
    })
  })

  it('lets other work in, and heeds a signal', async () => {
    const lines = Array.from({ length: 600_000 }, (_, i) => `${i},text ${i}`)
    const file = writeFile('long.csv', `id,text\n${lines.join('\n')}\n`)
    await withDatabase(async (db) => {
      let turns = 0
      const counting = setInterval(() => turns++, 1)
      try {
        expect(await single(db, `LOAD FROM '${file}' WHERE text CONTAINS 'nothing' RETURN count(*)`)).toBe(0)
      } finally {
        clearInterval(counting)
      }
      expect(turns).toBeGreaterThan(1)
      const stopping = new AbortController()
      const reading = db
        .query(`LOAD FROM '${file}' RETURN max(text)`, {}, { signal: stopping.signal })
        .toArray()
      setTimeout(() => stopping.abort(new Error('enough')), 5)
      await expect(reading).rejects.toThrow('enough')
    })
  })
})

describe('what cannot be read', () => {
  const header = 'id,name,n\n'
  const good = Array.from({ length: 9 }, (_, i) => `${i},"a\nb",${i}\n`).join('')

  it.each([
    ['a value of another type', `${header}${good}10,x,many\n`, {}],
    ['a number out of range', `${header}${good}10,x,99999999999999999999\n`, {}],
    ['too few fields', `${header}${good}10,x\n`, {}],
    ['text behind a quote', `${header}${good}10,"x"y,1\n`, {}],
    ['a quote that is never closed', `${header}${good}10,"x,1\n`, {}],
    [
      'bytes that are no UTF-8',
      Buffer.concat([Buffer.from(`${header}${good}10,`), Buffer.from([0xff, 0x0a])]),
      {},
    ],
    ['a record too long', `${header}${good}10,${'x'.repeat(500_000)},1\n`, { maxRowBytes: 300_000 }],
    ['too many of them', `${header}${good}${'1,2\n'.repeat(5)}`, { ignoreErrors: true, maxErrors: 3 }],
  ])('%s: the error of COPY', async (_, text, options) => {
    const file = writeFile('bad.csv', text)
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE T(id INT64, name STRING, n INT64, PRIMARY KEY(id))')
      const copied = await failureOf(() => db.copyFrom('T', file, options))
      const said = Object.entries(options).map(([name, value]) => `, ${name}=${value}`)
      const columns = '(id INT64, name STRING, n INT64)'
      const statement = `LOAD WITH HEADERS ${columns} FROM '${file}' (header=true${said.join('')}) RETURN *`
      expect(await failureOfQuery(db, statement)).toEqual(copied)
    })
  })

  it('comes behind the rows before it', async () => {
    const file = writeFile('bad.csv', `${header}${good}10,x,many\n`)
    await withDatabase(async (db) => {
      const columns = '(id INT64, name STRING, n INT64)'
      const ids: unknown[] = []
      const read = async () => {
        const result = db.query(`LOAD WITH HEADERS ${columns} FROM '${file}' (header=true) RETURN id, n`)
        for await (const { id } of result) ids.push(id)
      }
      expect(await failureOf(read)).toMatchObject({
        code: 'MILLRACE_CSV_TYPE',
        line: 20,
        row: 10,
        column: 'n',
      })
      expect(ids).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    })
  })

  it('is left out and counted where the statement says so', async () => {
    const file = writeFile('bad.csv', `${header}${good}10,x,many\n11,x\n12,y,3\n`)
    await withDatabase(async (db) => {
      const columns = '(id INT64, name STRING, n INT64)'
      const statement = `LOAD WITH HEADERS ${columns} FROM '${file}' (header=true, IGNORE_ERRORS=true) RETURN *`
      const result = db.query(statement)
      expect(result.refused).toEqual([])
      expect(await result.toArray()).toHaveLength(10)
      expect(result.refused).toMatchObject([
        {
          source: file,
          errorCount: 2,
          errors: [{ row: 10, line: 20, column: 'n', text: 'many' }, { row: 11 }],
        },
      ])
      const read = db.query(statement.replace('*', 'count(n) AS n'))
      expect((await read.toArray())[0]).toMatchObject({ n: 10 })
      await db.transaction(async (tx) => {
        const inside = tx.query(statement)
        await inside.toArray()
        expect(inside.refused).toMatchObject([{ errorCount: 2 }])
      })
    })
  })

  it('pipes and what is no CSV are refused, saying what reads them', async () => {
    const empty = writeFile('empty.csv', '')
    const parquet = writeFile('a.parquet', 'PAR1\x15\x00\x15\x00')
    const plain = writeFile('plain.csv', 'a\n1\n')
    const pipe = join(testFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    await withDatabase(async (db) => {
      const refused = async (source: string, options = '') =>
        await failureOfQuery(db, `LOAD FROM '${source}' ${options} RETURN *`)
      expect(await refused(pipe)).toMatchObject({
        code: 'MILLRACE_IMPORT_SOURCE',
        problem: expect.stringMatching(/pipe.*COPY.*readCsv/),
      })
      expect(await refused(plain, "(REJECTS='r.csv')")).toMatchObject({
        code: 'MILLRACE_ARGUMENT',
        value: 'rejects',
      })
      expect(await refused(empty)).toMatchObject({ code: 'MILLRACE_CSV_NO_RECORD' })
      expect(await refused(parquet)).toMatchObject({ code: 'MILLRACE_NOT_CSV' })
      expect(await refused(testFolder())).toMatchObject({ code: 'MILLRACE_IMPORT_SOURCE' })
    })
  })

  it('is kept to what is allowed', async () => {
    const file = writeFile('people.csv', people)
    const options: DatabaseOptions = { allowedPaths: [process.cwd()] }
    await withDatabase(async (db) => {
      for (const statement of [`LOAD FROM '${file}' RETURN *`, `CALL sniff_csv('${testFolder()}/*.csv')`]) {
        expect(await failureOfQuery(db, statement)).toMatchObject({ code: 'MILLRACE_PATH_NOT_ALLOWED' })
      }
    }, options)
    await withDatabase(
      async (db) => expect(await rowsOf(db, `LOAD FROM '${file}' RETURN *`)).toEqual(peopleRows),
      {
        allowedPaths: [testFolder()],
      },
    )
  })
})

describe('CALL sniff_csv', () => {
  it('says how a file is written, and a statement that reads it so', async () => {
    const file = writeFile('p;1.csv', people.replaceAll(',', ';'))
    await withDatabase(async (db) => {
      const [row] = (await rowsOf(db, `CALL sniff_csv('${file}')`)) as Record<string, unknown>[]
      expect(row).toMatchObject({
        delimiter: ';',
        quote: '"',
        escape: '"',
        comment: null,
        lineEnd: '\n',
        header: true,
        columnCount: 4,
        columns: 'name STRING, age INT64, score DOUBLE, since DATE',
        sampledRows: 4,
        sampledPlaces: 1,
        options: `HEADER=true, DELIM=';', QUOTE='"', ESCAPE='"'`,
      })
      const read = await rowsOf(db, String(row?.prompt))
      expect(read).toEqual(await rowsOf(db, `LOAD FROM '${file}' RETURN *`))
      await db.run(`CREATE NODE TABLE P(${row?.columns}, PRIMARY KEY(name))`)
      await db.run(`COPY P FROM '${file}' (${row?.options})`)
      expect(await single(db, 'MATCH (p:P) RETURN count(*)')).toBe(3)
    })
  })

  it('says where quotes have spaces around them', async () => {
    const file = writeFile('spaced.csv', 'id, "name"\n1, "x, y"\n2,"z" \n')
    await withDatabase(async (db) => {
      const [row] = (await rowsOf(db, `CALL sniff_csv('${file}')`)) as Record<string, unknown>[]
      expect(row?.options).toBe(`HEADER=true, DELIM=',', QUOTE='"', ESCAPE='"', TRIM=true`)
      expect(await rowsOf(db, String(row?.prompt))).toEqual([
        { id: 1, name: 'x, y' },
        { id: 2, name: 'z' },
      ])
    })
  })

  it('says how dates are written, and all that it was told', async () => {
    const dates = writeFile('dates.csv', 'd,t\n31.12.2001,1/2/2003 1:05 PM\n01.02.2003,12/31/2004 11:59 AM\n')
    const values = writeFile('values.csv', 'a;b;c\n1.000,5;NA;x\n2,5;-;\n')
    await withDatabase(async (db) => {
      const [row] = (await rowsOf(db, `CALL sniff_csv('${dates}')`)) as Record<string, unknown>[]
      expect(row).toMatchObject({
        columns: 'd DATE, t TIMESTAMP',
        options: expect.stringContaining(
          "ESCAPE='\"', DATE_FORMAT='%d.%m.%Y', TIMESTAMP_FORMAT='%m/%d/%Y %I:%M %p'",
        ),
      })
      const expected = [
        { d: new Date('2001-12-31'), t: new Date('2003-01-02T13:05:00Z') },
        { d: new Date('2003-02-01'), t: new Date('2004-12-31T11:59:00Z') },
      ]
      for (const query of [String(row?.prompt), `LOAD FROM '${dates}' RETURN *`]) {
        expect(await rowsOf(db, query)).toEqual(expected)
      }
      const options =
        "DECIMAL_SEPARATOR=',', THOUSANDS_SEPARATOR='.', NULL_STRINGS=['NA', '-'], EMPTY_AS_NULL=false"
      const [told] = (await rowsOf(db, `CALL sniff_csv('${values}', ${options})`)) as Record<
        string,
        unknown
      >[]
      const read = [
        { a: 1000.5, b: null, c: 'x' },
        { a: 2.5, b: null, c: '' },
      ]
      expect(await rowsOf(db, String(told?.prompt))).toEqual(read)
      await db.run(`CREATE NODE TABLE V(${told?.columns}, PRIMARY KEY(a))`.replace('a DOUBLE', 'a STRING'))
      await db.run(`COPY V FROM '${values}' (${told?.options})`)
      expect(await rowsOf(db, 'MATCH (v:V) RETURN v.b, v.c')).toEqual(
        read.map(({ b, c }) => ({ 'v.b': b, 'v.c': c })),
      )
    })
  })

  it('says how many lines stand before the header', async () => {
    const file = writeFile('titled.csv', 'Members of May\n\nid,opened\n1,10:30\n2,09:00\n')
    await withDatabase(async (db) => {
      const [row] = (await rowsOf(db, `CALL sniff_csv('${file}')`)) as Record<string, unknown>[]
      expect(row).toMatchObject({
        columns: 'id INT64, opened TIME',
        options: `HEADER=true, DELIM=',', QUOTE='"', ESCAPE='"', SKIP=2`,
      })
      const expected = [
        { id: 1, opened: '10:30:00' },
        { id: 2, opened: '09:00:00' },
      ]
      expect(await rowsOf(db, String(row?.prompt))).toEqual(expected)
      expect(await rowsOf(db, `LOAD FROM '${file}' RETURN *`)).toEqual(expected)
    })
  })

  it('goes by what is said, and gives the columns that are asked for', async () => {
    const file = writeFile("it's\t.csv", 'a b\t1\n')
    await withDatabase(async (db) => {
      const path = file.replaceAll("'", "\\'")
      const call = `CALL sniff_csv('${path}', HEADER = true, DELIM := '\\t') YIELD columns AS c, delimiter, prompt RETURN *`
      const [row] = (await rowsOf(db, call)) as Record<string, unknown>[]
      expect(row).toMatchObject({ c: '`a b` STRING, `1` STRING', delimiter: '\t' })
      expect(await rowsOf(db, String(row?.prompt))).toEqual([])
      expect(await failureOfQuery(db, 'CALL sniff_csv(1)')).toMatchObject({ code: 'MILLRACE_ARGUMENT' })
      expect(await failureOfQuery(db, `CALL sniff_csv('${path}', THREADS=2)`)).toMatchObject({
        code: 'MILLRACE_ARGUMENT',
        value: 'threads',
      })
    })
  })
})

it('LOAD FROM guesses types below a header that is longer than a sample', async () => {
  const names = Array.from({ length: 4000 }, (_, i) => `a_column_with_number_${i}`)
  const file = writeFile('wide.csv', `${names.join(',')}\n${names.map((_, i) => i).join(',')}\n`)
  await withDatabase(async (db) => {
    const query = `LOAD FROM '${file}' RETURN a_column_with_number_3999 + 1 AS next`
    expect(await rowsOf(db, query)).toEqual([{ next: 4000 }])
  })
})
