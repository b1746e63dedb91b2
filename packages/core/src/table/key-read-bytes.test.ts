import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pageBytes } from '../limits.js'
import { Arena, MemoryBudget } from '../memory/index.js'
import { encodeNodeBatch } from './encode-node-batch.js'
import { keyReadBytes, keyReadBytesUsual } from './key-read-bytes.js'
import { NodeLoad } from './node-load.js'
import { columnOf, FixtureStore, nodeTable, snapshotOf, withNodes } from './table.test.fixture.js'
import { createBatchEncoderContext } from './working-memory.js'

const arena = new Arena(new MemoryBudget(1 << 26), 1 << 26)
const context = createBatchEncoderContext(arena)
const target = new Uint8Array(256 * pageBytes)
const rows = 3000

describe('what reading keys takes', () => {
  let store: FixtureStore
  beforeEach(() => {
    store = new FixtureStore()
  })
  afterEach(() => store.close())

  const long = 'the same words in every key, again and again; '.repeat(6)

  it.each([
    ['numbers', (i: number) => i * 7, false],
    [
      'texts that are stored as they are',
      (i: number) => `${(i * 7919) % rows}-${(i * 104729) % 9973}`,
      false,
    ],
    ['texts that are compressed to much less than a half', (i: number) => `${long}${i}`, true],
  ])('has room for %s', (_, key, isMuchMore) => {
    const type = typeof key(0) === 'number' ? 'INT64' : 'STRING'
    const empty = nodeTable([{ name: 'id', type }])
    const nodes = new NodeLoad(store, empty, { budget: new MemoryBudget(1 << 26) })
    const column = columnOf(
      arena,
      type,
      Array.from({ length: rows }, (_, i) => key(i)),
    )
    nodes.append(encodeNodeBatch(context, [column], 0, rows, target)!, target)
    const table = withNodes(empty, nodes.finish())

    const snapshot = snapshotOf(store)
    const { source } = snapshot
    const segment = table.groups[0]!.segments.at(0)!
    const place = { table: table.name, column: 'id' }
    const before = source.memory.arena.mark()
    const content = source.contentPastPool(segment, place, false)
    source.memory.decoder.decodeLanes(segment, content, 'Person.id')
    const taken = source.memory.arena.mark() - before
    source.memory.arena.release(before)

    expect(keyReadBytes(source, table)).toBeGreaterThan(taken * 0.98)
    expect(keyReadBytesUsual(table) < taken / 2).toBe(isMuchMore)
    snapshot.close()
  })
})
