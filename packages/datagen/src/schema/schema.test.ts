import { describe, expect, it } from 'vitest'
import { parseText, resolveSchema } from './index.js'

const resolve = (yaml: string) => resolveSchema(parseText(yaml, 'test.yaml'))
const message = (yaml: string): string => {
  try {
    resolve(yaml)
    return 'no error'
  } catch (error) {
    return (error as Error).message
  }
}

describe('schemas', () => {
  it('columns may be a map or a list', () => {
    const map = resolve('tables: {t: {columns: {a: {type: int}, b: {type: text}}}}')
    const list = resolve('tables: {t: {columns: [{name: a, type: int}, {name: b, type: text}]}}')
    const names = (schema: typeof map) =>
      schema.tables[0]!.columns.map(({ name, type }) => `${name} ${type.ddl}`)
    expect(names(map)).toEqual(['a integer', 'b text'])
    expect(names(list)).toEqual(names(map))
  })

  it('JSON is read as well as YAML', () => {
    expect(
      resolve('{"tables": {"t": {"columns": {"a": {"type": "int"}}, "row_count": 3}}}').tables[0]!.rowCount,
    ).toBe(3)
  })

  it('references take their columns from the primary key', () => {
    const { tables } = resolve(`
      tables:
        a: {columns: {id: {type: serial, primary_key: true}}}
        b: {columns: {a_id: {type: int, references: a}, c: {type: int, references: a(id)}}}
    `)
    expect(tables[1]!.foreignKeys.map(({ referenced, name }) => [name, referenced])).toEqual([
      ['b_a_id_fkey', ['id']],
      ['b_c_fkey', ['id']],
    ])
  })

  it('values and weights can be one map, a distribution of type weighted, or two lists', () => {
    const { tables } = resolve(`
      tables:
        t:
          columns:
            a: {type: text, values: {x: 3, y: 1}}
            b: {type: text, distribution: {type: weighted, weights: {x: 3, y: 1}}}
            c: {type: text, generator: weighted_enum, generator_config: {values: [x, y], weights: [3, 1]}}
    `)
    for (const { options } of tables[0]!.columns)
      expect(options).toMatchObject({ values: ['x', 'y'], weights: [3, 1] })
  })

  it('types with parameters, arrays, and types of its own', () => {
    const { tables } = resolve(`
      custom_types:
        mood: [happy, sad]
        money2: {kind: domain, base_type: "numeric(8,2)", constraint: VALUE > 0}
      tables:
        t:
          columns:
            a: {type: "VARCHAR(20)"}
            b: {type: "numeric(10, 2)"}
            c: {type: "timestamp(3) with time zone"}
            d: {type: "mood[]"}
            e: {type: money2}
            f: {type: double precision}
    `)
    expect(tables[0]!.columns.map(({ type }) => type.ddl)).toEqual([
      'character varying(20)',
      'numeric(10,2)',
      'timestamp(3) with time zone',
      '"mood"[]',
      '"money2"',
      'double precision',
    ])
  })

  it('names that PostgreSQL would cut are made shorter, and stay different', () => {
    const [long, other] = ['a'.repeat(60), 'b'.repeat(59)]
    const { tables } = resolve(
      `tables: {${long}: {columns: {${other}: {type: int, unique: true}, ${other}b: {type: int, unique: true}}}}`,
    )
    const names = tables[0]!.uniques.map(({ name }) => name)
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
  })
})

describe('a mistake is told with its path and what was expected', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      'tables: {t: {columns: {a: {type: intt}}}}',
      /^tables\.t\.columns\.a\.type: it is "intt"; expected a PostgreSQL type/,
    ],
    [
      'tables: {t: {columns: {a: {typ: int, type: int}}}}',
      /^tables\.t\.columns\.a\.typ: there is no such property; expected type, or another/,
    ],
    ['tables: {t: {columns: {a: {type: int}}, row_count: -1}}', /^tables\.t\.row_count: .*>= 0/],
    [
      'tables: {t: {columns: {a: {type: int}}, row_count: many}}',
      /^tables\.t\.row_count: it is "many"; expected integer/,
    ],
    ['tables: {t: {columns: {}}}', /^tables\.t\.columns: it is empty; expected at least 1 in it/],
    [
      'tables: {t: {columns: {a: {type: int, values: []}}}}',
      /^tables\.t\.columns\.a\.values: it is empty; expected at least 1/,
    ],
    [
      'tables: {t: {columns: {a: {type: int, values: 5}}}}',
      /^tables\.t\.columns\.a\.values: it is 5; expected array or object/,
    ],
    [
      'tables: {t: {columns: {a: {type: int, null_fraction: 2}}}}',
      /^tables\.t\.columns\.a\.null_fraction: it is 2; expected a number <= 1/,
    ],
    [
      'tables: {t: {columns: {a: {type: int, references: u}}}}',
      /^tables\.t\.columns\.a\.references: there is no table u; expected one of t\./,
    ],
    [
      'tables: {t: {columns: {a: {type: int, references: t(b)}}}}',
      /^tables\.t\.columns\.a\.references: there is no column b; expected .*a/,
    ],
    [
      'tables: {t: {columns: {a: {type: text}}, indexes: [{columns: [lower(a)], unique: true}]}}',
      /^tables\.t\.indexes\[0\]: lower\(a\) cannot be kept unique/,
    ],
    [
      'tables: {t: {columns: {a: {type: serial generated always as identity}}}}',
      /^tables\.t\.columns\.a\.type/,
    ],
    [
      'tables: {t: {columns: {a: {type: int}}, primary_key: [b]}}',
      /^tables\.t\.primary_key: there is no column b; expected .*a/,
    ],
    [
      'tables: {t: {columns: {a: {type: int}}, foreign_keys: [{columns: [a], referenced_table: u}]}}',
      /^tables\.t\.foreign_keys\[0\]\.referenced_table: there is no table u/,
    ],
    [
      'tables: {t: {columns: {a: {type: int}, b: {type: text, references: t(a)}}}}',
      /references: b is text, t\.a is integer; expected columns of the same type/,
    ],
    [
      'tables: {t: {columns: {a: {type: int}, b: {type: int, references: t(a)}}}}',
      /t\(a\) is neither the primary key nor unique/,
    ],
    ['tables: {t: {columns: {a: {type: text, pattern: "\\0"}}}}', /NUL|no such|escape/i],
    ['tables: {t: {columns: {a: {type: text, values: ["x\\0y"]}}}}', /character NUL/],
    [
      'tables: {t: {columns: {a: {type: text, values: [x], weights: [1, 2]}}}}',
      /there are 2 weights for 1 values/,
    ],
    ['tables: {t: {columns: {a: {type: date, after: b}}}}', /there is no column b/],
    ['tables: {"odd name": {columns: {a: {type: intt}}}}', /^tables\."odd name"\.columns\.a\.type/],
    [
      'tables: {t: {columns: {a: {type: int}, a: {type: int}}}}',
      /cannot be read as YAML: line 1, column \d+/,
    ],
    ['tables: {t: [', /cannot be read as YAML: line 1/],
    ['5', /the schema/],
    [
      `tables: {${'x'.repeat(64)}: {columns: {a: {type: int}}}}`,
      /the name has 64 bytes; expected a name of at most 63 bytes/,
    ],
  ]
  for (const [yaml, expected] of cases) it(yaml.slice(0, 90), () => expect(message(yaml)).toMatch(expected))
})
