/** Values that a schema lists, writes as patterns and templates, or puts together. */
import { describe, expect, it } from 'vitest'
import { made, rowsOf } from './rows.test.fixture.js'

async function column<T>(definition: string, rows = 500): Promise<T[]> {
  const data = await made(`tables: {t: {row_count: ${rows}, columns: {a: ${definition}}}}`)
  return (await rowsOf<{ a: T }>(data, 't')).map(({ a }) => a)
}

describe('values', () => {
  it('arrays within JSON are those of JSON', async () => {
    interface Value {
      readonly tags: readonly (string | null)[]
      readonly grid: readonly (readonly number[])[]
      readonly deep: readonly { readonly at: string }[]
    }
    const all = await column<Value>(`{type: jsonb, fields: {
      tags: {type: "text[]", min_length: 1, values: ['say "x"', 'back\\slash', "two\\nlines"], element: {
        values: ['say "x"', 'back\\slash', "two\\nlines"], null_fraction: 0.2 } },
      grid: {type: "int[][]", min_length: 2, element: {element: {min: 1, max: 9}, min_length: 1}},
      deep: {type: "jsonb[]", min_length: 1, element: {fields: {at: {type: date}}}}
    }}`)
    const found = new Set(all.flatMap(({ tags }) => tags))
    expect(found).toEqual(new Set(['say "x"', 'back\\slash', 'two\nlines', null]))
    expect(all.every(({ grid }) => grid.flat().every((number) => number >= 1 && number <= 9))).toBe(true)
    expect(all.every(({ deep }) => deep.every(({ at }) => /^\d{4}-\d\d-\d\d$/.test(at)))).toBe(true)
  })

  it('words are the elements of text arrays in JSON, as they are in columns', async () => {
    const all = await column<{ readonly tags: readonly string[] }>(
      '{type: json, fields: {tags: {type: "text[]"}}}',
    )
    const tags = all.flatMap((value) => value.tags)
    expect(tags.length).toBeGreaterThan(100)
    expect(tags.every((tag) => /^\p{L}+$/u.test(tag))).toBe(true)
  })

  it('NULL among listed values is NULL, as often as it is listed', async () => {
    const share = (values: readonly unknown[]) =>
      values.filter((value) => value === null).length / values.length
    for (const definition of [
      '{type: text, values: [a, null, b, c]}',
      '{type: int, values: [1, null], weights: [3, 1]}',
      '{type: date, values: ["2024-02-29", null, "2024-03-01", "2024-03-02"]}',
    ]) {
      expect(share(await column(definition, 4000))).toBeCloseTo(0.25, 1)
    }
    expect(await column('{type: int, values: [null]}', 3)).toEqual([null, null, null])
  })

  it('times and intervals can be listed', async () => {
    expect(new Set(await column('{type: time, values: ["08:00", "09:30:15"]}'))).toEqual(
      new Set(['08:00:00', '09:30:15']),
    )
    expect(new Set(await column('{type: interval, values: ["1 day", 90m]}'))).toEqual(
      new Set(['24:00:00', '01:30:00']),
    )
  })

  it('numbers between bounds that are close together have places enough', async () => {
    for (const type of ['real', 'double precision', 'numeric']) {
      const all = await column<number>(`{type: ${type}, min: 1.0e-5, max: 9.0e-5}`)
      expect(new Set(all).size).toBeGreaterThan(300)
      expect(all.every((value) => value >= 1e-5 && value <= 9e-5)).toBe(true)
    }
    expect(
      new Set(await column('{type: double precision, min: 5.0000001, max: 5.0000002}')).size,
    ).toBeGreaterThan(50)
  })

  it('doubles may come from all that doubles are, reals from all that reals are', async () => {
    for (const [type, largest] of [
      ['double precision', Number.MAX_VALUE],
      ['real', 3.4028235e38],
    ] as const) {
      const all = await column<number>(`{type: ${type}, format: full, min: -1.7e308, max: 1.7e308}`)
      expect(all.every((value) => Math.abs(value) <= largest)).toBe(true)
      expect(all.filter((value) => value < 0).length).toBeGreaterThan(200)
      expect(all.filter((value) => value > 0).length).toBeGreaterThan(200)
    }
    await expect(column('{type: real, format: full, min: 5, max: 1}')).rejects.toThrow(/lies between 5 and 1/)
  })

  it('texts of a pattern match it in a narrow column, too', async () => {
    const patterns = [
      '[a-z]+',
      '[a-z]+@[a-z]+\\.com',
      '(?:abcdefghijk|[0-9]{2,20}|x(?:yz){1,9})',
      '(?:[a-c]{3,9}-){0,5}',
    ]
    for (const pattern of patterns) {
      const all = await column<string>(`{type: varchar(8), pattern: '${pattern}'}`)
      expect(all.filter((text) => !new RegExp(`^(?:${pattern})$`).test(text) || text.length > 8)).toEqual([])
    }
  })

  it('unique texts of a template may fill their column to the last character', async () => {
    for (const template of ['X{{rand:6}}', '{{seq:5}}-X', '{{alpha:3}}{{seq}}']) {
      const all = await column<string>(`{type: varchar(7), unique: true, template: "${template}"}`)
      expect(new Set(all).size).toBe(500)
    }
  })

  it('a template names any column, whatever letters it has', async () => {
    const data = await made(`tables: {t: {row_count: 3, columns: {
      größe: {type: int, value: 5}, "two words": {type: text, value: x}, a: {type: text, template: "{{größe}}/{{two words}}"}}}}`)
    expect((await rowsOf<{ a: string }>(data, 't')).map(({ a }) => a)).toEqual(['5/x', '5/x', '5/x'])
  })

  it('a template takes the column of a name before the generator of that name', async () => {
    const data = await made(`tables: {t: {row_count: 50, columns: {
      state: {type: text, values: [open, shut]}, a: {type: text, template: "{{state}}"}, city: {type: text, template: "{{city}}"}}}}`)
    for (const { state, a, city } of await rowsOf<Record<string, string>>(data, 't')) {
      expect(a).toBe(state)
      expect(city).toMatch(/\w/)
    }
  })

  it('sequences that count down begin with their largest value', async () => {
    const data = await made(`
      sequences: {down: {increment: -1}, low: {increment: -5, max_value: 100, min_value: 0}}
      tables: {t: {row_count: 3, columns: {a: {type: int, sequence: down}, b: {type: int, sequence: low}}}}
    `)
    expect(await rowsOf(data, 't')).toEqual([
      { a: -1, b: 100 },
      { a: -2, b: 95 },
      { a: -3, b: 90 },
    ])
  })
})
