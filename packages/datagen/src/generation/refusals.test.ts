/** What a schema says wrongly is refused before a row is made, at its place; what it says in vain is told. */
import { describe, expect, it } from 'vitest'
import { made } from './rows.test.fixture.js'

const ofColumn = (column: string) =>
  `tables: {t: {row_count: 9, columns: {a: ${column}, b: {type: int}, d: {type: date}}}}`

describe('refused, with path and expectation', () => {
  const columns: Record<string, RegExp> = {
    '{type: text, values: [x, y], weights: {x: 1, z: 2}}':
      /a\.weights: "z" is none of the values; expected one of x, y/,
    '{type: boolean, values: [maybe]}': /a\.values: "maybe" is no boolean/,
    '{type: smallint, values: [1, 40000]}': /a\.values: 40000 is no smallint/,
    '{type: "numeric(3,1)", value: 100}': /a\.values: 100 is no numeric\(3,1\)/,
    '{type: time, values: ["08:00", noon]}': /a\.values: "noon" is no time/,
    '{type: varchar(3), values: [abc, abcd]}':
      /a\.values: "abcd" has 4 characters; expected texts that fit in/,
    '{type: varchar(3), pattern: "[a-z]{4}x?"}':
      /a\.pattern: its texts have at least 4 characters, more than .*\(3\)/,
    '{type: text, template: "a{{seq:3"}': /a\.template: "a\{\{seq:3" is no placeholder/,
    '{type: text, template: "{{rand:x}}"}': /a\.template: .* is no placeholder/,
    '{type: varchar(5), unique: true, template: "{{seq:10}}"}': /up to 10 characters do not fit/,
    '{type: timestamp, generator: timeseries, pattern: hourly}':
      /a\.pattern: it is "hourly"; expected one of uniform/,
    '{type: timestamp, pattern: "[a-z]"}': /a\.pattern: it is "\[a-z\]"; expected one of uniform/,
    '{type: date, after: {column: d, min: 5d, max: 1d}}': /a\.after: min 5d is above max 1d/,
    '{type: int, after: {column: b, min: 5, max: 1}}': /a\.after: min 5 is above max 1/,
    '{type: int, formula: c * 2}': /a\.formula: there is no column c; expected one of a, b, d/,
    '{type: text, template: "{{nope}}"}': /a\.template: there is no placeholder nope/,
    '{type: uuid, values: [none]}': /a\.values: "none" is no uuid/,
    '{type: inet, values: ["10.0.0.0/8", "::1", "999.1.1.1"]}': /a\.values: "999\.1\.1\.1" is no inet/,
    '{type: cidr, value: "10.0.0.0/33"}': /a\.values: "10\.0\.0\.0\/33" is no cidr/,
    '{type: jsonb, values: ["[1]", "{bad"]}': /a\.values: "\{bad" is no jsonb/,
    '{type: macaddr, value: "00:11:22"}': /is no macaddr/,
    '{type: bytea, values: ["\\\\x0"]}': /is no bytea/,
    '{type: text, sequence: s}': /a\.sequence: there is no sequence s/,
    '{type: int, default: "nextval(\'s\')"}': /a\.default: there is no sequence s/,
    '{type: timestamp, generator: timeseries, pattern: business_hours, start: "2024-01-06", end: "2024-01-07"}':
      /columns\.a: no moment of business_hours lies between 2024-01-06/,
    '{type: timestamp, generator: timeseries, pattern: business_hours, start: "2024-01-08", end: "2024-01-08T08:59:00Z"}':
      /columns\.a: no moment of business_hours lies between 2024-01-08/,
    '{type: text, min_length: 9, max_length: 3}':
      /a\.min_length: it is 9, above max_length; expected at most 3/,
    '{type: int, distribution: {type: normal, avg: 5}}': /a\.distribution\.avg: there is no such property/,
    '{type: int, references: {table: t, distribution: {kind: zipf}}}': /a\.references\.distribution/,
  }
  for (const [column, message] of Object.entries(columns)) {
    it(column, async () => await expect(made(ofColumn(column))).rejects.toThrow(message))
  }

  const rest: Record<string, RegExp> = {
    'sequences: {s: {start: 50, max_value: 10}}':
      /sequences\.s\.start: it is 50; expected a number from 1 to 10/,
    'sequences: {s: {start: 0}}': /sequences\.s\.start: it is 0; expected a number from 1 to/,
    'sequences: {s: {min_value: 5, max_value: 1}}': /sequences\.s: min_value 5 is not below max_value 1/,
    'custom_types: {t: [a, b]}': /custom_types\.t: t is the name of a table; expected another name/,
    'custom_types: {e: [a, b, a]}':
      /custom_types\.e: entry 3 is the same as entry 1; expected different entries/,
  }
  for (const [more, message] of Object.entries(rest)) {
    it(more, async () => await expect(made(`{${ofColumn('{type: int}')}, ${more}}`)).rejects.toThrow(message))
  }
})

describe('keys that do not fit', () => {
  const parents: Record<string, [string, string, RegExp]> = {
    'shorter texts': [
      '{type: varchar(50), primary_key: true}',
      'varchar(5)',
      /texts of up to 16 characters, more than/,
    ],
    'smaller integers': [
      '{type: serial, primary_key: true}',
      'smallint',
      /values up to 40000, more than smallint holds/,
    ],
    'integers for decimals': [
      '{type: "numeric(9,2)", primary_key: true}',
      'int',
      /r is integer, p\.k is numeric\(9,2\)/,
    ],
  }
  const schema = (key: string, type: string, rows: number) =>
    `tables: {p: {row_count: ${rows}, columns: {k: ${key}}}, c: {row_count: 9, columns: {r: {type: ${type}, references: p}}}}`
  for (const [name, [key, type, message]] of Object.entries(parents)) {
    it(`${name} are refused`, async () =>
      await expect(made(schema(key, type, 40_000))).rejects.toThrow(message))
  }

  it('are taken where they hold every value', async () => {
    await made(schema('{type: bigserial, primary_key: true}', 'int', 40_000))
    await made(schema('{type: text, primary_key: true, pattern: "[a-z]{5}"}', 'varchar(5)', 40_000))
  })

  it('are not unique where they copy what several rows refer to', async () => {
    const copies = `
      tables:
        p: {row_count: 3, columns: {id: {type: serial, primary_key: true}, v: {type: int}}}
        c:
          row_count: 9
          columns:
            p: {type: int, references: p}
            v: {type: int, unique: true, copy: {foreign_key: p, column: v}}
    `
    await expect(made(copies)).rejects.toThrow(/v must be unique .* no values that can be told apart/)
  })
})

describe('said in vain, and told', () => {
  const columns: Record<string, string[]> = {
    '{type: uuid, distribution: normal}': [
      'tables.t.columns.a.distribution: it says nothing of values of type uuid, and is left out',
    ],
    '{type: int, pattern: "[0-9]", max_length: 3}': [
      'tables.t.columns.a.pattern: it says nothing of values of type integer, and is left out',
      'tables.t.columns.a.max_length: it says nothing of values of type integer, and is left out',
    ],
    '{type: smallint, min: 0, max: 50000}': [
      'tables.t.columns.a.max: 50000 is beyond smallint, whose own bound is taken',
    ],
    '{type: "text[]", pattern: "[a-z]", min_length: 1, null_fraction: 0.5}': [],
    '{type: timestamp, pattern: business_hours, peak_hours: [9]}': [],
  }
  for (const [column, notes] of Object.entries(columns)) {
    it(column, async () => expect((await made(ofColumn(column))).warnings).toEqual(notes))
  }
})
