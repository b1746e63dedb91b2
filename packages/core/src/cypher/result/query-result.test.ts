import { describe, expect, test } from 'vitest'
import { airports, columns, MemoryGraph } from '../memory-graph.test.fixture.js'
import { PendingQuery, pendingStatement } from './pending-query.js'

const graph = airports()
const wide = new MemoryGraph({
  nodes: [
    {
      name: 'T',
      columns: columns('k INT64, i INT32, d DOUBLE, b BOOL, s STRING, day DATE, t TIMESTAMP'),
      key: 0,
      rows: [
        [1, 2, 2.5, 1, 'é', 1, 1_500_000],
        [2n ** 60n, null, null, null, null, null, null],
      ],
    },
  ],
  rels: [],
})

describe('rows', () => {
  test('values are JavaScript values, in objects without a prototype', async () => {
    const [row] = await wide
      .query('MATCH (t:T) WHERE t.k = 1 RETURN t.i, t.d, t.b, t.s, t.day, t.t, t.k')
      .toArray()
    expect(Object.getPrototypeOf(row)).toBe(null)
    expect(Object.values(row!)).toEqual([2, 2.5, true, 'é', new Date(86_400_000), new Date(1500), 1])
  })

  test('a timestamp is the millisecond that it lies in, before 1970, too, and far from it', async () => {
    const micros = [1_999, -1, -1_001, 2n ** 60n + 1n, -(2n ** 60n) - 1n]
    const times = new MemoryGraph({
      nodes: [
        {
          name: 'T',
          columns: columns('k INT64, t TIMESTAMP'),
          key: 0,
          rows: micros.map((each, k) => [k, each]),
        },
      ],
      rels: [],
    })
    const rows = await times.query('MATCH (t:T) RETURN t.t AS t').toArray()
    expect(rows.map(({ t }) => (t as Date).getTime())).toEqual([
      1, -1, -2, 1152921504606846, -1152921504606847,
    ])
  })

  test('an INT64 beyond 2^53 is an error, or a bigint when asked for', async () => {
    await expect(wide.query('MATCH (t:T) RETURN t.k').toArray()).rejects.toMatchObject({
      code: 'MILLRACE_INT64_RANGE',
      details: { column: 't.k', value: 2n ** 60n },
    })
    const rows = await wide
      .query('MATCH (t:T) RETURN t.k AS k, t.i AS i, count(*) AS n', {}, 'bigint')
      .toArray()
    expect(rows.map(({ k, i, n }) => [k, i, n])).toEqual([
      [1n, 2, 1n],
      [2n ** 60n, null, 1n],
    ])
    await expect(wide.query('MATCH (t:T) RETURN collect(t.k)').toArray()).rejects.toMatchObject({
      code: 'MILLRACE_INT64_RANGE',
    })
  })

  test('a node is an object of its properties with _id and _label', async () => {
    const rows = await graph
      .query("MATCH (a:Airport {iata: 'SBP'})-[r:Route]->(b) RETURN a, r, r.count")
      .toArray()
    expect(rows[0]!.a).toEqual({
      __proto__: null,
      _id: 3,
      _label: 'Airport',
      iata: 'SBP',
      name: null,
      latitude: 35.2,
      opened: new Date(0),
      runways: 2,
      hub: null,
    })
    expect(rows[0]!.r).toEqual({ __proto__: null, _id: 4, _label: 'Route', count: 5, since: new Date(0) })
  })

  test('every name is safe as a column and as a property', async () => {
    const names = ['__proto__', 'constructor', 'then', 'toJSON', 'hasOwnProperty']
    const hostile = new MemoryGraph({
      nodes: [
        {
          name: 'T',
          columns: names.map((name) => ({ name, type: 'INT64' })),
          key: 0,
          rows: [names.map((_, i) => i)],
        },
      ],
      rels: [],
    })
    const list = names.map((name) => `t.\`${name}\` AS \`${name}\``).join(', ')
    const [row] = await hostile.query(`MATCH (t:T) RETURN ${list}, t`).toArray()
    expect(names.map((name) => row![name])).toEqual([0, 1, 2, 3, 4])
    expect(names.map((name) => (row!.t as Record<string, unknown>)[name])).toEqual([0, 1, 2, 3, 4])
  })

  test('rows can be asked for once', async () => {
    const result = graph.query('RETURN 1')
    await result.toArray()
    await expect(result.toArray()).rejects.toMatchObject({ code: 'MILLRACE_ARGUMENT' })
  })
})

describe('ending', () => {
  const batch = { rows: 1, columns: [] }
  function counted() {
    const seen = { started: 0, pulled: 0, released: 0, closed: 0 }
    const start = () => {
      seen.started++
      return (function* () {
        try {
          for (;;) {
            seen.pulled++
            yield batch
          }
        } finally {
          seen.released++
        }
      })()
    }
    return { seen, result: new PendingQuery([], start, { int64: 'number', onClose: () => seen.closed++ }) }
  }

  test('nothing runs before rows are asked for; closing unasked releases too', async () => {
    const { seen, result } = counted()
    await result.close()
    await result.close()
    expect(seen).toEqual({ started: 0, pulled: 0, released: 0, closed: 1 })
  })

  test('leaving the loop releases what the query holds, once', async () => {
    const { seen, result } = counted()
    for await (const _ of result) if (seen.pulled === 3) break
    await result.close()
    expect(seen).toEqual({ started: 1, pulled: 3, released: 1, closed: 1 })
  })

  test('an error releases too', async () => {
    let closed = 0
    const failing = new PendingQuery([], () => Promise.reject(new Error('no')), {
      int64: 'number',
      onClose: () => closed++,
    })
    await expect(failing.toArray()).rejects.toThrow('no')
    expect(closed).toBe(1)
  })

  test('other work of the event loop gets its turn', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const busy = function* () {
      for (let batches = 0; batches < 8; batches++) {
        const end = performance.now() + 6
        while (performance.now() < end);
        yield batch
      }
    }
    await new PendingQuery([], busy, { int64: 'number' }).toArray()
    clearInterval(timer)
    expect(turns).toBeGreaterThan(1)
  })

  test('a signal is heeded while something is waited for that does not happen', async () => {
    let released = false
    const waiting = function* () {
      try {
        yield { rows: 0, columns: [], until: new Promise<void>(() => {}) }
      } finally {
        released = true
      }
    }
    const stopping = new AbortController()
    const signals = [new AbortController().signal, stopping.signal]
    const result = new PendingQuery([], waiting, { int64: 'number', signals }).toArray()
    setTimeout(() => stopping.abort(new Error('enough')), 5)
    await expect(result).rejects.toThrow('enough')
    expect(released).toBe(true)
  })

  test('a statement that is no query gives one row, or none', async () => {
    const result = pendingStatement(async () => ({ table: 'T', rows: 3 }))
    expect(await result.toArray()).toEqual([{ __proto__: null, table: 'T', rows: 3 }])
    expect(result.columns.map(({ name }) => name)).toEqual(['table', 'rows'])
    expect(await pendingStatement(async () => null).toArray()).toEqual([])
  })
})

describe('Arrow', () => {
  test('columns have their types, nulls and all', async () => {
    const table = await wide.query('MATCH (t:T) RETURN t.k, t.i, t.d, t.b, t.s, t.day, t.t').toArrow()
    expect(table.schema.fields.map(({ type }) => String(type))).toEqual([
      'Int64',
      'Int32',
      'Float64',
      'Bool',
      'Utf8',
      'Date32<DAY>',
      'Timestamp<MICROSECOND>',
    ])
    expect([...table.getChildAt(0)!]).toEqual([1n, 2n ** 60n])
    for (const [index, value] of [2, 2.5, true, 'é', 86_400_000].entries()) {
      expect(
        [...table.getChildAt(index + 1)!].map((cell) => (cell === null ? null : cell.valueOf())),
      ).toEqual([value, null])
    }
    expect(table.getChildAt(6)!.nullCount).toBe(1)
  })

  test('no rows give the columns; nodes and lists are JSON', async () => {
    const none = await wide.query('MATCH (t:T) WHERE t.k = 5 RETURN t.k, t.s').toArrow()
    expect([none.numRows, none.schema.fields.map(({ name }) => name)]).toEqual([0, ['t.k', 't.s']])
    const json = await graph.query("MATCH (a:Airport {iata: 'SFO'}) RETURN a, collect(a.runways)").toArrow()
    expect(JSON.parse(json.getChildAt(0)!.get(0))).toMatchObject({
      _label: 'Airport',
      iata: 'SFO',
      runways: 4,
    })
    expect(json.getChildAt(1)!.get(0)).toBe('[4]')
  })

  test('many batches are one table', async () => {
    const rows = Array.from({ length: 5000 }, (_, k) => [k, `s${k % 7}`])
    const many = new MemoryGraph({
      nodes: [{ name: 'T', columns: columns('k INT64, s STRING'), key: 0, rows }],
      rels: [],
      groupRows: 5000,
    })
    const table = await many.query('MATCH (t:T) RETURN t.k, t.s').toArrow()
    expect(table.numRows).toBe(5000)
    expect([table.getChildAt(0)!.get(4999), table.getChildAt(1)!.get(4999)]).toEqual([4999n, 's1'])
  })
})
