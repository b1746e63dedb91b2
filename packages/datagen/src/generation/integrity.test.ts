/**
 * What every schema is promised: unique columns, keys that refer to rows, checks that hold. On the caller's
 * thread.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Row, Value } from './index.js'
import { made, rowsOf } from './rows.test.fixture.js'

const values = (rows: readonly Row[], column: string) => rows.map((row) => row[column])

describe('unique columns', () => {
  const columns: Record<string, string> = {
    serial: '{type: serial}',
    integer: '{type: integer, min: 1, max: 3000}',
    decimal: '{type: "numeric(6,2)", min: 0, max: 29.99}',
    date: '{type: date, start: "2010-01-01", end: "2019-01-01"}',
    timestamp: '{type: timestamp}',
    uuid: '{type: uuid}',
    pattern: '{type: text, pattern: "[A-C]{3}-[0-9]{2}[xyz]"}',
    template: '{type: text, template: "N-{{seq:4}}"}',
    digits: '{type: text, template: "N-{{rand:4}}"}',
    email: '{type: varchar(255)}',
    username: '{type: varchar(50)}',
    first_name: '{type: varchar(50)}',
    city: '{type: text}',
    company: '{type: text}',
    full_name: '{type: text}',
    phone: '{type: text}',
    url: '{type: text}',
    slug: '{type: text}',
    description: '{type: text}',
    code: '{type: char(4)}',
    short_email: '{type: varchar(12), generator: email}',
    ip: '{type: inet}',
    mac: '{type: macaddr}',
    hash: '{type: bytea}',
  }
  for (const [name, column] of Object.entries(columns)) {
    it(`${name} repeats nothing over all its rows`, async () => {
      const data = await made(
        `tables: {t: {row_count: 2600, columns: {${name}: ${column}}, unique_constraints: [[${name}]]}}`,
      )
      const all = values(await rowsOf(data, 't'), name).map(String)
      expect(new Set(all).size).toBe(2600)
    })
  }

  it('shuffled numbers count the rows in random order, whatever range of rows is asked for', async () => {
    const data = await made(
      'tables: {t: {row_count: 4000, columns: {n: {type: bigint, generator: shuffled, start: 7, increment: 3}}}}',
    )
    const all = values(await rowsOf(data, 't'), 'n') as number[]
    const counted = Array.from({ length: 4000 }, (_, at) => 7 + 3 * at)
    expect(all).not.toEqual(counted)
    expect(all.toSorted((a, b) => a - b)).toEqual(counted)
    for await (const batch of data.batches('t', { from: 2999, to: 3002 }))
      expect(batch.column('n')).toEqual(all.slice(2999, 3002))
  })

  it('a range is used up to its last value', async () => {
    const data = await made(
      'tables: {t: {row_count: 500, columns: {n: {type: int, unique: true, min: 1, max: 500}}}}',
    )
    const all = values(await rowsOf(data, 't'), 'n') as number[]
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, at) => at + 1))
  })

  it('a range with too few values is refused before anything is made', async () => {
    await expect(
      made('tables: {t: {row_count: 11, columns: {n: {type: int, unique: true, min: 1, max: 10}}}}'),
    ).rejects.toThrow(/n must be unique in 11 rows of t, but there are only 10 different values/)
    await expect(
      made('tables: {t: {row_count: 3, columns: {b: {type: boolean, unique: true}}}}'),
    ).rejects.toThrow(/only 2 different values/)
    await expect(
      made('tables: {t: {row_count: 3, columns: {b: {type: json, unique: true}}}}'),
    ).rejects.toThrow(/no values that can be told apart/)
  })

  it('what is NULL is no double: of parents without rows, or with too few', async () => {
    const data = await made(`
      tables:
        none: {row_count: 0, columns: {id: {type: serial, primary_key: true}}}
        few:
          row_count: 7
          primary_key: [a, b]
          columns: {a: {type: int}, b: {type: serial}}
        t:
          row_count: 60
          columns:
            none_id: {type: int, unique: true, references: none}
            nothing: {type: text, unique: true, value: null}
            a: {type: int}
            b: {type: int, nullable: false}
            one: {type: int, nullable: false}
          foreign_keys: [{columns: [a, b], referenced_table: few}]
          unique_constraints: [[a, b], [none_id, one]]
        single:
          row_count: 1
          columns: {x: {type: boolean, unique: true}, y: {type: json, unique: true}}
    `)
    interface Cells {
      readonly none_id: null
      readonly nothing: null
      readonly a: number | null
      readonly b: number
    }
    const rows = await rowsOf<Cells>(data, 't')
    const referring = rows.filter(({ a }) => a !== null)
    expect(new Set(referring.map(({ a, b }) => `${a}/${b}`)).size).toBe(7)
    expect(referring).toHaveLength(7)
    for (const { none_id, nothing } of rows) expect([none_id, nothing]).toEqual([null, null])
    expect(await rowsOf(data, 'single')).toHaveLength(1)
  })

  it('combinations of columns and foreign keys repeat nothing', async () => {
    const data = await made(`
      tables:
        a: {row_count: 40, columns: {id: {type: serial, primary_key: true}}}
        b: {row_count: 30, columns: {id: {type: uuid, primary_key: true}}}
        link:
          row_count: 1200
          primary_key: [a_id, b_id]
          columns: {a_id: {type: int, references: a}, b_id: {type: uuid, references: b}, since: {type: date}}
        line:
          row_count: 900
          columns:
            a_id: {type: int, nullable: false, references: a}
            line_number: {type: int}
            kind: {type: text, values: [x, y, z]}
          unique_constraints: [[a_id, line_number], [a_id, kind, line_number]]
    `)
    const link = await rowsOf(data, 'link')
    expect(new Set(link.map((row) => `${row.a_id} ${row.b_id}`)).size).toBe(1200)
    const line = await rowsOf(data, 'line')
    expect(new Set(line.map((row) => `${row.a_id} ${row.line_number}`)).size).toBe(900)
  })

  it('any combination of small domains is unique, or refused', async () => {
    const domain = fc.integer({ min: 1, max: 9 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(domain, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 400 }),
        fc.nat(),
        async (sizes, rows, seed) => {
          const names = sizes.map((_, at) => `c${at}`)
          const columns = sizes
            .map((size, at) => `c${at}: {type: int, nullable: false, min: 1, max: ${size}}`)
            .join(', ')
          const yaml = `tables: {t: {row_count: ${rows}, columns: {${columns}}, primary_key: [${names}]}}`
          const product = sizes.reduce((all, size) => all * size, 1)
          if (product < rows) {
            await expect(made(yaml, { seed })).rejects.toThrow(/different values/)
            return
          }
          const all = await rowsOf(await made(yaml, { seed }), 't')
          expect(new Set(all.map((row) => JSON.stringify(row))).size).toBe(rows)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('foreign keys', () => {
  it('refer to rows that are there, whatever the key is made of', async () => {
    const data = await made(`
      tables:
        child:
          row_count: 500
          columns:
            id: {type: serial, primary_key: true}
            p: {type: int, nullable: false, references: {table: parent, distribution: zipf}}
            q: {type: uuid, references: {table: by_uuid, distribution: normal}, null_fraction: 0.5}
            r: {type: text, references: {table: by_text, column: code, distribution: even}}
            s1: {type: int}
            s2: {type: text}
          foreign_keys: [{columns: [s1, s2], referenced_table: pair, referenced_columns: [x, y]}]
        parent: {row_count: 20, columns: {id: {type: serial, primary_key: true}}}
        by_uuid: {row_count: 20, columns: {id: {type: uuid, primary_key: true}}}
        by_text: {row_count: 20, columns: {code: {type: varchar(8), unique: true, nullable: false}}}
        pair:
          row_count: 30
          primary_key: [x, y]
          columns:
            x: {type: int, min: 1, max: 6}
            y: {type: text, values: [a, b, c, d, e, f]}
    `)
    const child = await rowsOf(data, 'child')
    const keys = async (table: string, ...columns: string[]) =>
      new Set((await rowsOf(data, table)).map((row) => columns.map((name) => row[name]).join('|')))
    const [parent, byUuid, byText, pair] = [
      await keys('parent', 'id'),
      await keys('by_uuid', 'id'),
      await keys('by_text', 'code'),
      await keys('pair', 'x', 'y'),
    ]
    expect(pair.size).toBe(30)
    for (const row of child) {
      expect(parent).toContain(String(row.p))
      if (row.q !== null) expect(byUuid).toContain(row.q)
      expect(byText).toContain(row.r)
      expect(pair).toContain(`${row.s1}|${row.s2}`)
    }
    const nulls = child.filter((row) => row.q === null).length
    expect(nulls).toBeGreaterThan(200)
    expect(nulls).toBeLessThan(300)
    // Even: the parents share the rows, in order.
    const perText = [...byText].map((text) => child.filter((row) => row.r === text).length)
    expect(perText).toEqual(Array.from({ length: 20 }, () => 25))
  })

  it('of a table to itself refer to earlier rows, the first to none or to itself', async () => {
    const data = await made(`
      tables:
        tree:
          row_count: 300
          columns:
            id: {type: serial, primary_key: true}
            up: {type: int, references: tree}
            must: {type: int, nullable: false, references: tree}
            next: {type: int, unique: true, references: tree}
    `)
    for (const row of await rowsOf(data, 'tree')) {
      const id = row.id as number
      if (id === 1) expect(row).toMatchObject({ up: null, must: 1, next: null })
      else {
        expect(row.up).toBeLessThan(id)
        expect(row.must).toBeLessThan(id)
        expect(row.next).toBe(id - 1)
      }
    }
  })

  it('in circles refer to rows of each other', async () => {
    const data = await made(`
      tables:
        a:
          row_count: 30
          columns:
            id: {type: serial, primary_key: true}
            b: {type: int, nullable: false, references: b}
        b: {row_count: 50, columns: {id: {type: serial, primary_key: true}, a: {type: int, references: a}}}
    `)
    expect(data.tables.map(({ name }) => name)).toEqual(['b', 'a'])
    for (const { b } of await rowsOf(data, 'a')) expect(b).toBeLessThanOrEqual(50)
    for (const { a } of await rowsOf(data, 'b')) expect(a).toBeLessThanOrEqual(30)
  })

  it('to a table without rows are NULL, or an error', async () => {
    const yaml = (nullable: boolean) => `
      tables:
        none: {row_count: 0, columns: {id: {type: serial, primary_key: true}}}
        t: {row_count: 5, columns: {n: {type: int, nullable: ${nullable}, references: none}}}
    `
    expect(values(await rowsOf(await made(yaml(true)), 't'), 'n')).toEqual([null, null, null, null, null])
    await expect(made(yaml(false))).rejects.toThrow(/n of t must refer to a row of none, which has none/)
    expect((await made(yaml(false), { rows: { t: 0 } })).tables).toHaveLength(2)
  })

  it('that share a column agree, since one row refers to both', async () => {
    const data = await made(`
      tables:
        tenant: {row_count: 9, columns: {id: {type: serial, primary_key: true}}}
        person:
          row_count: 90
          primary_key: [tenant_id, id]
          columns: {tenant_id: {type: int, references: tenant}, id: {type: serial}}
        note:
          row_count: 400
          columns:
            tenant_id: {type: int, nullable: false, references: tenant}
            person_id: {type: int, nullable: false}
          foreign_keys: [{columns: [tenant_id, person_id], referenced_table: person}]
    `)
    const people = new Set((await rowsOf(data, 'person')).map((row) => `${row.tenant_id} ${row.id}`))
    for (const row of await rowsOf(data, 'note'))
      expect(people).toContain(`${row.tenant_id} ${row.person_id}`)
  })

  it('that share a column go together when what they refer to is divided evenly', async () => {
    const schema = (
      sizes: { tenants: number; orders: number; products: number },
      even = ', distribution: even',
    ) => `
      tables:
        tenants: {row_count: ${sizes.tenants}, columns: {id: {type: int, primary_key: true}}}
        orders:
          row_count: ${sizes.orders}
          primary_key: [tenant, id]
          columns: {tenant: {type: int, references: {table: tenants${even}}}, id: {type: serial}}
        products:
          row_count: ${sizes.products}
          primary_key: [tenant, id]
          columns: {tenant: {type: int, references: {table: tenants${even}}}, id: {type: serial}}
        items:
          row_count: 800
          columns:
            tenant: {type: int, nullable: false, references: tenants}
            order_id: {type: int, nullable: false}
            product: {type: int, nullable: false}
            instead: {type: int, null_fraction: 0.5}
          foreign_keys:
            - {columns: [tenant, order_id], referenced_table: orders}
            - {columns: [tenant, product], referenced_table: products}
            - {columns: [tenant, instead], referenced_table: products}
    `
    const keysOf = (rows: readonly Row[], column: string) =>
      new Set(rows.map((row) => `${row.tenant}/${row[column]}`))
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 300 }),
        async (tenants, orders, more) => {
          const data = await made(schema({ tenants, orders, products: tenants + more }))
          const inOrders = keysOf(await rowsOf(data, 'orders'), 'id')
          const inProducts = keysOf(await rowsOf(data, 'products'), 'id')
          const items = await rowsOf<{
            tenant: number
            order_id: number
            product: number
            instead: number | null
          }>(data, 'items')
          for (const { tenant, order_id, product, instead } of items) {
            expect(inOrders).toContain(`${tenant}/${order_id}`)
            expect(inProducts).toContain(`${tenant}/${product}`)
            if (instead !== null) expect(inProducts).toContain(`${tenant}/${instead}`)
          }
          const nulls = items.filter(({ instead }) => instead === null).length
          expect(Math.abs(nulls - 400)).toBeLessThan(80)
          if (more > 100 && tenants < 5) expect(keysOf(items, 'product').size).toBeGreaterThan(30)
        },
      ),
      { numRuns: 25 },
    )
    await expect(made(schema({ tenants: 9, orders: 20, products: 8 }))).rejects.toThrow(
      /products has 8 rows, too few for each of the 9 of tenants/,
    )
    await expect(made(schema({ tenants: 9, orders: 20, products: 9 }, ''))).rejects.toThrow(
      /contradict each other in tenant.*distribution: even/,
    )
  })

  it('whose keys depend on each other are refused', async () => {
    await expect(
      made(`
        tables:
          a: {row_count: 3, columns: {id: {type: int, primary_key: true, references: b}}}
          b: {row_count: 3, columns: {id: {type: int, primary_key: true, references: a}}}
      `),
    ).rejects.toThrow(/depend on themselves: a\.id → b\.id → a\.id/)
  })
})

describe('relations within a row', () => {
  it('rules, formulas, copies, distances and names go together', async () => {
    const data = await made(`
      tables:
        item: {row_count: 50, columns: {id: {type: serial, primary_key: true}, price: {type: "numeric(8,2)"}}}
        line:
          row_count: 800
          columns:
            item_id: {type: int, nullable: false, references: item}
            price: {type: "numeric(8,2)", copy: {foreign_key: item_id, column: price}}
            quantity: {type: int, min: 1, max: 9}
            total: {type: "numeric(10,2)", formula: quantity * price}
            kind: {type: text, values: [small, large]}
            weight:
              type: int
              rules:
                - {if: {kind: small}, then: {min: 1, max: 10}}
                - {if: {kind: large}, then: {min: 1000, max: 2000}}
            made_at: {type: timestamp}
            sent_at: {type: timestamp, after: {column: made_at, min: 1h, max: 2h}}
            first_name: {type: text}
            last_name: {type: text}
            email: {type: text}
            full_name: {type: text}
    `)
    const prices = new Map((await rowsOf(data, 'item')).map((row) => [row.id, row.price]))
    interface Line {
      readonly [name: string]: Value
      readonly quantity: number
      readonly price: number
      readonly first_name: string
      readonly last_name: string
      readonly email: string
    }
    for (const row of await rowsOf<Line>(data, 'line')) {
      expect(row.price).toBe(prices.get(row.item_id))
      expect(row.total).toBeCloseTo(row.quantity * row.price, 6)
      if (row.kind === 'small') expect(row.weight).toBeLessThanOrEqual(10)
      else expect(row.weight).toBeGreaterThanOrEqual(1000)
      const distanceMs = Number(row.sent_at) - Number(row.made_at)
      expect(distanceMs).toBeGreaterThanOrEqual(3_600_000)
      expect(distanceMs).toBeLessThanOrEqual(7_200_000)
      expect(row.full_name).toBe(`${row.first_name} ${row.last_name}`)
      const slug = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '')
      expect(row.email.replace(/\d*@.*/, '')).toBe(`${slug(row.first_name)}.${slug(row.last_name)}`)
    }
  })

  it('a column that may not be NULL has a value where what it is made of is NULL', async () => {
    const data = await made(`
      tables:
        p:
          row_count: 9
          columns: {id: {type: serial, primary_key: true}, x: {type: int, null_fraction: 0.5}}
        t:
          row_count: 400
          columns:
            p_id: {type: int, references: p, null_fraction: 0.3}
            a: {type: timestamp, null_fraction: 0.4}
            b: {type: timestamp, nullable: false, after: a}
            c: {type: int, null_fraction: 0.4}
            d: {type: int, nullable: false, formula: c * 2}
            e: {type: int, nullable: false, copy: {foreign_key: p_id, column: x}}
    `)
    const rows = await rowsOf(data, 't')
    expect(rows.filter((row) => row.a === null).length).toBeGreaterThan(100)
    for (const row of rows) {
      expect([row.b, row.d, row.e]).not.toContain(null)
      if (row.c !== null) expect(row.d).toBe((row.c as number) * 2)
    }
    const rule = 'rules: [{if: {p: 1}, then: {"null": true}}]'
    const wrong = `tables: {t: {columns: {p: {type: int}, q: {type: int, nullable: false, ${rule}}}}}`
    await expect(made(wrong)).rejects.toThrow(/a rule makes NULL, but the column is not nullable/)
  })

  it('numbers of other magnitudes in rules and bounds are themselves', async () => {
    const data = await made(`
      tables:
        t:
          row_count: 3000
          columns:
            kind: {type: text, values: [small, large, huge]}
            d:
              type: double precision
              max: 1
              rules:
                - {if: {kind: large}, then: {min: 1000000, max: 2000000}}
                - {if: {kind: huge}, then: {min: 1e14, max: 2e14}}
            r: {type: real, distribution: {type: normal, mean: 5000, std_dev: 100}}
            n: {type: "numeric(20,10)", min: 100000000, max: 200000000}
            w: {type: double precision, min: 0, max: 1e12}
    `)
    const rows = await rowsOf<Record<string, number>>(data, 't')
    const between = (value: number, min: number, max: number) => {
      expect(value).toBeGreaterThanOrEqual(min)
      expect(value).toBeLessThanOrEqual(max)
    }
    for (const row of rows) {
      const [min, max] = { small: [0, 1], large: [1e6, 2e6], huge: [1e14, 2e14] }[String(row.kind)] as [
        number,
        number,
      ]
      between(row.d!, min, max)
      between(row.n!, 1e8, 2e8)
    }
    const mean = (name: string) => rows.reduce((sum, row) => sum + row[name]!, 0) / rows.length
    between(mean('r'), 4990, 5010)
    between(mean('w'), 4.7e11, 5.3e11)
  })

  it('addresses are whole, however narrow their column is', async () => {
    const widths = [14, 20, 26, 32, 40, 60]
    const columns = widths.map(
      (width) => `m${width}: {type: varchar(${width}), unique: true, generator: email}`,
    )
    const data = await made(`tables: {t: {row_count: 700, columns: {${columns.join(', ')}}}}`)
    const rows = await rowsOf<Record<string, string>>(data, 't')
    for (const row of rows)
      for (const text of Object.values(row)) expect(text).toMatch(/^[a-z.0-9]+@[a-z.]+\.[a-z]+$/)
    for (const width of widths) expect(new Set(rows.map((row) => row[`m${width}`])).size).toBe(700)
  })

  it('a fraction of the values is NULL, and only of columns that may be', async () => {
    const data = await made(
      'tables: {t: {row_count: 5000, columns: {a: {type: text, generator: city, null_fraction: 0.25}}}}',
    )
    const nulls = values(await rowsOf(data, 't'), 'a').filter((value) => value === null).length
    expect(Math.abs(nulls / 5000 - 0.25)).toBeLessThan(0.03)
    await expect(
      made('tables: {t: {columns: {a: {type: text, nullable: false, null_fraction: 0.5}}}}'),
    ).rejects.toThrow(/not nullable/)
  })
})

describe('values by type', () => {
  it('a name says nothing of a column whose type is too narrow for what it stands for', async () => {
    const data = await made(`
      tables:
        t:
          columns:
            age: {type: "numeric(3,3)"}
            salary: {type: "numeric(4,0)"}
            year: {type: smallint}
            port: {type: "numeric(3)"}
    `)
    interface Cells {
      readonly [name: string]: number
    }
    for (const row of await rowsOf<Cells>(data, 't')) {
      expect(row.age).toBeLessThan(1)
      expect(row.salary).toBeLessThan(10_000)
      expect(row.year).toBeGreaterThanOrEqual(1990)
      expect(row.port).toBeLessThan(1000)
    }
  })

  it('texts are never longer than their column', async () => {
    const names = [
      'email',
      'first_name',
      'city',
      'address',
      'description',
      'phone',
      'url',
      'company',
      'title',
      'whatever',
    ]
    const columns = names.map((name) => `${name}: {type: varchar(9)}`).join(', ')
    const data = await made(`tables: {t: {row_count: 500, columns: {${columns}}}}`, { locale: 'de' })
    for (const row of await rowsOf(data, 't'))
      for (const value of Object.values(row)) expect([...(value as string)].length).toBeLessThanOrEqual(9)
  })

  it('arrays in arrays are boxes: all of one length, none empty', async () => {
    const data = await made(`
      tables:
        t:
          row_count: 300
          columns:
            two: {type: "int[][]"}
            three: {type: "int[][][]", max_length: 3, element: {max_length: 2}}
    `)
    interface Cells {
      readonly two: readonly (readonly number[])[]
      readonly three: readonly (readonly (readonly number[])[])[]
    }
    const sizes = (arrays: readonly (readonly unknown[])[]) => [
      ...new Set(arrays.map(({ length }) => length)),
    ]
    const shapes = new Set<string>()
    for (const { two, three } of await rowsOf<Cells>(data, 't')) {
      const found = [sizes(two), sizes(three), sizes(three.flat())]
      for (const [at, lengths] of found.entries()) {
        expect(lengths).toHaveLength((at === 0 ? two : three).length === 0 ? 0 : 1)
        expect(lengths).not.toContain(0)
      }
      expect([...two.flat(), ...three.flat(2)].every(Number.isInteger)).toBe(true)
      shapes.add(JSON.stringify([two.length, three.length, found]))
    }
    expect(shapes.size).toBeGreaterThan(20)
    await expect(
      made('tables: {t: {row_count: 3, columns: {a: {type: "int[][]", element: {null_fraction: 0.5}}}}}'),
    ).rejects.toThrow(/tables\.t\.columns\.a\.element\.null_fraction: an array in an array is not NULL/)
  })

  it('arrays, JSON and composites hold what they are asked for', async () => {
    const data = await made(`
      custom_types: {point3: {kind: composite, fields: [{name: x, type: int}, {name: label, type: text}]}}
      tables:
        t:
          row_count: 300
          columns:
            tags: {type: "text[]", values: ['a b', 'c"d', 'e\\f', 'g,h', '{i}'], min_length: 1, max_length: 3}
            numbers: {type: "int[]", element: {min: 5, max: 6}, length: 2}
            doc:
              type: jsonb
              fields:
                n: {min: 1, max: 3}
                s: {values: ['x"y', "new\\nline"]}
                o: {fields: {deep: {type: boolean}}}
            p: {type: point3}
    `)
    interface Cells {
      readonly tags: readonly string[]
      readonly numbers: readonly number[]
      readonly doc: { readonly n: number; readonly s: string; readonly o: { readonly deep: boolean } }
      readonly p: string
    }
    for (const row of await rowsOf<Cells>(data, 't')) {
      for (const tag of row.tags) expect(['a b', 'c"d', 'e\\f', 'g,h', '{i}']).toContain(tag)
      expect(row.tags.length).toBeGreaterThan(0)
      expect(row.numbers).toHaveLength(2)
      for (const number of row.numbers) expect([5, 6]).toContain(number)
      const { doc } = row
      expect([1, 2, 3]).toContain(doc.n)
      expect(['x"y', 'new\\nline', 'new\nline']).toContain(doc.s)
      expect(typeof doc.o.deep).toBe('boolean')
      expect(row.p).toMatch(/^\(\d+,".*"\)$/)
    }
  })

  it('business hours are those of working days; sorted moments grow', async () => {
    const data = await made(`
      tables:
        t:
          row_count: 3000
          columns:
            a: {type: timestamp, time_pattern: business_hours, start: "2024-01-01", end: "2024-12-31"}
            b: {type: timestamp, sorted: true, time_pattern: daily_peak}
            c: {type: timestamp, interval: 15m}
    `)
    let last = 0
    for (const row of await rowsOf<Record<string, Date>>(data, 't')) {
      expect(row.a!.getUTCDay() % 6).not.toBe(0)
      expect(row.a!.getUTCHours()).toBeGreaterThanOrEqual(9)
      expect(row.a!.getUTCHours()).toBeLessThan(17)
      expect(Number(row.b)).toBeGreaterThanOrEqual(last)
      last = Number(row.b)
      expect(Number(row.c) % 900_000).toBe(0)
    }
  })

  it('distributions keep within their bounds and around their mean', async () => {
    const data = await made(`
      tables:
        t:
          row_count: 20000
          columns:
            n: {type: int, distribution: {type: normal, mean: 100, std_dev: 15}, min: 60, max: 140}
            p: {type: int, distribution: {type: poisson, mean: 3.5}}
            l: {type: "numeric(12,2)", distribution: {type: lognormal, mu: 3, sigma: 0.5}, max: 100000}
            z: {type: int, distribution: {type: zipf, alpha: 1.5}, min: 1, max: 1000}
            e: {type: double precision, distribution: {type: exponential, mean: 2}, min: 0, max: 1000}
    `)
    const rows = await rowsOf<Record<string, number>>(data, 't')
    const mean = (name: string) => rows.reduce((sum, row) => sum + row[name]!, 0) / rows.length
    expect(Math.abs(mean('n') - 100)).toBeLessThan(0.5)
    expect(rows.every(({ n }) => n! >= 60 && n! <= 140)).toBe(true)
    expect(Math.abs(mean('p') - 3.5)).toBeLessThan(0.06)
    expect(Math.abs(mean('l') - Math.exp(3 + 0.125))).toBeLessThan(0.5)
    expect(rows.filter(({ z }) => z === 1).length / rows.length).toBeCloseTo(0.39, 1)
    expect(Math.abs(mean('e') - 2)).toBeLessThan(0.06)
  })
})
