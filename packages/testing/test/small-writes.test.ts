/** Small writes against a graph in plain maps: whatever is written, merged, reopened, both hold the same. */
import {
  Arena,
  createBatchEncoderContext,
  KeyResolver,
  MemoryBudget,
  type NodeTable,
  WriteTransaction,
} from '@millrace/core/internal'
import {
  describeGraph,
  describeStored,
  type GraphStep,
  GraphUnderTest,
  type GraphWrite,
  modelAfter,
  SimulatedFileSystem,
} from '@millrace/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dose } from './workload.js'

/** Few keys, so that writes meet: among them those whose lanes are zeros, and one beyond 2^53. */
const ids = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, -1n, 2n ** 60n]
const names = ['', 'Ulm', 'Überlingen', 'a', 'b', 'c']

const id = fc.constantFrom(...ids)
const name = fc.constantFrom(...names)
const text = fc.option(fc.constantFrom('', 'x', 'naïve', '🛩️', 'a longer text, of more than eight bytes'))
const score = fc.option(fc.constantFrom(0, -0.5, 1e300, 3.25))
const tag = fc.bigInt({ min: 0n, max: 12n })

const write: fc.Arbitrary<GraphWrite> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('createPerson' as const),
      person: fc.record({ id, name: text, score }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('createCity' as const),
      city: fc.record({ name, size: fc.option(id), capital: fc.option(fc.boolean()) }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(fc.boolean(), id, id, name, tag, text).map(([knows, from, to, city, tag, note]) => ({
      kind: 'createRel' as const,
      rel: { kind: knows ? ('Knows' as const) : ('Lives' as const), from, to: knows ? to : city, tag, note },
    })),
  },
  fc.record({
    kind: fc.constant('setPerson' as const),
    id,
    change: fc.record({ name: text, score }, { requiredKeys: [] }),
  }),
  fc.record({
    kind: fc.constant('setCity' as const),
    name,
    change: fc.record({ size: fc.option(id), capital: fc.option(fc.boolean()) }, { requiredKeys: [] }),
  }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rekeyPerson' as const), id, to: id }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rekeyCity' as const), name, to: name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('setRel' as const), tag, note: text }) },
  fc.record({ kind: fc.constant('deletePerson' as const), id }),
  fc.record({ kind: fc.constant('deleteCity' as const), name }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('deleteRel' as const), tag }) },
)

const loaded = fc.uniqueArray(fc.record({ id, name: text, score }), {
  maxLength: 5,
  selector: (person) => person.id,
})

const step: fc.Arbitrary<GraphStep> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        kind: fc.constant('write' as const),
        writes: fc.array(write, { maxLength: 8 }),
        rollback: fc.boolean(),
      },
      { requiredKeys: ['kind', 'writes'] },
    ),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('checkpoint' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        kind: fc.constant('mixed' as const),
        before: fc.array(write, { maxLength: 5 }),
        people: loaded,
        after: fc.array(write, { maxLength: 5 }),
        rollback: fc.boolean(),
      },
      { requiredKeys: ['kind', 'before', 'people', 'after'] },
    ),
  },
  fc.record({ kind: fc.constant('reopen' as const) }),
  fc.record({ kind: fc.constant('load' as const), people: loaded }),
)

function begin(): GraphUnderTest {
  const graph = new GraphUnderTest(new SimulatedFileSystem())
  graph.do({ kind: 'create' })
  return graph
}

/** Keys without a node lead nowhere: neither those of deleted nodes, nor those that look like none. */
function expectAbsent(graph: GraphUnderTest): void {
  const people = graph.snapshot.nodes(graph.table('Person') as NodeTable)
  const cities = graph.snapshot.nodes(graph.table('City') as NodeTable)
  for (const key of ids)
    if (!graph.model.people.has(key)) expect(people.lookup(key), `person ${key}`).toBe(-1)
  for (const key of names)
    if (!graph.model.cities.has(key)) expect(cities.lookup(key), `city ${key}`).toBe(-1)
}

/** Does a step and compares everything there is to compare. */
function doAndCompare(graph: GraphUnderTest, next: GraphStep): void {
  if (next.kind === 'write') {
    const transaction = new WriteTransaction(graph.snapshot)
    graph.write(transaction, next.writes)
    const seen = modelAfter(graph.model, { ...next, rollback: false })
    expect(describeStored(transaction), 'as the transaction sees it').toBe(describeGraph(seen))
  }
  const before = graph.snapshot
  const release = before.hold()
  const held = describeGraph(graph.model)
  graph.do(next)
  // Loads and reopening give the pages of older snapshots to others, who are not there to be asked.
  if (next.kind === 'write') expect(describeStored(before), 'as an older snapshot holds it').toBe(held)
  release()
  const expected = describeGraph(graph.model)
  expect(describeStored(graph.snapshot), 'as the caller sees it').toBe(expected)
  expect(describeStored(graph.freshSnapshot()), 'as the store has it').toBe(expected)
  expectAbsent(graph)
  expect(graph.problems()).toEqual([])
}

describe('small writes', () => {
  it('leave what a plain model leaves, however they are merged, rolled back, reopened and mixed with loads', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
        const graph = begin()
        for (const next of steps) doAndCompare(graph, next)
        graph.close()
        graph.open(true)
        expect(describeStored(graph.snapshot)).toBe(describeGraph(graph.model))
        graph.close()
        expect(graph.fileSystem.openFiles).toBe(0)
        expect(graph.fileSystem.paths).toEqual([graph.path])
      }),
      { numRuns: 60 * dose },
    )
  })

  it.each([
    ['the number 0', 'Person', 0n],
    ['the empty string', 'City', ''],
  ] as const)(
    'a deleted node whose key was %s is found in no way, though its lane looks like that key',
    (_, table, key) => {
      const graph = begin()
      const people = [5n, 0n, 3n].map((person) => ({ id: person, name: null, score: null }))
      const cities = ['', 'Ulm', 'a'].map((city) => ({ name: city, size: null, capital: null }))
      // Out of order, so that all keys are hashed.
      for (const person of people) graph.do({ kind: 'write', writes: [{ kind: 'createPerson', person }] })
      for (const city of cities) graph.do({ kind: 'write', writes: [{ kind: 'createCity', city }] })
      graph.do({ kind: 'checkpoint' })
      const offset = table === 'City' ? 0n : 1n
      expect(resolveKey(graph, table, key)).toEqual([offset, offset])
      graph.do({
        kind: 'write',
        writes: [
          { kind: 'deletePerson', id: 0n },
          { kind: 'deletePerson', id: 3n },
          { kind: 'deletePerson', id: 5n },
          { kind: 'deleteCity', name: '' },
        ],
      })
      expectAbsent(graph)
      graph.do({ kind: 'checkpoint' })
      expectAbsent(graph)
      expect(graph.problems()).toEqual([])
      expect(resolveKey(graph, table, key)).toEqual([-1n, -1n])
      // The key is free again, for a write and for a load.
      doAndCompare(graph, { kind: 'write', writes: [{ kind: 'createPerson', person: people[1]! }] })
      doAndCompare(graph, { kind: 'load', people: [people[0]!, people[2]!] })
    },
  )
})

/** What relationships loaded from a file would find for a key: with a map of all keys, and without. */
function resolveKey(graph: GraphUnderTest, name: 'Person' | 'City', key: bigint | string): bigint[] {
  const table = graph.table(name) as NodeTable
  return [1 << 20, 0].map((mapBytesMax) => {
    const arena = new Arena(new MemoryBudget(1 << 26), 1 << 26)
    const context = createBatchEncoderContext(arena)
    const resolver = new KeyResolver(graph.snapshot, table, context, { mapBytesMax })
    const values = arena.allocate(8)
    const nulls = arena.allocate(64)
    const out = arena.allocate(8)
    arena.bytes.fill(0, nulls, nulls + 64)
    new BigInt64Array(arena.memory.buffer, values, 1)[0] = typeof key === 'bigint' ? key : BigInt(nulls)
    resolver.resolve({ type: table.columns[0]!.type, rows: 1, values, nulls, nullCount: 0 }, out)
    return new BigInt64Array(arena.memory.buffer, out, 1)[0]!
  })
}
