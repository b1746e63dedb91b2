import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { airports, columns, MemoryGraph } from '../memory-graph.test.fixture.js'

const graph = airports()

/** The value of an expression that reads no graph. */
function value(text: string, parameters = {}): Promise<unknown> {
  return graph.value(`RETURN ${text}`, parameters)
}

/** Twice: as a constant, and as a column, which other code computes. */
async function bothWays(text: string, operands: readonly unknown[], columnType = 'INT64'): Promise<unknown> {
  const literals = operands.map((operand) => (operand === null ? 'NULL' : String(operand)))
  const constant = await value(text.replaceAll(/\?(\d)/g, (_, index) => literals[Number(index)]!))
  const table = new MemoryGraph({
    nodes: [
      {
        name: 'T',
        columns: columns(['k INT64', ...operands.map((_, index) => `c${index} ${columnType}`)].join(', ')),
        key: 0,
        rows: [
          [
            1,
            ...operands.map((operand) =>
              typeof operand === 'boolean' ? Number(operand) : (operand as number),
            ),
          ],
        ],
      },
    ],
    rels: [],
  })
  const column = await table.value(`MATCH (t:T) RETURN ${text.replaceAll(/\?(\d)/g, 't.c$1')}`)
  expect(column, `${text} of ${literals}`).toEqual(constant)
  return constant
}

describe('three-valued logic', () => {
  const truths = [true, false, null]
  const and = [true, false, null, false, false, false, null, false, null]
  const or = [true, true, true, true, false, null, true, null, null]
  const xor = [false, true, null, true, false, null, null, null, null]

  test.each([
    ['AND', and],
    ['OR', or],
    ['XOR', xor],
  ])('%s', async (operator, expected) => {
    const pairs = truths.flatMap((a) => truths.map((b) => [a, b]))
    for (const [index, pair] of pairs.entries()) {
      expect(await bothWays(`?0 ${operator} ?1`, pair, 'BOOL'), `${pair[0]} ${operator} ${pair[1]}`).toBe(
        expected[index],
      )
    }
  })

  test('NOT, IS NULL and comparisons with NULL', async () => {
    expect(await Promise.all(truths.map((a) => bothWays('NOT ?0', [a], 'BOOL')))).toEqual([false, true, null])
    expect(await Promise.all(truths.map((a) => bothWays('?0 IS NULL', [a], 'BOOL')))).toEqual([
      false,
      false,
      true,
    ])
    expect(await Promise.all(truths.map((a) => bothWays('?0 IS NOT NULL', [a], 'BOOL')))).toEqual([
      true,
      true,
      false,
    ])
    for (const operator of ['=', '<>', '<', '<=', '>', '>=', '+', '*', '/']) {
      expect(await bothWays(`?0 ${operator} ?1`, [1, null])).toBe(null)
    }
  })

  test('IN says NULL when the list could hold it', async () => {
    expect(await bothWays('?0 IN [1, 2]', [2])).toBe(true)
    expect(await bothWays('?0 IN [1, 2]', [3])).toBe(false)
    expect(await bothWays('?0 IN [1, NULL]', [3])).toBe(null)
    expect(await bothWays('?0 IN [1, NULL]', [1])).toBe(true)
    expect(await bothWays('?0 IN []', [1])).toBe(false)
    expect(await bothWays('?0 IN [?1 + 1]', [3, 2])).toBe(true)
    expect(await value("'b' IN $list", { list: ['a', 'b'] })).toBe(true)
    expect(await value('$x IN $list', { x: 2n ** 60n, list: [1, 2n ** 60n] })).toBe(true)
  })

  test('a filter keeps only what is true', async () => {
    expect(await graph.value('MATCH (a:Airport) WHERE a.hub RETURN count(*)')).toBe(3)
    expect(await graph.value('MATCH (a:Airport) WHERE NOT a.hub RETURN count(*)')).toBe(0)
  })
})

describe('arithmetic', () => {
  test('integers are exact: equal to bigint arithmetic wherever INT64 holds the result', async () => {
    const int64 = fc.oneof(
      fc.bigInt({ min: -100n, max: 100n }),
      fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
      fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
    )
    const operations = {
      '+': (a: bigint, b: bigint) => a + b,
      '-': (a: bigint, b: bigint) => a - b,
      '*': (a: bigint, b: bigint) => a * b,
      '/': (a: bigint, b: bigint) => a / b,
      '%': (a: bigint, b: bigint) => a % b,
    }
    await fc.assert(
      fc.asyncProperty(int64, int64, fc.constantFrom('+', '-', '*', '/', '%'), async (a, b, operator) => {
        const byZero = b === 0n && (operator === '/' || operator === '%')
        const exact = byZero ? 0n : operations[operator as '+'](a, b)
        const fits = !byZero && exact === BigInt.asIntN(64, exact)
        const result = graph.query(`RETURN $a ${operator} $b AS x`, { a, b }, 'bigint').toArray()
        if (fits) expect(await result).toEqual([{ __proto__: null, x: exact }])
        else await expect(result).rejects.toMatchObject({ code: 'MILLRACE_EVALUATION' })
      }),
      { numRuns: 200 },
    )
  })

  test('whole numbers divide to whole numbers, cut towards zero', async () => {
    expect(await bothWays('?0 / ?1', [7, 2])).toBe(3)
    expect(await bothWays('?0 / ?1', [-7, 2])).toBe(-3)
    expect(await bothWays('?0 % ?1', [-7, 2])).toBe(-1)
    expect(await bothWays('?0 / 2.0', [7])).toBe(3.5)
    expect(await bothWays('?0 ^ 2', [7])).toBe(49)
    expect(await bothWays('1.0 / ?0', [0])).toBe(Number.POSITIVE_INFINITY)
  })

  test('sums are exact beyond 2^53, and an error beyond INT64', async () => {
    const big = 2n ** 53n
    const sums = (rows: (number | bigint | null)[]) =>
      new MemoryGraph({
        nodes: [
          { name: 'T', columns: columns('k INT64, v INT64'), key: 0, rows: rows.map((row, k) => [k, row]) },
        ],
        rels: [],
      })
    const total = (rows: (number | bigint | null)[]) =>
      sums(rows).query('MATCH (t:T) RETURN sum(t.v) AS s', {}, 'bigint').toArray()
    expect((await total([2 ** 53 - 1, 2 ** 53 - 1, 3]))[0]!.s).toBe(2n * big + 1n)
    expect((await total([big + 1n, -5, null]))[0]!.s).toBe(big - 4n)
    expect((await total([2n ** 62n, 2n ** 62n, -(2n ** 62n)]))[0]!.s).toBe(2n ** 62n)
    await expect(total([2n ** 62n, 2n ** 62n])).rejects.toMatchObject({ code: 'MILLRACE_EVALUATION' })
    expect(await sums([1, 2]).value('MATCH (t:T) RETURN avg(t.v)')).toBe(1.5)
  })

  test('a condition before guards a division behind', async () => {
    const guarded = 'MATCH (a:Airport) WHERE a.runways <> 8 AND 8 / (8 - a.runways) > 0 RETURN count(*)'
    expect(await graph.value(guarded)).toBe(3)
    const chosen = 'MATCH (a:Airport) RETURN CASE WHEN a.runways = 8 THEN 0 ELSE 8 / (8 - a.runways) END'
    expect((await graph.rows(chosen)).flat()).toEqual([2, 2, 0, 1])
  })
})

describe('functions', () => {
  test.each([
    ["lower('ÄB') + upper('é')", 'äbÉ'],
    ["size('a😀')", 2],
    ["substring('flight', 2, 3)", 'lig'],
    ["substring('flight', 3)", 'ight'],
    ["left('abc', 2) + right('abc', 1)", 'abc'],
    ["replace('a.b.c', '.', '$&')", 'a$&b$&c'],
    ["trim('  x ') + reverse('ab')", 'xba'],
    ["concat('a', NULL, 'b')", 'ab'],
    ["'abc' STARTS WITH 'ab' AND 'abc' ENDS WITH 'c' AND 'abc' CONTAINS 'b'", true],
    ["'Z' < 'a' AND '😀' > '\uFFFD'", true],
    ['abs(-3) + sign(-2)', 2],
    ['floor(2.7) + ceil(2.1)', 5],
    ['round(2.5) + round(-2.5)', 0],
    ['round(1.005, 2)', 1.01],
    ['sqrt(16)', 4],
    ['coalesce(NULL, 3, 4)', 3],
    ['nullif(3, 3)', null],
    ['CASE 2 WHEN 1 THEN "a" WHEN 2 THEN "b" END', 'b'],
    ['CASE WHEN false THEN 1 END', null],
    ['CASE WHEN true THEN 1 ELSE 2.5 END', 1],
    ["CAST('12' AS INT64) + CAST(2.5 AS INT64)", 15],
    ["CAST('1e3' AS DOUBLE)", 1000],
    ["CAST(12 AS STRING) + CAST(date('2020-02-29') AS STRING)", '122020-02-29'],
    ["year(date('2020-02-29')) + month(date('2020-02-29'))", 2022],
    ["date_part('day', timestamp('1969-12-31 23:59:59'))", 31],
    ["hour(timestamp('1969-12-31 23:59:59.5'))", 23],
    ["dayofweek(date('2024-02-29'))", 4],
    ["week(date('2021-01-03'))", 53],
    ["date('2020-03-01') - date('2020-02-28')", 2],
    ["CAST(date_trunc('month', date('2020-02-29')) AS STRING)", '2020-02-01'],
    ["CAST(date('2020-02-28') + 2 AS STRING)", '2020-03-01'],
    ["CAST(timestamp('2020-01-01T00:30:00+01:00') AS STRING)", '2019-12-31 23:30:00'],
    ["date('2020-01-01') < timestamp('2020-01-01 00:00:01')", true],
    ["date('2020-01-01') = '2020-01-01'", true],
    ['1 < 2 <= 2 <> 3', true],
    ['NULL IS NULL', true],
  ])('%s is %s', async (text, expected) => {
    expect(await value(text)).toEqual(expected)
  })

  test('days and dates agree with JavaScript over the years', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -100_000, max: 2_000_000 }), async (days) => {
        const iso = new Date(days * 86_400_000).toISOString().slice(0, 10)
        expect(await value(`CAST(date('${iso}') - date('1970-01-01') AS INT64)`)).toBe(days)
        expect(await value(`CAST(date('1970-01-01') + ${days} AS STRING)`)).toBe(iso)
      }),
      { numRuns: 100 },
    )
  })

  test('values that cannot be converted are named', async () => {
    await expect(value("CAST('x1' AS INT64)")).rejects.toThrow("'x1' cannot be converted to INT64")
    await expect(value("CAST('3000000000' AS INT32)")).rejects.toMatchObject({ code: 'MILLRACE_EVALUATION' })
  })
})

describe('parameters', () => {
  test('have the types of their values', async () => {
    const when = new Date('2001-02-03T04:05:06Z')
    const rows = await graph
      .query('RETURN $a, $b, $c, $d, $e, $f', { a: 1, b: 1.5, c: 'x', d: true, e: when, f: null })
      .toArray()
    expect(Object.values(rows[0]!)).toEqual([1, 1.5, 'x', true, when, null])
    expect(
      await graph.value('MATCH (a:Airport) WHERE a.opened < $t RETURN count(*)', { t: new Date(0) }),
    ).toBe(2)
  })

  test.each([
    [{}, 'is not given'],
    [{ x: undefined }, 'is not given'],
    [{ x: {} }, 'is a object'],
    [{ x: new Date(Number.NaN) }, 'is an invalid Date'],
  ])('%j is refused', async (parameters, problem) => {
    await expect(value('$x', parameters)).rejects.toMatchObject({
      code: 'MILLRACE_PARAMETER',
      details: { problem: expect.stringContaining(problem) },
    })
  })

  test('a type that does not fit is an error with its place', async () => {
    await expect(graph.rows('MATCH (a:Airport) WHERE a.iata = $x RETURN a', { x: 5 })).rejects.toMatchObject({
      code: 'MILLRACE_BINDING',
      details: { line: 1 },
    })
    await expect(value('upper($x)', { x: 5 })).rejects.toMatchObject({ code: 'MILLRACE_BINDING' })
  })

  test('inherited names are no parameters', async () => {
    await expect(value('$constructor')).rejects.toMatchObject({ code: 'MILLRACE_PARAMETER' })
  })
})
