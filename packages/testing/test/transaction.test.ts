/** What a transaction of small writes refuses, takes back and sees; and how tables look after many merges. */
import {
  mergedHeapBytesMax,
  type NodeTable,
  pageBytes,
  type RelTable,
  rowGroupRowsMax,
  WriteTransaction,
} from '@millrace/core/internal'
import {
  describeGraph,
  describeStored,
  GraphUnderTest,
  type GraphWrite,
  type Person,
  SimulatedFileSystem,
} from '@millrace/testing'
import { beforeEach, describe, expect, it } from 'vitest'

const person = (id: number): Person => ({ id: BigInt(id), name: `n${id}`, score: null })
const createPerson = (id: number): GraphWrite => ({ kind: 'createPerson', person: person(id) })

let graph: GraphUnderTest
let transaction: WriteTransaction
let people: number
let knows: number

beforeEach(() => {
  graph = new GraphUnderTest(new SimulatedFileSystem())
  graph.do({ kind: 'create' })
  graph.do({ kind: 'load', people: [1, 2, 3].map(person) })
  people = graph.table('Person').id
  knows = graph.table('Knows').id
  transaction = new WriteTransaction(graph.snapshot)
})

describe('a write is refused, and leaves nothing behind,', () => {
  it('when the key is there: in segments, in the committed delta, in the transaction itself', () => {
    graph.do({ kind: 'write', writes: [createPerson(4)] })
    transaction = new WriteTransaction(graph.snapshot)
    transaction.createNode(people, [5n, null, null])
    for (const key of [1n, 4n, 5n]) {
      expect(() => transaction.createNode(people, [key, null, null])).toThrow(
        expect.objectContaining({ code: 'MILLRACE_DUPLICATE_KEY' }),
      )
    }
    transaction.deleteNode(people, 3, { detach: false })
    expect(transaction.createNode(people, [4n, null, null])).toBe(5)
  })

  it('when the key is null', () => {
    expect(() => transaction.createNode(people, [null, 'x', null])).toThrow(
      /primary key Person\.id .* cannot be NULL/,
    )
    expect(transaction.isEmpty).toBe(true)
  })

  it('when a value is of another type', () => {
    expect(() => transaction.createNode(people, ['1', null, null])).toThrow(
      /value 1 does not fit Person\.id of type INT64/,
    )
    expect(() => transaction.createNode(people, [2n ** 63n, null, null])).toThrow(/does not fit Person\.id/)
    expect(() => transaction.setNode(people, 0, 2, 'x'.repeat(1000))).toThrow(
      /value x{80}… does not fit Person\.score/,
    )
    expect(transaction.isEmpty).toBe(true)
  })

  it('when a key would be changed to one that is there, or to none; the same key is no change', () => {
    expect(() => transaction.setNode(people, 0, 0, 2n)).toThrow(/the key 2 of Person\.id is already there/)
    expect(() => transaction.setNode(people, 0, 0, null)).toThrow(/primary key Person\.id .* cannot be NULL/)
    transaction.setNode(people, 0, 0, 1n)
    expect(transaction.isEmpty).toBe(true)
  })

  it('when a node has relationships, unless it is detached', () => {
    transaction.createRel(knows, 0, 1, [1n, null])
    for (const offset of [0, 1]) {
      expect(() => transaction.deleteNode(people, offset, { detach: false })).toThrow(
        /node [12] of Person cannot be deleted: it still has relationships of Knows/,
      )
    }
    transaction.deleteNode(people, 1, { detach: true })
    transaction.deleteNode(people, 0, { detach: false })
    expect(transaction.rels(graph.table('Knows') as RelTable).liveRowCount).toBe(0)
  })

  it('when it uses what is deleted', () => {
    const position = transaction.createRel(knows, 0, 1, [1n, null])
    transaction.deleteRel(knows, position)
    transaction.deleteNode(people, 2, { detach: false })
    const deleted = expect.objectContaining({ code: 'MILLRACE_DELETED' })
    expect(() => transaction.setRel(knows, position, 1, 'x')).toThrow(deleted)
    expect(() => transaction.setNode(people, 2, 1, 'x')).toThrow(deleted)
    expect(() => transaction.createRel(knows, 2, 0, [2n, null])).toThrow(deleted)
    const { bytes } = transaction
    transaction.deleteRel(knows, position)
    transaction.deleteNode(people, 2, { detach: true })
    expect(transaction.bytes).toBe(bytes)
  })

  it('when the transaction is too large', () => {
    const text = 'x'.repeat(1 << 24)
    expect(() => {
      for (let id = 10; id < 20; id++) transaction.createNode(people, [BigInt(id), text, null])
    }).toThrow(/The transaction has .* bytes of small writes; the limit is/)
    expect(transaction.nodes(graph.table('Person') as NodeTable).liveRowCount).toBe(6)
  })
})

describe('a transaction', () => {
  it('takes back what was written since a savepoint, and nothing else', () => {
    graph.write(transaction, [createPerson(4)])
    const seen = describeStored(transaction)
    const savepoint = transaction.savepoint()
    transaction.setNode(people, 0, 1, 'changed')
    transaction.deleteNode(people, 3, { detach: false })
    transaction.createNode(people, [9n, null, null])
    expect(describeStored(transaction)).not.toBe(seen)
    transaction.rollbackTo(savepoint)
    expect(describeStored(transaction)).toBe(seen)
    expect(transaction.createNode(people, [9n, null, null])).toBe(4)
    transaction.rollbackTo(0)
    expect(transaction.isEmpty).toBe(true)
    expect(describeStored(transaction)).toBe(describeGraph(graph.model))
  })

  it('keeps strings as their UTF-8 is read back', () => {
    const offset = transaction.createNode(people, [7n, 'a\ud800b', null])
    graph.commit({ kind: 'writes', bytes: transaction.encoded() })
    const reader = graph.snapshot.nodes(graph.table('Person') as NodeTable)
    const vector = reader.column(reader.groupOf(offset), 1)
    expect(vector.kind === 'string' && new TextDecoder().decode(vector.bytes)).toContain('a\ufffdb')
  })

  it('finds relationships between two nodes from the side that has fewer', () => {
    for (let tag = 0; tag < 20; tag++) transaction.createRel(knows, 0, tag % 2, [BigInt(tag), null])
    expect(transaction.findRels(knows, 0, 1)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19])
    expect(transaction.findRels(knows, 0, 2)).toEqual([])
    transaction.deleteRel(knows, 3)
    graph.commit({ kind: 'writes', bytes: transaction.encoded() })
    graph.checkpoint()
    expect(new WriteTransaction(graph.snapshot).findRels(knows, 0, 1).length).toBe(9)
  })
})

describe('merges', () => {
  const table = () => graph.table('Person') as NodeTable

  it('do not pile up row groups, runs or index runs', () => {
    const started = graph.store.pageCount
    for (let round = 0; round < 64; round++) {
      const next = round * 4
      const writes: GraphWrite[] = Array.from({ length: 4 }, (_, at) =>
        createPerson(10 + (((next + at) * 37) % 256)),
      )
      writes.push({
        kind: 'createRel',
        rel: { kind: 'Knows', from: 1n, to: 2n, tag: BigInt(round), note: 'x' },
      })
      graph.do({ kind: 'write', writes })
      graph.do({ kind: 'checkpoint' })
    }
    expect(table().groups.length).toBeLessThan(8)
    expect(table().keys.runs.length).toBeLessThan(8)
    expect((graph.table('Knows') as RelTable).runs.length).toBeLessThan(8)
    expect(describeStored(graph.snapshot)).toBe(describeGraph(graph.model))
    expect(graph.problems()).toEqual([])
    // Pages that merges leave behind are used again.
    expect(graph.store.pageCount - started).toBeLessThan(64 * 3)
  })

  it('keep ascending keys findable without an index', () => {
    for (let round = 0; round < 8; round++) {
      graph.do({ kind: 'write', writes: [0, 1, 2].map((at) => createPerson(4 + round * 3 + at)) })
      graph.do({ kind: 'checkpoint' })
    }
    expect(table().keys.runs).toEqual([])
    expect(table().keys.sortedGroups.length).toBe(table().groups.length)
    graph.do({ kind: 'write', writes: [{ kind: 'deletePerson', id: 2n }] })
    graph.do({ kind: 'checkpoint' })
    expect(table().keys.sortedGroups).not.toContain(0)
    expect(graph.problems()).toEqual([])
  })

  it('cut many new nodes into row groups, and change relationships of nodes far apart', () => {
    const count = rowGroupRowsMax + 5000
    for (let id = 4; id < count; id++) transaction.createNode(people, [BigInt(id), null, id])
    const last = count - 2
    const position = transaction.createRel(knows, last, 0, [1n, 'far'])
    transaction.createRel(knows, 0, last, [2n, 'back'])
    transaction.createRel(knows, last, last, [3n, 'loop'])
    graph.commit({ kind: 'writes', bytes: transaction.encoded() })
    graph.checkpoint()
    expect(table().groups.map(({ rows }) => rows)).toEqual([3, rowGroupRowsMax, 5000 - 4])
    expect(graph.problems()).toEqual([])
    const rels = graph.table('Knows') as RelTable
    expect(rels.runs[0]!.forward.map(({ groupIndex }) => groupIndex)).toEqual([0, 1])
    transaction = new WriteTransaction(graph.snapshot)
    expect(transaction.findRels(knows, last, 0)).toEqual([position + 1])
    transaction.deleteRel(knows, position + 1)
    transaction.setNode(people, last, 1, 'renamed')
    graph.commit({ kind: 'writes', bytes: transaction.encoded() })
    const before = graph.table('Person') as NodeTable
    graph.checkpoint()
    expect(graph.problems()).toEqual([])
    // Groups and columns without changes keep their pages.
    expect(table().groups[1]).toBe(before.groups[1])
    expect(table().groups[2]!.segments.at(0)).toBe(before.groups[2]!.segments.at(0))
    expect(table().groups[2]!.segments.at(1)).not.toBe(before.groups[2]!.segments.at(1))
    expect(new WriteTransaction(graph.snapshot).findRels(knows, last, 0)).toEqual([])
    expect(new WriteTransaction(graph.snapshot).findRels(knows, last, last).length).toBe(1)
    expect(graph.store.freePages * pageBytes).toBeLessThan(1 << 22)
  })

  it('divide a row group, and a chunk of relationships, whose strings have grown too long for one', () => {
    const text = 'x'.repeat(mergedHeapBytesMax / 2 + 1)
    graph.do({
      kind: 'write',
      writes: [1, 2, 3].map((tag): GraphWrite => {
        return { kind: 'createRel', rel: { kind: 'Knows', from: 1n, to: 2n, tag: BigInt(tag), note: null } }
      }),
    })
    graph.do({ kind: 'checkpoint' })
    graph.do({
      kind: 'write',
      writes: [
        { kind: 'setPerson', id: 1n, change: { name: text } },
        { kind: 'setPerson', id: 3n, change: { name: `${text}!` } },
        { kind: 'setRel', tag: 1n, note: text },
        { kind: 'setRel', tag: 2n, note: `${text}?` },
        createPerson(4),
      ],
    })
    graph.do({ kind: 'checkpoint' })
    expect(table().groups.map(({ rows }) => rows)).toEqual([2, 1, 1])
    const [run] = (graph.table('Knows') as RelTable).runs
    expect(run!.forward[0]!.chunks.map(({ rows }) => rows)).toEqual([1, 2])
    expect(run!.backward[0]!.chunks.map(({ rows }) => rows)).toEqual([3])
    expect(table().keys.sortedGroups).toEqual([0, 1, 2])
    // What lies in several chunks and groups is written to once more.
    graph.do({
      kind: 'write',
      writes: [
        { kind: 'deleteRel', tag: 2n },
        { kind: 'setRel', tag: 3n, note: 'short' },
        { kind: 'setPerson', id: 3n, change: { name: 'short', score: 1 } },
        { kind: 'deletePerson', id: 4n },
      ],
    })
    expect(describeStored(graph.snapshot) === describeGraph(graph.model)).toBe(true)
    graph.do({ kind: 'checkpoint' })
    expect(describeStored(graph.snapshot) === describeGraph(graph.model)).toBe(true)
    expect(graph.problems()).toEqual([])
  })
})
