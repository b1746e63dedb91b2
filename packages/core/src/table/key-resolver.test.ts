import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NodeTable } from '../catalog/index.js'
import { Delta } from '../delta/index.js'
import { pageBytes } from '../limits.js'
import { Arena, MemoryBudget } from '../memory/index.js'
import { encodeNodeBatch } from './encode-node-batch.js'
import { type KeyPacking, keyPackingOf, packingOf } from './key-packing.js'
import { keyRanksBytes } from './key-ranks.js'
import { KeyResolver, type KeyResolverOptions } from './key-resolver.js'
import { mergeDelta } from './merge/merge-delta.js'
import { NodeLoad } from './node-load.js'
import { sortedGroupsOf } from './node-reader.js'
import { createSharedMap, type SharedMapKind, sharedMapBytes } from './shared-map-place.js'
import { keysBeyondArithmetic, rangesOf } from './sorted-keys.js'
import { type Cell, columnOf, FixtureStore, nodeTable, snapshotOf, withNodes } from './table.test.fixture.js'
import { createBatchEncoderContext } from './working-memory.js'

const context = createBatchEncoderContext(new Arena(new MemoryBudget(1 << 28), 1 << 28))
const target = new Uint8Array(256 * pageBytes)

function load(store: FixtureStore, table: NodeTable, keys: readonly Cell[], batchRows: number): NodeTable {
  const nodes = new NodeLoad(store, table, { budget: new MemoryBudget(1 << 26) })
  for (let start = 0; start < keys.length; start += batchRows) {
    const mark = context.arena.mark()
    const column = columnOf(context.arena, table.columns[0]!.type, keys.slice(start, start + batchRows))
    nodes.append(encodeNodeBatch(context, [column], 0, column.rows, target)!, target)
    context.arena.release(mark)
  }
  return withNodes(table, nodes.finish())
}

/** The table as it is after nodes were deleted and made, and merged. */
function rewritten(
  store: FixtureStore,
  table: NodeTable,
  deleted: Iterable<number>,
  created: readonly (bigint | string)[] = [],
): NodeTable {
  const catalog = { version: 1, nextTableId: 2, tables: [table] }
  const delta = new Delta()
  const tableId = table.id
  for (const offset of deleted) delta.apply(catalog, { kind: 'deleteNode', tableId, offset })
  for (const [index, key] of created.entries()) {
    const offset = table.rowCount + index
    delta.apply(catalog, { kind: 'createNode', tableId, offset, values: [key] })
  }
  const { change } = mergeDelta(store, { catalog, delta })
  return change.tables[0] as NodeTable
}

function resolve(resolver: KeyResolver, keys: readonly Cell[]): { offsets: number[]; missing: number } {
  const { arena } = context
  const mark = arena.mark()
  const column = columnOf(arena, resolver.table.columns[0]!.type, keys)
  const out = arena.allocate(keys.length * 8)
  const missing = resolver.resolve(column, out)
  const offsets = Array.from(new BigInt64Array(arena.memory.buffer, out, keys.length), Number)
  arena.release(mark)
  return { offsets, missing }
}

/** Resolves two columns at once. */
function resolveTwo(resolver: KeyResolver, ...asked: readonly (readonly Cell[])[]): number[][] {
  const { arena } = context
  const mark = arena.mark()
  const columns = asked.map((cells) => ({
    keys: columnOf(arena, resolver.table.columns[0]!.type, cells),
    out: arena.allocate(cells.length * 8),
  }))
  const missing = resolver.resolveAll(columns)
  const offsets = columns.map(({ keys, out }) =>
    Array.from(new BigInt64Array(arena.memory.buffer, out, keys.rows), Number),
  )
  expect(missing).toBe(offsets.flat().filter((offset) => offset === -1).length)
  arena.release(mark)
  return offsets
}

/** Asks for all keys, keys beside them, and nulls, with a map and without one. */
function expectResolved(
  store: FixtureStore,
  table: NodeTable,
  keys: readonly Cell[],
  asked: readonly Cell[],
  hasCodes = true,
): void {
  const model = new Map<string, number>()
  for (const [offset, key] of keys.entries()) if (key !== null) model.set(String(key), offset)
  const expected = asked.map((key) => (key === null ? -1 : (model.get(String(key)) ?? -1)))
  const snapshot = snapshotOf(store)
  const ways: KeyResolverOptions[] = [{ mapBytesMax: 0 }, { mapBytesMax: 1 << 24 }]
  for (const kind of ['codes', 'packed', 'candidates'] as const) {
    const packing = kind === 'packed' ? keyPackingOf(snapshot.source, table) : null
    if (kind === 'packed' && packing === null) continue
    const wanted = { table, kind, packing }
    if (sharedMapBytes(wanted, 1) > 0) ways.push({ sharedMap: createSharedMap(wanted, 1) })
  }
  for (const way of ways) {
    const mark = context.arena.mark()
    const resolver = new KeyResolver(snapshot, table, context, way)
    const wanted = way.sharedMap?.kind
    const made: SharedMapKind | undefined = wanted === 'codes' && !hasCodes ? 'candidates' : wanted
    if (made !== undefined) expect(resolver.looksIn).toBe(made)
    const { offsets, missing } = resolve(resolver, asked)
    expect(offsets).toEqual(expected)
    expect(missing).toBe(expected.filter((offset) => offset === -1).length)
    expect(resolveTwo(resolver, asked, asked.toReversed())).toEqual([expected, expected.toReversed()])
    context.arena.release(mark)
  }
  snapshot.close()
}

describe('a key resolver', () => {
  let store: FixtureStore
  beforeEach(() => {
    store = new FixtureStore()
  })
  afterEach(() => store.close())

  it('agrees with a plain map, for keys there and absent, in any mixture of batches', () => {
    const ascending = fc
      .integer({ min: 0, max: 100 })
      .map((first) => Array.from({ length: 20 }, (_, i) => first * 20 + i))
    const sparse = fc
      .integer({ min: 0, max: 100 })
      .map((first) => Array.from({ length: 20 }, (_, i) => first * 900 + i * 7))
    const random = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 30 })
    fc.assert(
      fc.property(
        fc.array(fc.oneof(ascending, sparse, random), { minLength: 1, maxLength: 8 }),
        fc.array(fc.option(fc.integer({ min: -5, max: 3100 })), { maxLength: 60 }),
        fc.boolean(),
        (parts, asked, strings) => {
          const cell = (key: number | null) => (key === null ? null : strings ? `k${key}` : key)
          const keys = [...new Set(parts.flat())].map(cell)
          const half = keys.length >> 1
          let table = nodeTable([{ name: 'id', type: strings ? 'STRING' : 'INT64' }])
          table = load(store, table, keys.slice(0, half), 20)
          table = load(store, table, keys.slice(half), 20)
          expectResolved(store, table, keys, [...keys, ...asked.map(cell), ...keys.toReversed()])
        },
      ),
      { numRuns: 50 },
    )
  })

  describe('with packed keys', () => {
    /** A packing by a sample of the strings that `texts` gives. */
    function packingBy(texts: readonly string[]): KeyPacking {
      const bytes = Buffer.from(texts.join(''))
      let end = 0
      const ends = texts.map((text) => (end += Buffer.byteLength(text)))
      return packingOf({ bytes: new Uint8Array(bytes), ends, groups: [], tooLong: 0 })!
    }

    function expectFound(
      table: NodeTable,
      keys: readonly Cell[],
      packing: KeyPacking,
      looksIn: SharedMapKind,
    ) {
      const snapshot = snapshotOf(store)
      const mark = context.arena.mark()
      const sharedMap = createSharedMap({ table, kind: 'packed', packing }, 1)
      const resolver = new KeyResolver(snapshot, table, context, { sharedMap })
      expect(resolver.looksIn).toBe(looksIn)
      const asked = [
        ...keys,
        null,
        ...keys.flatMap((key) => [`${key} `, `${key}`.slice(1), `${key}`.slice(0, -1)]),
      ]
      const model = new Map(keys.map((key, offset) => [key, offset]))
      const expected = asked.map((key) => (key === null ? -1 : (model.get(key) ?? -1)))
      expect(resolve(resolver, asked).offsets).toEqual(expected)
      expect(resolveTwo(resolver, asked, asked.toReversed())).toEqual([expected, expected.toReversed()])
      context.arena.release(mark)
      snapshot.close()
    }

    const digits = Array.from({ length: 3000 }, (_, row) => String((row * 7919) % 1_000_003).padStart(7, '0'))

    it('finds keys that the sample knew nothing of, and long ones, by their hashes', () => {
      const begin = 'the same beginning, which is longer than any packed key can be, '.repeat(3)
      const others = Array.from({ length: 500 }, (_, row) => [
        `${begin}${row}`,
        `é${row}`,
        `${row}${begin}`,
      ]).flat()
      const keys = [...digits.slice(0, 700), ...others, '', 'z'.repeat(5000)]
      const table = load(store, nodeTable([{ name: 'id', type: 'STRING' }]), keys, 500)
      expectFound(table, keys, packingBy(digits), 'packed')
    })

    it('finds keys of other lengths than the sample had, which are told by their hashes', () => {
      const keys = digits.map((text, row) => text.repeat(1 + (row % 4)))
      const table = load(store, nodeTable([{ name: 'id', type: 'STRING' }]), keys, 1000)
      expectFound(table, keys, packingBy(digits), 'packed')
    })

    it('takes the map of candidates where keys take more than was thought', () => {
      const keys = Array.from({ length: 20_000 }, (_, row) => `${row} is a key`)
      const table = load(store, nodeTable([{ name: 'id', type: 'STRING' }]), keys, 4000)
      expectFound(table, keys, { ...packingBy(digits), meanBytes: 1 }, 'candidates')
    })
  })

  it('finds nothing in an empty table', () => {
    expectResolved(store, nodeTable([{ name: 'id', type: 'STRING' }]), [], ['', 'a', null])
  })

  it('does without pages for dense keys, and uses a map for small tables otherwise', () => {
    const dense = load(store, nodeTable([{ name: 'id', type: 'INT64' }]), [1, 2, 3, 4], 2)
    const hashed = load(store, nodeTable([{ name: 'id', type: 'STRING' }]), ['b', 'a', 'c'], 2)
    const snapshot = snapshotOf(store)
    expect(new KeyResolver(snapshot, dense, context).looksIn).toBe('index')
    expect(new KeyResolver(snapshot, hashed, context).looksIn).toBe('map')
    expect(new KeyResolver(snapshot, hashed, context, { mapBytesMax: 50 }).looksIn).toBe('index')
    snapshot.close()
  })

  it('finds ascending keys with gaps by their ranks, or in a shared map of codes, of those that are not dense', () => {
    const dense = Array.from({ length: 100 }, (_, i) => i)
    const sparse = Array.from({ length: 300 }, (_, i) => 1000 + i * 7)
    const keys = [...dense, ...sparse]
    const table = load(store, nodeTable([{ name: 'id', type: 'INT64' }]), keys, 100)
    expect(table.keys.sortedGroups).toHaveLength(4)
    expect(keysBeyondArithmetic(table)).toBe(sparse.length)
    expect(sharedMapBytes({ table, kind: 'candidates', packing: null }, 1)).toBe(0)
    expect(createSharedMap({ table, kind: 'codes', packing: null }, 1).slots).toBeGreaterThan(sparse.length)
    expectResolved(store, table, keys, [...keys.toReversed(), 100, 999, 1001, 1006, 4000, null])
    const snapshot = snapshotOf(store)
    const { arena } = context
    for (const [mapBytesMax, way] of [
      [keyRanksBytes(table), 'ranks'],
      [keyRanksBytes(table) - 1, 'index'],
    ] as const) {
      const mark = arena.mark()
      expect(new KeyResolver(snapshot, table, context, { mapBytesMax }).looksIn).toBe(way)
      arena.release(mark)
    }
    snapshot.close()
  })

  it('finds sorted keys however they are spaced', () => {
    const far = 2n ** 63n - 1n
    const crowded = Array.from({ length: 90 }, (_, i) => BigInt(i * i))
    const doubling = Array.from({ length: 50 }, (_, i) => 2n ** BigInt(i + 13))
    const keys = [-far - 1n, -far, -5n, ...crowded.map((key) => key - 3n), ...doubling, far - 1n, far]
    const table = load(store, nodeTable([{ name: 'id', type: 'INT64' }]), keys, 1000)
    expect(table.keys.sortedGroups).toHaveLength(1)
    const beside = keys.flatMap((key) => [key - 1n, key, key + 1n])
    const asked = beside.filter((key) => key >= -far - 1n && key <= far)
    expectResolved(store, table, keys, [...asked, ...asked.toReversed()])
  })

  it('joins dense groups that follow one another, in keys and in offsets, and no others', () => {
    const id = nodeTable([{ name: 'id', type: 'INT64' }])
    const rangesIn = (table: NodeTable) => {
      const starts = new Float64Array(table.groups.length + 1)
      table.groups.forEach((group, at) => {
        starts[at + 1] = starts[at]! + group.rows
      })
      return rangesOf(sortedGroupsOf(table, starts).groups).map(({ min, max }) => [Number(min), Number(max)])
    }
    const whole = load(store, id, [1, 2, 3, 4, 5, 6, 7], 2)
    expect(rangesIn(whole)).toEqual([[1, 7]])
    expectResolved(store, whole, [1, 2, 3, 4, 5, 6, 7], [7, 1, null, 0, 8, -(2 ** 53), 2 ** 53, 4])
    const swapped = load(store, id, [3, 4, 1, 2, 5, 6], 2)
    expect(rangesIn(swapped)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    expectResolved(store, swapped, [3, 4, 1, 2, 5, 6], [1, 2, 3, 4, 5, 6, 7, null])
    const gap = load(store, id, [1, 2, 4, 5, 6, 8], 2)
    expect(rangesIn(gap)).toEqual([
      [1, 2],
      [4, 5],
      [6, 8],
    ])
    expectResolved(store, gap, [1, 2, 4, 5, 6, 8], [1, 2, 3, 4, 5, 6, 7, 8])
  })

  const deletions = {
    'dense integers': { key: (i: number) => i, hasCodes: true },
    'integers with gaps, in order': { key: (i: number) => i * 5, hasCodes: true },
    'shuffled integers': { key: (i: number) => ((i * 7919) % 10_007) - 5000, hasCodes: true },
    'strings with codes': { key: (i: number) => `P${(i * 7919) % 10_007}`, hasCodes: true },
    'strings of one length': {
      key: (i: number) => `${(i * 7919) % 10_007}`.padStart(70, 'x'),
      hasCodes: false,
    },
    'strings without codes': { key: (i: number) => `${i}${'ü'.repeat(i % 90)}`, hasCodes: false },
  }
  it.each(Object.entries(deletions))('never finds deleted nodes: %s', (_, { key, hasCodes }) => {
    const strings = typeof key(0) === 'string'
    const zero: Cell = strings ? '' : 0
    const count = 1500
    const keys: Cell[] = Array.from({ length: count }, (_, i) => key(i))
    // The lane of a deleted node looks like this key.
    const place = keys.indexOf(zero)
    if (place === -1) keys[100] = zero
    const zeroAt = place === -1 ? 100 : place
    const id = nodeTable([{ name: 'id', type: strings ? 'STRING' : 'INT64' }])
    const asked = [...keys, ...Array.from({ length: 200 }, (_, i) => key(count + i)), null]
    let table = load(store, load(store, id, keys.slice(0, 700), 300), keys.slice(700), 300)
    // Here and there, the end of a group, and all of another one.
    const gone = new Set([zeroAt, 1, 2, 599, 701, ...Array.from({ length: 300 }, (_, i) => 1000 + i)])
    const live = keys.map((cell, offset) => (gone.has(offset) ? null : cell))
    table = rewritten(store, table, gone)
    expect(table.groups.reduce((sum, { segments }) => sum + segments.at(0)!.nullCount, 0)).toBe(gone.size)
    expectResolved(store, table, live, asked, hasCodes)
    // Some of the keys are made anew; then more nodes are deleted, new ones among them.
    const again = [599, zeroAt, 1100].map((offset) => keys[offset]!)
    const values = again.map((cell) => (strings ? String(cell) : BigInt(cell)))
    table = rewritten(store, table, [], values)
    live.push(...again)
    expectResolved(store, table, live, asked, hasCodes)
    table = rewritten(store, table, [count + 1, 5, 1400])
    for (const offset of [count + 1, 5, 1400]) live[offset] = null
    expectResolved(store, table, live, asked, hasCodes)
    const loaded = [keys[5]!, keys[1000]!, keys[1]!]
    table = load(store, table, loaded, 2)
    expectResolved(store, table, [...live, ...loaded], asked, hasCodes)
  })

  it('finds nothing where all nodes were deleted', () => {
    for (const type of ['INT64', 'STRING'] as const) {
      const keys = type === 'STRING' ? ['', 'b', 'a'] : [0, 1, 2]
      const table = load(store, nodeTable([{ name: 'id', type }]), keys, 2)
      expectResolved(store, rewritten(store, table, [0, 1, 2]), [], [...keys, null])
    }
  })

  it('resolves many keys over many pages of several runs', () => {
    const key = (i: number) => (i * 2654435761) % 2 ** 32
    const keys = Array.from({ length: 30_000 }, (_, i) => key(i))
    let table = load(store, nodeTable([{ name: 'id', type: 'INT64' }]), keys.slice(0, 26_000), 4000)
    table = load(store, table, keys.slice(26_000), 4000)
    expect(table.keys.runs.map((run) => run.bucketPages > 10)).toEqual([true, true])
    const asked = Array.from({ length: 60_000 }, (_, i) => key((i * 7919) % 60_000))
    expectResolved(store, table, keys, asked)
  })
})
