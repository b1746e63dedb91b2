/** COPY … FROM (…): rows of a query go into tables as those of files do. */
import { Database } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, single, testFolder, withDatabase, writeFile } from './support.js'

/** Values of every type, as literals of a statement; each column has the ends of its range, and NULL. */
const everyType: readonly (readonly [type: string, ...literals: string[]])[] = [
  ['INT8', '-128', '127'],
  ['INT16', '-32768', '32767'],
  ['INT32', '-2147483648', '2147483647'],
  ['INT64', '-9223372036854775807', '9223372036854775807'],
  ['UINT8', '255', '0'],
  ['UINT64', "CAST('18446744073709551615' AS UINT64)", '0'],
  ['DOUBLE', '0.1', '5e-324', '1.7976931348623157e308', '-0.0', "CAST('nan' AS DOUBLE)", '-1e308 * 10'],
  ['FLOAT', "CAST('0.1' AS FLOAT)", "CAST('3.4028235e38' AS FLOAT)"],
  ['DECIMAL(38,4)', "CAST('9999999999999999999999999999999999.9999' AS DECIMAL(38,4))", '-0.0001'],
  ['BOOL', 'true', 'false'],
  [
    'STRING',
    "''",
    "' '",
    "'\\\\N'",
    "'NULL'",
    "'\"'",
    '\'a,b\\r\\n"c"\\n\'',
    "'#'",
    "'\\t'",
    "'😀é'",
    "'\\u0000'",
  ],
  ['DATE', "'0001-01-01'", "'9999-12-31'", "'1969-12-31'"],
  ['TIME', "'23:59:59.999999'", "'00:00:00'"],
  ['TIMESTAMP', "'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'", "'1969-12-31 23:59:59.5'"],
  ['INTERVAL', "'1 year 2 months 3 days 04:05:06.5'", "'-1 day'"],
  ['UUID', "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
  ['BLOB', "'\\\\x00FF22'"],
  ['JSON', '\'{"a": [1, "x,\\\\"y\\\\""]}\'', "'null'", '\'""\''],
  ['INT64[]', '[1, NULL, -3]', '[]'],
  ['STRING[]', "['a,b', '\"', '', NULL, 'NULL', ' x ', '[', '\\\\']", "['']"],
  ['DOUBLE[][]', '[[1.5, NULL], [], [0.1]]'],
]

describe('COPY from a query', () => {
  it('takes values of every type as they are', async () => {
    const columns = everyType.map(([type], i) => `c${i} ${type}`).join(', ')
    const rows = Math.max(...everyType.map((each) => each.length))
    const names = everyType.map((_, i) => `n.c${i} AS c${i}`).join(', ')
    await withDatabase(async (db) => {
      for (const name of ['A', 'B']) {
        await db.run(`CREATE NODE TABLE ${name}(id INT64, ${columns}, PRIMARY KEY(id))`)
      }
      for (let id = 1; id <= rows; id++) {
        const values = everyType.map((each, i) => `c${i}: ${each[id] ?? 'NULL'}`)
        await db.run(`CREATE (:A {id: ${id}, ${values.join(', ')}})`)
      }
      const loaded = await db.run(`COPY B FROM (MATCH (n:A) RETURN n.id AS id, ${names})`)
      expect(loaded).toMatchObject({ rowsImported: rows, errorCount: 0 })
      const of = (name: string) =>
        db
          .query(`MATCH (n:${name}) RETURN n.id AS id, ${names} ORDER BY id`, {}, { int64: 'bigint' })
          .toArray()
      expect(await of('B')).toEqual(await of('A'))
    })
  })

  it('loads relationships, lists that queries make, and constants', async () => {
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE P(id INT64, name STRING, PRIMARY KEY(id))')
      await db.run('CREATE REL TABLE Near(FROM P TO P, names STRING[], sizes INT64[], since DATE, w DOUBLE)')
      await db.run(`COPY P FROM (UNWIND range(1, 5) AS id RETURN id, 'n"' + CAST(id AS STRING))`)
      const pairs = 'MATCH (a:P), (b:P) WHERE a.id < b.id AND a.id < $most'
      const rows = 'RETURN a.id, b.id, collect(a.name), [1, NULL], DATE("2001-01-31"), a.id / 2.0'
      const copied = await db.run(
        `COPY Near FROM (${pairs} ${rows.replace('DATE("2001-01-31")', "'2001-01-31'")})`,
        {
          most: 3,
        },
      )
      expect(copied).toMatchObject({ rowsImported: 7 })
      const found =
        'MATCH (a:P)-[r:Near]->(b:P) WHERE b.id = 5 RETURN a.id AS id, r.names AS names, r.sizes AS sizes, r.since AS since, r.w AS w'
      expect(await rowsOf(db, found)).toEqual([
        { id: 1, names: ['n"1'], sizes: [1, null], since: new Date('2001-01-31'), w: 0.5 },
        { id: 2, names: ['n"2'], sizes: [1, null], since: new Date('2001-01-31'), w: 1 },
      ])
    })
  })

  it('loads what LOAD FROM reads and filters, and says what that left out', async () => {
    const file = writeFile(
      'people.csv',
      `id,name\n${Array.from({ length: 60_000 }, (_, i) => `${i},"n ${i}"\n`).join('')}`,
    )
    const bad = writeFile('bad.csv', 'id,name\n100000,a\n100001,b,c,d\n')
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE P(id INT64, name STRING, PRIMARY KEY(id))')
      const some = `LOAD FROM '${file}' WHERE id % 2 = 0 RETURN id, name`
      expect(await db.run(`COPY P FROM (${some}) (BLOCK_SIZE=10000)`)).toMatchObject({
        rowsImported: 30_000,
        warnings: [],
      })
      expect(await single(db, "MATCH (p:P) WHERE p.name = 'n ' + CAST(p.id AS STRING) RETURN count(*)")).toBe(
        30_000,
      )
      const rest = `LOAD FROM '${bad}' (IGNORE_ERRORS) RETURN id, name`
      const warnings = [expect.stringMatching(/left out 1 record of .*bad\.csv.*line 3/)]
      expect(await db.run(`COPY P FROM (${rest})`)).toMatchObject({ rowsImported: 1, warnings })
    })
  })

  it('sees what was written before it, and not what it loads', async () => {
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE P(id INT64, PRIMARY KEY(id))')
      const writing = db.run('UNWIND range(1, 100) AS id CREATE (:P {id: id})')
      const result = await db.run('COPY P FROM (MATCH (p:P) RETURN p.id + 100)')
      await writing
      expect(result).toMatchObject({ rowsImported: 100 })
      expect(await single(db, 'MATCH (p:P) RETURN sum(p.id)')).toBe(20_100)
    })
  })

  it('belongs to the transaction it stands in', async () => {
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE P(id INT64, PRIMARY KEY(id))')
      await db.run('CREATE (:P {id: 1})')
      const failing = db.transaction(async (tx) => {
        await tx.run('CREATE (:P {id: 2})')
        await tx.run('CREATE NODE TABLE Q(id INT64, PRIMARY KEY(id))')
        expect(await tx.run('COPY Q FROM (MATCH (p:P) RETURN p.id)')).toMatchObject({ rowsImported: 2 })
        const rows = await tx.query('COPY P FROM (MATCH (q:Q) RETURN q.id * 10)').toArray()
        expect(rows[0]).toMatchObject({ rowsImported: 2 })
        const ids = await tx.query('MATCH (p:P) RETURN p.id AS id ORDER BY id').toArray()
        expect(ids.map(({ id }) => id)).toEqual([1, 2, 10, 20])
        throw new Error('no')
      })
      await expect(failing).rejects.toThrow('no')
      expect(await rowsOf(db, 'MATCH (p:P) RETURN p.id AS id')).toEqual([{ id: 1 }])
      expect(db.catalog.tables.map(({ name }) => name)).toEqual(['P'])
    })
  })

  it('leaves nothing behind when it fails, in the query or in the load, or is stopped', async () => {
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE P(id INT64, PRIMARY KEY(id))')
      await db.run('COPY P FROM (UNWIND range(1, 50000) AS id RETURN id)')
      await db.run('CREATE NODE TABLE Q(id INT64, PRIMARY KEY(id))')
      const failures = [
        ['RETURN 10 / (p.id - 49999)', { code: 'MILLRACE_EVALUATION' }],
        ['RETURN p.id / 2', { code: 'MILLRACE_DUPLICATE_KEY', details: { file: 'the query', row: 3 } }],
        [
          "RETURN CASE WHEN p.id = 40000 THEN 'x' ELSE '1' + CAST(p.id AS STRING) END",
          { code: 'MILLRACE_CSV_TYPE' },
        ],
        ['RETURN NULL', { code: 'MILLRACE_CSV_NULL_KEY' }],
      ] as const
      for (const [returned, error] of failures) {
        await expect(db.run(`COPY Q FROM (MATCH (p:P) ${returned})`), returned).rejects.toMatchObject(error)
        expect(await single(db, 'MATCH (q:Q) RETURN count(*)')).toBe(0)
      }
      const stopping = new AbortController()
      const loading = db.run(
        'COPY Q FROM (MATCH (p:P) RETURN p.id)',
        {},
        {
          signal: stopping.signal,
          onProgress: () => stopping.abort(new Error('enough')),
        },
      )
      await expect(loading).rejects.toThrow('enough')
      const skipped = await db.run('COPY Q FROM (MATCH (p:P) RETURN p.id / 2) (IGNORE_ERRORS, DRY_RUN)')
      expect(skipped).toMatchObject({ rowsImported: 25_001, errorCount: 24_999, dryRun: true })
      expect(await single(db, 'MATCH (q:Q) RETURN count(*)')).toBe(0)
      await db.checkpoint()
    })
  })

  it.each([
    ['MATCH (p:P) RETURN p.id', '', /returns 1 columns, and COPY takes 2/],
    ['MATCH (p:P) RETURN p.id, p', '', /p is no value of a column/],
    ['CREATE (p:P {id: 1}) RETURN p.id, p.name', '', /writes/],
    ['MATCH (p:P) RETURN p.id, p.nme', '', /Did you mean name/],
    ['MATCH (p:P) RETURN p.id, p.name', '(HEADER=true)', /option: header.*IGNORE|option: header/i],
    ['MATCH (p:P) RETURN p.id, p.name', '(RESUME=true)', /option: resume/],
  ])('is refused before it begins: %s %s', async (query, options, message) => {
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE P(id INT64, name STRING, PRIMARY KEY(id))')
      await expect(db.run(`COPY P FROM (${query}) ${options}`)).rejects.toThrow(message)
      expect(await rowsOf(db, 'MATCH (p:P) RETURN p.id')).toEqual([])
    })
  })

  it('holds to what a database may do', async () => {
    const file = writeFile('p.csv', 'id\n1\n')
    await withDatabase(async (db) => void (await db.run('CREATE NODE TABLE P(id INT64, PRIMARY KEY(id))')))
    const path = `${testFolder()}/test.mill`
    const readOnly = await Database.open(path, { readOnly: true })
    await expect(readOnly.run('COPY P FROM (MATCH (p:P) RETURN p.id)')).rejects.toMatchObject({
      code: 'MILLRACE_READ_ONLY',
    })
    await readOnly.close()
    const narrow = await Database.open(path, { allowedPaths: [process.cwd()] })
    await expect(narrow.run(`COPY P FROM (LOAD FROM '${file}' RETURN id)`)).rejects.toMatchObject({
      code: 'MILLRACE_PATH_NOT_ALLOWED',
    })
    await narrow.close()
  })
})
