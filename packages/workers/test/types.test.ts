/**
 * The whole way of every type: declared, imported, written by statements, logged, merged at a checkpoint, and
 * read as rows and as Arrow.
 */
import { describe, expect, it } from 'vitest'
import { rowsOf, single, withDatabase, writeFile } from './support.js'

const columns = [
  ['i8', 'INT8', '-128', -128],
  ['i16', 'SMALLINT', '-32768', -32768],
  ['u8', 'UINT8', '255', 255],
  ['u16', 'UINT16', '65535', 65535],
  ['u32', 'UINT32', '4294967295', 4294967295],
  ['u64', 'UINT64', '9007199254740991', 9007199254740991],
  ['f', 'FLOAT', '0.1', Math.fround(0.1)],
  ['d', 'DECIMAL(18,3)', '-1234.500', '-1234.500'],
  [
    'w',
    'NUMERIC(38, 10)',
    '1234567890123456789012345678.0123456789',
    '1234567890123456789012345678.0123456789',
  ],
  ['t', 'TIME', '23:59:59.5', '23:59:59.500000'],
  ['v', 'INTERVAL', '1 year 3 days 04:05:06', '1 year 3 days 04:05:06'],
  ['u', 'UUID', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['b', 'BLOB', '\\x00FF80', new Uint8Array([0, 255, 128])],
  ['j', 'JSON', '"{""a"": [1]}"', '{"a": [1]}'],
  ['l', 'INT64[]', '"[1, NULL, -3]"', [1, null, -3]],
  ['s', 'STRING[]', '"[a, ""b,c""]"', ['a', 'b,c']],
] as const

const names = columns.map(([name]) => name)
const table = `CREATE NODE TABLE T(id INT64, ${columns.map(([name, type]) => `${name} ${type}`).join(', ')}, PRIMARY KEY(id))`
const allRows = `MATCH (n:T) RETURN n.id AS id, ${names.map((name) => `n.${name} AS ${name}`).join(', ')} ORDER BY id`
const values = Object.fromEntries(columns.map(([name, , , value]) => [name, value]))
const nothing = Object.fromEntries(names.map((name) => [name, null]))
const header = `id,${names.join(',')}`
const line = columns.map(([, , text]) => text).join(',')

function file(rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, row) => `${row},${row % 3 === 2 ? ','.repeat(names.length - 1) : line}`,
  )
  return writeFile('types.csv', `${[header, ...lines].join('\n')}\n`)
}

describe('every type', () => {
  it('is imported, and comes back after the database was closed', async () => {
    await withDatabase(async (db) => {
      await db.run(table)
      await db.copyFrom('T', file(1000), { blockSize: 10_000 })
    })
    await withDatabase(async (db) => {
      const rows = await rowsOf(db, allRows)
      expect(rows).toHaveLength(1000)
      for (const [row, found] of rows.entries())
        expect(found).toEqual({ id: row, ...(row % 3 === 2 ? nothing : values) })
    })
  })

  it('is written by statements, survives the log and a checkpoint, and can be changed', async () => {
    const literals = {
      ...values,
      u64: 18446744073709551615n,
      b: new Uint8Array([1, 2]),
      f: 0.1,
    }
    const create = `CREATE (:T {id: $id, ${names.map((name) => `${name}: $${name}`).join(', ')}})`
    const expected = { ...values, u64: 18446744073709551615n, b: new Uint8Array([1, 2]) }
    const read = async () => {
      const rows: unknown[] = []
      await withDatabase(async (db) => {
        for await (const row of db.query(allRows, {}, { int64: 'bigint' })) rows.push({ ...row })
      })
      return rows as Record<string, unknown>[]
    }
    await withDatabase(async (db) => {
      await db.run(table)
      await db.run(create, { id: 1, ...literals })
      await db.run('CREATE (:T {id: 2})')
      await db.run(
        'MATCH (n:T {id: 2}) SET n.d = 1.5, n.u8 = 7, n.s = ["x"], n.u = $u, n.t = "01:02:03", n.l = []',
        {
          u: '{a0eebc999c0b4ef8bb6d6bb9bd380a11}',
        },
      )
    })
    const asBigints = { ...expected, l: [1n, null, -3n] }
    for (let opened = 0; opened < 2; opened++) {
      const [first, second] = await read()
      expect(first).toEqual({ id: 1n, ...asBigints })
      expect(second).toMatchObject({
        id: 2n,
        d: '1.500',
        u8: 7,
        s: ['x'],
        u: values.u,
        t: '01:02:03',
        l: [],
        b: null,
      })
    }
  })

  it('is given as an Arrow table', async () => {
    await withDatabase(async (db) => {
      await db.run(table)
      await db.copyFrom('T', file(3))
      const arrow = await db.query(allRows).toArrow()
      const shown = Object.fromEntries(arrow.schema.fields.map((field) => [field.name, String(field.type)]))
      expect(shown).toMatchObject({
        i8: 'Int8',
        u64: 'Uint64',
        f: 'Float32',
        t: 'Time64<MICROSECOND>',
        u: 'FixedSizeBinary[16]',
        b: 'Binary',
        l: 'List<Int64>',
      })
      const get = (name: string) => arrow.getChild(name)!.get(0)
      expect(get('u64')).toBe(9007199254740991n)
      expect([...get('l')]).toEqual([1n, null, -3n])
      expect(get('b')).toEqual(new Uint8Array([0, 255, 128]))
      expect(Buffer.from(get('u')).toString('hex')).toBe('a0eebc999c0b4ef8bb6d6bb9bd380a11')
      const words = new BigInt64Array(Uint32Array.from(get('d')).buffer)
      expect(words[0]).toBe(-1234500n)
      expect(arrow.getChild('u')!.get(2)).toBeNull()
    })
  })
})

describe('keys', () => {
  it.each([
    ['INT8', ['-128', '0', '127'], [-128, 0, 127]],
    ['UINT16', ['65535', '0', '7'], [65535, 0, 7]],
    [
      'UINT64',
      ['18446744073709551615', '0', '9223372036854775808'],
      [18446744073709551615n, 0, 9223372036854775808n],
    ],
    ['UINT64', ['1', '2', '9223372036854775808'], [1, 2, 9223372036854775808n]],
    [
      'UUID',
      [
        'ffffffff-0000-4000-8000-000000000001',
        '00000000-0000-4000-8000-000000000002',
        '7f000000-0000-4000-8000-000000000003',
      ],
      [
        'FFFFFFFF-0000-4000-8000-000000000001',
        '00000000-0000-4000-8000-000000000002',
        '7f000000000040008000000000000003',
      ],
    ],
  ] as const)('of %s are unique, found, and connected', async (type, texts, keys) => {
    const nodes = writeFile('nodes.csv', `id\n${texts.join('\n')}\n`)
    const again = writeFile('again.csv', `id\n${texts[0]}\n`)
    const rels = writeFile('rels.csv', `from,to\n${texts[0]},${texts[1]}\n${texts[2]},${texts[0]}\n`)
    const dangling = writeFile('dangling.csv', `from,to\n${texts[0]},${texts[0].replace(/.$/, '3')}\n`)
    await withDatabase(async (db) => {
      await db.run(`CREATE NODE TABLE N(id ${type}, PRIMARY KEY(id))`)
      await db.run('CREATE REL TABLE R(FROM N TO N)')
      await db.copyFrom('N', nodes)
      await db.copyFrom('R', rels)
      const shown = texts[0].length > 30 ? texts[0] : String(BigInt(texts[0]))
      await expect(db.copyFrom('N', again)).rejects.toThrow(shown)
      await expect(db.copyFrom('R', dangling)).rejects.toThrow(shown.replace(/.$/, '3'))
      await expect(db.run(`CREATE (:N {id: $id})`, { id: keys[0] })).rejects.toThrow(shown)
      for (const key of keys) {
        expect(await rowsOf(db, 'MATCH (n:N) WHERE n.id = $key RETURN count(*) AS c', { key })).toEqual([
          { c: 1 },
        ])
      }
      expect(await single(db, 'MATCH (:N)-[:R]->(:N) RETURN count(*)')).toBe(2)
      await db.run('CREATE (:N {id: $id})', {
        id: type === 'UUID' ? 'ffffffff-0000-4000-8000-0000000000aa' : 100,
      })
      expect(await single(db, 'MATCH (n:N) RETURN count(*)')).toBe(4)
    })
    await withDatabase(async (db) => {
      for (const key of keys) {
        expect(await rowsOf(db, 'MATCH (n:N) WHERE n.id IN [$key] RETURN count(*) AS c', { key })).toEqual([
          { c: 1 },
        ])
      }
    })
  })
})

describe('queries', () => {
  const people = [
    'id,amount,big,tags,wait,at',
    ...Array.from(
      { length: 100 },
      (_, row) =>
        `${row},${row}.${String(row).padStart(2, '0')},${2n ** 63n + BigInt(row)},"[t${row % 3},all]",${row} minutes,${String(row % 24).padStart(2, '0')}:00:00`,
    ),
  ].join('\n')
  const schema =
    'CREATE NODE TABLE P(id INT64, amount DECIMAL(9,2), big UINT64, tags STRING[], wait INTERVAL, at TIME, PRIMARY KEY(id))'

  const withPeople = (
    action: (answer: (statement: string, parameters?: object) => Promise<unknown[]>) => Promise<void>,
  ) =>
    withDatabase(async (db) => {
      await db.run(schema)
      await db.copyFrom('P', writeFile('p.csv', `${people}\n`))
      await action(async (statement, parameters = {}) =>
        (await rowsOf(db, statement, parameters)).map((row) => Object.values(row as object)),
      )
    })

  const answers: [string, unknown[] | undefined][] = [
    ['MATCH (p:P) WHERE p.amount = 7.07 RETURN p.id', [[7]]],
    ['MATCH (p:P) WHERE p.amount > 97 RETURN p.id ORDER BY p.amount DESC', [[99], [98], [97]]],
    ['MATCH (p:P) WHERE p.amount IN [1.01, 2.02, 5] RETURN count(*)', [[2]]],
    [
      'MATCH (p:P) RETURN sum(p.amount), min(p.amount), max(p.amount), avg(p.amount)',
      [['4999.50', '0.00', '99.99', 49.995]],
    ],
    [
      'MATCH (p:P {id: 3}) RETURN p.amount + 1, p.amount * p.amount, p.amount / 2, -p.amount',
      [['4.03', '9.1809', 1.515, '-3.03']],
    ],
    ['MATCH (p:P) WHERE p.big >= 9223372036854775906 RETURN p.id', undefined],
    ['MATCH (p:P) WHERE p.big > 5 RETURN count(*)', [[100]]],
    ['MATCH (p:P) WHERE p.big < -5 RETURN count(*)', [[0]]],
    [
      'MATCH (p:P) RETURN p.tags, count(*) ORDER BY p.tags',
      [
        [['t0', 'all'], 34],
        [['t1', 'all'], 33],
        [['t2', 'all'], 33],
      ],
    ],
    ['MATCH (p:P) WHERE p.tags = ["t1", "all"] RETURN count(*)', [[33]]],
    [
      'MATCH (p:P {id: 4}) WITH p.tags AS tags UNWIND tags AS tag RETURN tag, size(tags)',
      [
        ['t1', 2],
        ['all', 2],
      ],
    ],
    ["MATCH (p:P) WHERE p.wait >= '1 hour 38 minutes' RETURN p.id", [[98], [99]]],
    ["MATCH (p:P) WHERE p.at = '23:00:00' RETURN p.id ORDER BY p.id", [[23], [47], [71], [95]]],
    ['MATCH (p:P) RETURN min(p.wait), max(p.at)', [['00:00:00', '23:00:00']]],
    [
      "RETURN CAST('1.005' AS DECIMAL(9,2)), CAST(2.5 AS INT8), CAST('[1,2]' AS UINT8[]), CAST([1,2] AS STRING[])",
      [['1.01', 3, [1, 2], ['1', '2']]],
    ],
    [
      "RETURN CAST('a0eebc999c0b4ef8bb6d6bb9bd380a11' AS UUID), CAST(uuid('a0eebc999c0b4ef8bb6d6bb9bd380a11') AS STRING)",
      [['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']],
    ],
    [
      "RETURN interval('90 seconds'), CAST(timestamp('2020-01-02 03:04:05') AS TIME)",
      [['00:01:30', '03:04:05']],
    ],
  ]

  it('filter, compute, sort and group as the types mean', async () => {
    await withPeople(async (answer) => {
      for (const [statement, expected] of answers) {
        if (expected === undefined) await expect(answer(statement), statement).rejects.toThrow('INT64')
        else expect(await answer(statement), statement).toEqual(expected)
      }
      const beyond = answer('MATCH (p:P) WHERE p.big >= $x RETURN p.id', { x: 2n ** 63n + 98n })
      expect(await beyond, 'to the last digit').toEqual([[98], [99]])
    })
  })

  const refusals = [
    ['CREATE (:P {id: 1000, amount: 1.005})', "'1.005'"],
    ['CREATE (:P {id: 1000, amount: 12345678})', 'DECIMAL(9,2)'],
    ['CREATE (:P {id: 1000, big: -1})', 'UINT64'],
    ["CREATE (:P {id: 1000, at: '24:00:00'})", 'TIME'],
    ['CREATE (:P {id: 1000, tags: [1]})', 'STRING[]'],
    ['RETURN CAST(300 AS UINT8)', 'UINT8'],
    ["RETURN CAST('x' AS UUID)", 'UUID'],
  ] as const

  it('refuse what a type does not hold', async () => {
    await withPeople(async (answer) => {
      for (const [statement, part] of refusals)
        await expect(answer(statement), statement).rejects.toThrow(part)
    })
  })
})

describe('an import', () => {
  it('says what a type takes where a value is none', async () => {
    await withDatabase(async (db) => {
      await db.run(
        'CREATE NODE TABLE T(id INT64, u UINT8, d DECIMAL(4,2), x DOUBLE, l UINT8[], PRIMARY KEY(id))',
      )
      const lines = ['1,256,,,', '2,,1.234,,', '3,,,inf,', '4,,,,"[1,256]"', '5,255,12.34,1e308,"[1,2]"']
      const path = writeFile('bad.csv', `id,u,d,x,l\n${lines.join('\n')}\n`)
      const result = await db.copyFrom('T', path, { ignoreErrors: true })
      expect(result.errors.map(({ column, message }) => [column, message])).toEqual([
        ['u', '"256" is out of the range of UINT8 (0 to 255)'],
        ['d', '"1.234" is not a DECIMAL(4,2) (number of at most 2 digits before the point and 2 behind it)'],
        ['x', '"inf" is no finite number; the option nonFinite: true takes it'],
        ['l', '"[1,256]" is not a list of UINT8 ([a, b, …], at most 4194304 bytes)'],
      ])
      await db.run(`COPY T FROM '${writeFile('inf.csv', 'id,u,d,x,l\n9,,,-inf,\n')}' (NON_FINITE=true)`)
      expect(await single(db, 'MATCH (t:T {id: 9}) RETURN t.x')).toBe(Number.NEGATIVE_INFINITY)
    })
  })

  it('cuts batches where the bytes of lists do not fit into one', async () => {
    const list = `"[${Array.from({ length: 2000 }, (_, item) => item % 10).join(',')}]"`
    const rows = Array.from({ length: 700 }, (_, row) => `${row},${list}`)
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE T(id INT64, l INT64[], PRIMARY KEY(id))')
      const result = await db.copyFrom('T', writeFile('lists.csv', `id,l\n${rows.join('\n')}\n`))
      expect(result.rowsImported).toBe(700)
      expect(await rowsOf(db, 'MATCH (t:T) RETURN DISTINCT size(t.l) AS s, count(*) AS c')).toEqual([
        { s: 2000, c: 700 },
      ])
    })
  })

  it('refuses a list that is too long by itself, and goes on', async () => {
    const list = `"[${'1,'.repeat(600_000)}1]"`
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE T(id INT64, l INT64[], PRIMARY KEY(id))')
      const path = writeFile('long.csv', `id,l\n1,"[1]"\n2,${list}\n3,"[3]"\n`)
      const result = await db.copyFrom('T', path, { ignoreErrors: true })
      expect(result).toMatchObject({ rowsImported: 2, rowsSkipped: 1, errorCount: 1 })
      expect(result.errors[0]).toMatchObject({ kind: 'type', column: 'l', row: 2 })
      expect(await rowsOf(db, 'MATCH (t:T) RETURN t.l ORDER BY t.id')).toEqual([
        { 't.l': [1] },
        { 't.l': [3] },
      ])
    })
  })
})
