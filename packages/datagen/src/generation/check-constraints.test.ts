/** What check constraints ask for holds in every row, or a note names the constraint. */
import { describe, expect, it } from 'vitest'
import { made, rowsOf } from './rows.test.fixture.js'

describe('check constraints', () => {
  it('that can be read from their text hold', async () => {
    const data = await made(`
      tables:
        t:
          row_count: 2000
          columns:
            age: {type: int}
            price: {type: "numeric(8,2)"}
            discount: {type: "numeric(8,2)"}
            state: {type: text}
            start_date: {type: date}
            end_date: {type: date}
            code: {type: text}
            name: {type: text}
            percent: {type: real}
          check_constraints:
            - age >= 18 AND age <= 65
            - price > 0
            - discount < price
            - state IN ('open', 'closed')
            - end_date > start_date
            - code ~ '^[A-Z]{2}[0-9]{3}$'
            - char_length(name) BETWEEN 5 AND 8 OR name IS NULL
            - percent >= 0 AND percent <= 1
    `)
    expect(data.warnings).toEqual([])
    interface Cells {
      readonly [name: string]: unknown
      readonly price: number
      readonly discount: number
      readonly name: string
    }
    for (const row of await rowsOf<Cells>(data, 't')) {
      expect(row.age).toBeGreaterThanOrEqual(18)
      expect(row.age).toBeLessThanOrEqual(65)
      expect(row.price).toBeGreaterThan(0)
      expect(row.price).toBeGreaterThan(row.discount)
      expect(['open', 'closed']).toContain(row.state)
      expect(Number(row.end_date)).toBeGreaterThan(Number(row.start_date))
      expect(row.code).toMatch(/^[A-Z]{2}\d{3}$/)
      expect(row.name.length).toBeGreaterThanOrEqual(5)
      expect(row.name.length).toBeLessThanOrEqual(8)
      expect(row.percent).toBeLessThanOrEqual(1)
    }
  })

  it('of domains hold in columns, in arrays and in fields', async () => {
    const data = await made(`
      custom_types:
        percent: {kind: domain, base_type: "numeric(5,2)", constraint: VALUE >= 40 AND VALUE <= 60}
        odd: {kind: domain, base_type: int, constraint: VALUE % 2 = 1}
        pair: {kind: composite, fields: [{name: low, type: percent}, {name: many, type: "percent[]"}]}
      tables:
        t:
          row_count: 400
          columns:
            one: {type: percent}
            many: {type: "percent[]", min_length: 1}
            pair: {type: pair}
            odds: {type: "odd[]"}
    `)
    expect(data.warnings).toEqual(['tables.t: values are not fitted to CHECK (VALUE % 2 = 1)'])
    const holds = (value: number) => value >= 40 && value <= 60
    interface Cells {
      readonly one: number
      readonly many: readonly number[]
      readonly pair: string
    }
    for (const { one, many, pair } of await rowsOf<Cells>(data, 't')) {
      const inPair = pair.match(/[\d.]+/g) ?? []
      expect([one, ...many, ...inPair.map(Number)].every(holds), `${one} ${many} ${pair}`).toBe(true)
    }
  })

  it('that cannot be read are named', async () => {
    const data = await made('tables: {t: {columns: {a: {type: int}}, check_constraints: ["a % 2 = 0"]}}')
    expect(data.warnings).toEqual(['tables.t: values are not fitted to CHECK (a % 2 = 0)'])
  })

  const columns = `
    id: {type: serial, primary_key: true}
    n: {type: int}
    small: {type: smallint}
    top: {type: smallint}
    low: {type: "numeric(4,2)", nullable: false}
    mid: {type: "numeric(4,2)", nullable: false}
    high: {type: "numeric(4,2)", nullable: false}
    curved: {type: int, min: 0, max: 9, distribution: normal}
    listed: {type: text, values: [a, b]}
    made: {type: text, pattern: "[a-z]{2}"}
    email: {type: text}
    at: {type: time}
    lasts: {type: interval}
    city: {type: text}
    rated: {type: int, rules: [{if: {listed: a}, then: {min: 3, max: 4}}], min: 1, max: 5}
  `
  const schema = (checks: string) =>
    `{tables: {t: {row_count: 3000, columns: {${columns.trim().replaceAll(/\n\s*/g, ', ')}}, check_constraints: [${checks}]}}}`
  const holds: Record<string, (row: Cells) => boolean> = {
    'NOT (n < 18)': ({ n }) => n >= 18,
    'NOT n >= 18': ({ n }) => n < 18,
    'n > 100 AND n <> 101': ({ n }) => n > 101,
    'n <> 3 AND n <> 5 AND n < 9 AND n <> 4 AND n >= 0': ({ n }) => [0, 1, 2, 6, 7, 8].includes(n),
    'low <> 0.29 AND low BETWEEN 0.28 AND 0.30': ({ low }) => low === 0.28 || low === 0.3,
    'low <> 0 AND low BETWEEN -0.02 AND 0.02': ({ low }) => low !== 0 && Math.abs(low) < 0.03,
    'n BETWEEN -9 AND -3': ({ n }) => n >= -9 && n <= -3,
    'small < top': ({ small, top }) => small < top,
    'low <= mid AND mid <= high AND low <= high': ({ low, mid, high }) => low <= mid && mid <= high,
    'high > mid AND high > low AND mid > low': ({ low, mid, high }) => low < mid && mid < high,
    'high < 50 AND low < high': ({ low, high }) => low < high && high < 50,
    "listed IN ('a', 'b', 'c')": ({ listed }) => ['a', 'b'].includes(listed),
    "listed <> 'c'": ({ listed }) => ['a', 'b'].includes(listed),
    "made ~ '^[a-z]{2}$'": ({ made }) => /^[a-z]{2}$/.test(made),
    "email LIKE '%@%.example'": ({ email }) => email.endsWith('.example'),
    "email ~* '^[A-Z0-9._%+-]+@[A-Z0-9.-]+[.][A-Z]{2,}$'": ({ email }) => /^[^@]+@[^@]+\.[a-z]+$/.test(email),
    "city ~ '^[[:upper:]][[:lower:]]{3}$'": ({ city }) => /^[A-Z][a-z]{3}$/.test(city),
    'char_length(city) <= 7': ({ city }) => city.length <= 7,
    "at >= '08:00' AND at < '17:30:00'": ({ at }) => at >= '08:00:00' && at < '17:30:00',
    "lasts > '1 hour' AND lasts <= '02:00'": ({ lasts }) => /^01:(?!00:00)|^02:00:00/.test(lasts),
    'rated >= 1 AND rated <= 5': ({ rated }) => rated >= 1 && rated <= 5,
    'id > 0': ({ id }) => id > 0,
  }
  for (const [check, isFulfilled] of Object.entries(holds)) {
    it(`${check} holds`, async () => {
      const data = await made(schema(JSON.stringify(check)))
      expect(data.warnings).toEqual([])
      const wrong = (await rowsOf<Cells>(data, 't')).find((row) => !isFulfilled(row))
      expect(wrong).toBeUndefined()
    })
  }

  const unfitted = [
    'curved <> 3',
    'rated <> 4',
    "listed IN ('a', 'x')",
    "listed = 'a'",
    "made ~ '^x'",
    'char_length(made) > 2',
    'n = small',
    'n <> small',
    'listed < made',
    'rated < 4',
    "city <> 'Rome'",
  ]
  for (const check of unfitted) {
    it(`${check} is named, since it may not hold`, async () => {
      const { warnings } = await made(schema(JSON.stringify(check)))
      expect(warnings).toEqual([`tables.t: values are not fitted to CHECK (${check})`])
    })
  }

  it('that contradict each other, or the bounds of the schema, are refused', async () => {
    for (const checks of [
      "'n > 5', 'n < 3'",
      "'rated > 2', 'rated > 9'",
      "'small > 9', 'small BETWEEN 1 AND 2'",
    ]) {
      const attempt = made(schema(checks).replace('rules: [{if: {listed: a}, then: {min: 3, max: 4}}], ', ''))
      await expect(attempt).rejects.toThrow(/no value of type \w+ lies between/)
    }
  })

  it('keep two keys to one table apart', async () => {
    const data = await made(`
      tables:
        users: {row_count: 40, columns: {id: {type: serial, primary_key: true}}}
        friends:
          row_count: 1500
          primary_key: [a, b]
          columns: {a: {type: int, references: users}, b: {type: int, references: users}}
          check_constraints: [a <> b]
        follows:
          row_count: 900
          columns:
            follower: {type: int, nullable: false, references: users}
            followed: {type: int, nullable: false, references: {table: users, distribution: zipf}}
          check_constraints: [follower > 0 AND followed != follower]
        staff:
          row_count: 50
          columns: {id: {type: serial, primary_key: true}, boss: {type: int, references: staff}}
          check_constraints: [boss <> id]
    `)
    expect(data.warnings).toEqual([])
    const friends = await rowsOf<{ a: number; b: number }>(data, 'friends')
    expect(friends.filter(({ a, b }) => a === b)).toEqual([])
    expect(new Set(friends.map(({ a, b }) => `${a}/${b}`)).size).toBe(1500)
    const follows = await rowsOf<{ follower: number; followed: number }>(data, 'follows')
    expect(follows.filter((row) => row.follower === row.followed)).toEqual([])
    expect(new Set(follows.map(({ followed }) => followed)).size).toBe(40)
    const tooMany = `
      tables:
        users: {row_count: 5, columns: {id: {type: serial, primary_key: true}}}
        friends:
          row_count: 21
          primary_key: [a, b]
          columns: {a: {type: int, references: users}, b: {type: int, references: users}}
          check_constraints: [a <> b]
    `
    await expect(made(tooMany)).rejects.toThrow(/only 20 different values/)
    expect(await rowsOf(await made(tooMany, { rows: { friends: 20 } }), 'friends')).toHaveLength(20)
    await expect(made(tooMany, { rows: { users: 1, friends: 1 } })).rejects.toThrow(/b must differ from a/)
  })

  it('use up a range of unique numbers without those that they rule out', async () => {
    const schema = (rows: number) => `
      tables:
        t:
          row_count: ${rows}
          columns: {n: {type: int, min: -2, max: 2, unique: true}}
          check_constraints: [n <> 0]
    `
    const numbers = (await rowsOf<{ n: number }>(await made(schema(4)), 't')).map(({ n }) => n)
    expect(numbers.sort((a, b) => a - b)).toEqual([-2, -1, 1, 2])
    await expect(made(schema(5))).rejects.toThrow(/only 4 different values/)
    const none = 'tables: {t: {columns: {n: {type: int, min: 3, max: 3}}, check_constraints: [n <> 3]}}'
    await expect(made(none)).rejects.toThrow(/check constraints rule out every value from 3 to 3/)
  })

  it('leave columns of a sequence counting', async () => {
    const data = await made(`
      sequences: {s: {start: 10, increment: 10}}
      tables: {t: {row_count: 4, columns: {n: {type: int, sequence: s}}, check_constraints: [n > 0]}}
    `)
    expect((await rowsOf<{ n: number }>(data, 't')).map(({ n }) => n)).toEqual([10, 20, 30, 40])
  })
})

interface Cells {
  readonly id: number
  readonly n: number
  readonly small: number
  readonly top: number
  readonly low: number
  readonly mid: number
  readonly high: number
  readonly listed: string
  readonly made: string
  readonly email: string
  readonly at: string
  readonly lasts: string
  readonly city: string
  readonly rated: number
}
