import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { PendingQuery, pendingStatement } from './pending-query.js'
import { QueryResult } from './query-result.js'

const batch = { rows: 1, columns: [] }

/** A query of `batches` batches that counts what becomes of it. */
function counted(batches = Number.POSITIVE_INFINITY) {
  const seen = { begun: 0, pulled: 0, released: 0, closed: 0, forgotten: 0 }
  const start = () =>
    (function* () {
      try {
        while (seen.pulled < batches) {
          seen.pulled++
          yield batch
        }
      } finally {
        seen.released++
      }
    })()
  const make = (signals: AbortSignal[] = []) =>
    new PendingQuery([], start, {
      int64: 'number',
      signals,
      onBegin: () => seen.begun++,
      onClose: () => seen.closed++,
      onForgotten: () => seen.forgotten++,
    })
  return { seen, make }
}

describe('awaiting', () => {
  test('gives a plain result, for the same rows', async () => {
    const { make, seen } = counted(3)
    const result = await make()
    expect(result).toBeInstanceOf(QueryResult)
    expect(result).not.toBeInstanceOf(PendingQuery)
    expect('then' in result).toBe(false)
    expectTypeOf<Awaited<PendingQuery>>().toEqualTypeOf<QueryResult>()
    expectTypeOf<PendingQuery>().toExtend<Promise<QueryResult>>()
    expect((await result.toArray()).length).toBe(3)
    expect(seen).toEqual({ begun: 1, pulled: 3, released: 1, closed: 1, forgotten: 0 })
  })

  test('runs as far as the first batch; every way to rows goes on from there', async () => {
    const ways: [string, (result: QueryResult) => Promise<number>][] = [
      ['toArray', async (result) => (await result.toArray()).length],
      [
        'iteration',
        async (result) => {
          let rows = 0
          for await (const _ of result) rows++
          return rows
        },
      ],
      [
        'batches',
        async (result) => {
          let rows = 0
          for await (const { rows: more } of result.batches()) rows += more
          return rows
        },
      ],
      ['toArrow', async (result) => (await result.toArrow()).batches.length],
    ]
    for (const [name, count] of ways) {
      const { make, seen } = counted(4)
      const result = await make()
      await turn()
      expect(seen, name).toEqual({ begun: 1, pulled: 1, released: 0, closed: 0, forgotten: 0 })
      expect(await count(result), name).toBe(4)
      expect(seen, name).toEqual({ begun: 1, pulled: 4, released: 1, closed: 1, forgotten: 0 })
    }
  })

  test('no batch is fetched ahead but the first', async () => {
    const { make, seen } = counted()
    const result = await make()
    const pulled: number[] = []
    for await (const _ of result) {
      await turn()
      pulled.push(seen.pulled)
      if (pulled.length === 4) break
    }
    expect(pulled).toEqual([1, 2, 3, 4])
    expect(seen).toMatchObject({ released: 1, closed: 1 })
  })

  test('a statement runs once, however often it is awaited and in whichever order rows are asked for', async () => {
    let runs = 0
    const statement = () => pendingStatement(async () => ({ run: ++runs }))
    const twice = statement()
    const [first, second] = await Promise.all([twice, twice])
    expect(first).toBe(second)
    expect(await first.toArray()).toEqual([{ __proto__: null, run: 1 }])
    expect(first.columns.map(({ name }) => name)).toEqual(['run'])
    await expect(twice.toArray()).rejects.toMatchObject({ code: 'MILLRACE_ARGUMENT' })

    const read = statement()
    expect((await read.toArray()).length).toBe(1)
    await (await read).close()
    const both = statement()
    const [rows] = await Promise.all([both.toArray(), both])
    expect(rows).toEqual([{ __proto__: null, run: 3 }])
    expect(runs).toBe(3)
  })

  test('returning it from an async function awaits it', async () => {
    const { make, seen } = counted(2)
    const returning = async () => make()
    expectTypeOf(returning).returns.toEqualTypeOf<Promise<QueryResult>>()
    const result = await returning()
    expect(seen.pulled).toBe(1)
    expect((await result.toArray()).length).toBe(2)
  })

  test('without rows the query has ended', async () => {
    const { make, seen } = counted(0)
    const result = await make()
    expect(seen).toEqual({ begun: 1, pulled: 0, released: 1, closed: 1, forgotten: 0 })
    expect(await result.toArray()).toEqual([])
  })

  test('closing releases what was begun, and gives no more rows', async () => {
    const { make, seen } = counted()
    {
      await using result = await make()
      expect(result.columns).toEqual([])
    }
    expect(seen).toEqual({ begun: 1, pulled: 1, released: 1, closed: 1, forgotten: 0 })
    const closed = make()
    await closed.close()
    await expect(closed).rejects.toThrow('after close()')
    await expect(closed.toArray()).rejects.toThrow('after close()')
    expect(seen.begun).toBe(1)
  })

  test('a signal between awaiting and asking ends it, with its reason', async () => {
    const { make, seen } = counted()
    const stopping = new AbortController()
    const result = await make([stopping.signal])
    stopping.abort(new Error('enough'))
    await expect(result.toArray()).rejects.toThrow('enough')
    expect(seen).toMatchObject({ released: 1, closed: 1 })
  })
})

describe('errors', () => {
  /** Errors that nobody has heard of, while `action` runs. */
  async function unheardDuring(action: () => Promise<void>): Promise<unknown[]> {
    const unheard: unknown[] = []
    const hear = (reason: unknown) => unheard.push(reason)
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', hear)
    try {
      await action()
      await turn()
      await turn()
    } finally {
      process.off('unhandledRejection', hear)
      for (const other of others) process.on('unhandledRejection', other)
    }
    return unheard
  }
  const failing = () => pendingStatement(() => Promise.reject(new Error('no')))

  test.each<[string, (query: PendingQuery) => Promise<unknown>]>([
    ['await', async (query) => await query],
    ['then', (query) => query.then(() => {})],
    ['catch', (query) => query.catch((error) => Promise.reject(error))],
    ['finally', (query) => query.finally(() => {})],
    ['toArray', (query) => query.toArray()],
    ['batches', async (query) => await query.batches().next()],
  ])('are heard where the statement is begun, by %s, and nowhere else', async (_, begin) => {
    const unheard = await unheardDuring(async () => {
      await expect(begin(failing())).rejects.toThrow('no')
    })
    expect(unheard).toEqual([])
  })

  test('an error that a caller leaves alone is an unhandled rejection, once', async () => {
    const unheard = await unheardDuring(async () => {
      void failing().then(() => {})
    })
    expect(unheard).toEqual([new Error('no')])
  })

  test('whoever asks for rows after a failed start hears the same error', async () => {
    const query = failing()
    await expect(query).rejects.toThrow('no')
    await expect(query.toArray()).rejects.toThrow('no')
  })
})

describe('results that nothing refers to any more', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void

  async function collectedWhen(done: () => boolean): Promise<void> {
    for (let times = 0; times < 50 && !done(); times++) {
      collect()
      await turn()
    }
  }

  test('one that was begun is let go', async () => {
    const { make, seen } = counted()
    await (async () => void (await make()))()
    await collectedWhen(() => seen.closed > 0)
    expect(seen).toEqual({ begun: 1, pulled: 1, released: 1, closed: 1, forgotten: 0 })
  })

  test('one that was never begun is let go, and called forgotten', async () => {
    const { make, seen } = counted()
    ;(() => void make())()
    await collectedWhen(() => seen.closed > 0)
    expect(seen).toEqual({ begun: 0, pulled: 0, released: 0, closed: 1, forgotten: 1 })
  })

  test('one that was closed is not forgotten', async () => {
    const { make, seen } = counted()
    await (async () => await make().close())()
    for (let times = 0; times < 5; times++) {
      collect()
      await turn()
    }
    expect(seen).toMatchObject({ closed: 1, forgotten: 0 })
  })

  test.each<[string, (result: PendingQuery) => Promise<AsyncIterator<unknown>>]>([
    ['batches', async (query) => query.batches()],
    ['rows', async (query) => query[Symbol.asyncIterator]()],
    ['batches of an awaited one', async (query) => (await query).batches()],
    ['rows of an awaited one', async (query) => (await query)[Symbol.asyncIterator]()],
  ])('%s go on while they are iterated', async (_, iterate) => {
    const { make, seen } = counted()
    const iterator = await iterate(make())
    await iterator.next()
    for (let times = 0; times < 10; times++) {
      collect()
      await turn()
      expect((await iterator.next()).done).toBe(false)
    }
    expect(seen).toMatchObject({ pulled: 11, closed: 0 })
    await iterator.return?.()
    expect(seen).toMatchObject({ released: 1, closed: 1 })
  })
})
