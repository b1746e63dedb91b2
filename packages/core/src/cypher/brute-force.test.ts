import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bindings, match, type TwinHop, type TwinNode, twinOf } from './brute-force.test.fixture.js'
import { columns, type GraphData, MemoryGraph } from './memory-graph.test.fixture.js'

/** Small graphs of two node tables and three relationship tables, cut into tiny groups, chunks and runs. */
const graphs: fc.Arbitrary<GraphData> = fc
  .record({
    people: fc.array(fc.record({ age: small(), name: name() }), { maxLength: 6 }),
    towns: fc.array(fc.record({ size: small() }), { maxLength: 3 }),
    sizes: fc.record({
      groupRows: fc.integer({ min: 1, max: 4 }),
      chunkRows: fc.integer({ min: 1, max: 4 }),
      runRows: fc.integer({ min: 1, max: 6 }),
    }),
    knows: fc.array(fc.record({ from: fc.nat(), to: fc.nat(), since: small() }), { maxLength: 10 }),
    lives: fc.array(fc.record({ from: fc.nat(), to: fc.nat() }), { maxLength: 5 }),
    roads: fc.array(fc.record({ from: fc.nat(), to: fc.nat(), since: small() }), { maxLength: 4 }),
  })
  .map(({ people, towns, sizes, knows, lives, roads }): GraphData => {
    const between = <T extends { from: number; to: number }>(rows: T[], from: number, to: number): T[] =>
      from === 0 || to === 0 ? [] : rows.map((row) => ({ ...row, from: row.from % from, to: row.to % to }))
    return {
      ...sizes,
      nodes: [
        {
          name: 'Person',
          columns: columns('id INT64, age INT64, name STRING'),
          key: 0,
          rows: people.map(({ age, name }, index) => [index * 10, age, name]),
        },
        {
          name: 'Town',
          columns: columns('id STRING, age INT32'),
          key: 0,
          rows: towns.map(({ size }, index) => [`t${index}`, size]),
        },
      ],
      rels: [
        {
          name: 'Knows',
          from: 'Person',
          to: 'Person',
          columns: columns('since INT64'),
          rows: between(knows, people.length, people.length).map(({ from, to, since }) => [from, to, since]),
        },
        {
          name: 'Lives',
          from: 'Person',
          to: 'Town',
          columns: [],
          rows: between(lives, people.length, towns.length).map(({ from, to }) => [from, to]),
        },
        {
          name: 'Road',
          from: 'Town',
          to: 'Town',
          columns: columns('since INT64'),
          rows: between(roads, towns.length, towns.length).map(({ from, to, since }) => [from, to, since]),
        },
      ],
    }
  })

function small(): fc.Arbitrary<number | null> {
  return fc.option(fc.integer({ min: 0, max: 4 }), { freq: 5 })
}

function name(): fc.Arbitrary<string | null> {
  return fc.option(fc.constantFrom('', 'a', 'ab', 'b', 'é', '😀'), { freq: 5 })
}

interface PatternCase {
  readonly labels: Record<string, string | null>
  readonly hops: readonly TwinHop[]
}

const patterns: fc.Arbitrary<PatternCase> = fc
  .record({
    nodes: fc.integer({ min: 1, max: 3 }),
    labels: fc.array(fc.constantFrom('Person', 'Person', 'Town', null), { minLength: 3, maxLength: 3 }),
    hops: fc.array(
      fc.record({
        left: fc.nat(),
        right: fc.nat(),
        type: fc.constantFrom('Knows', 'Knows', 'Lives', 'Road', null),
        direction: fc.constantFrom('right' as const, 'left' as const, 'both' as const),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ nodes, labels, hops }) => ({
    labels: Object.fromEntries(labels.slice(0, nodes).map((label, index) => [`n${index}`, label])),
    hops: hops.map((hop, index) => ({
      ...hop,
      left: `n${hop.left % nodes}`,
      right: `n${hop.right % nodes}`,
      rel: `r${index}`,
    })),
  }))

/** A condition as text and as a function of what is bound; three-valued. */
interface ConditionCase {
  readonly text: string
  holds(binding: Bindings): boolean | null
}

const comparisons = {
  '=': (a: number, b: number) => a === b,
  '<>': (a: number, b: number) => a !== b,
  '<': (a: number, b: number) => a < b,
  '>=': (a: number, b: number) => a >= b,
}

function conditions(names: readonly string[]): fc.Arbitrary<ConditionCase> {
  const property = fc.constantFrom(...names)
  const operator = fc.constantFrom(...(Object.keys(comparisons) as (keyof typeof comparisons)[]))
  const read = (binding: Bindings, variable: string): number | null =>
    (binding[variable] as TwinNode).properties.age as number | null
  const atoms = fc.oneof(
    fc.record({ left: property, operator, value: fc.integer({ min: 0, max: 4 }) }).map(
      ({ left, operator, value }): ConditionCase => ({
        text: `${left}.age ${operator} ${value}`,
        holds: (binding) => {
          const age = read(binding, left)
          return age === null ? null : comparisons[operator](age, value)
        },
      }),
    ),
    fc.record({ left: property, operator, right: property }).map(
      ({ left, operator, right }): ConditionCase => ({
        text: `${left}.age ${operator} ${right}.age`,
        holds: (binding) => {
          const [a, b] = [read(binding, left), read(binding, right)]
          return a === null || b === null ? null : comparisons[operator](a, b)
        },
      }),
    ),
    property.map(
      (left): ConditionCase => ({
        text: `${left}.age IS NULL`,
        holds: (binding) => read(binding, left) === null,
      }),
    ),
  )
  const two = fc.tuple(atoms, fc.constantFrom('AND', 'OR'), fc.boolean(), atoms)
  return two.map(([a, junction, negated, b]) => ({
    text: `${a.text} ${junction} ${negated ? 'NOT ' : ''}(${b.text})`,
    holds: (binding) => {
      const x = a.holds(binding)
      const y = negated ? not(b.holds(binding)) : b.holds(binding)
      const deciding = junction === 'OR'
      if (x === deciding || y === deciding) return deciding
      return x === null || y === null ? null : !deciding
    },
  }))
}

function not(truth: boolean | null): boolean | null {
  return truth === null ? null : !truth
}

const cases = fc.record({ graph: graphs, pattern: patterns }).chain(({ graph, pattern }) =>
  fc.record({
    graph: fc.constant(graph),
    pattern: fc.constant(pattern),
    condition: fc.option(conditions(Object.keys(pattern.labels))),
  }),
)

function matchText({ labels, hops }: PatternCase, condition: ConditionCase | null): string {
  const nodes = Object.entries(labels).map(([name, label]) => `(${name}${label === null ? '' : `:${label}`})`)
  const arrows = hops.map(({ left, right, rel, type, direction }) => {
    const detail = `[${rel}${type === null ? '' : `:${type}`}]`
    return `(${left})${direction === 'left' ? '<-' : '-'}${detail}${direction === 'right' ? '->' : '-'}(${right})`
  })
  return `MATCH ${[...nodes, ...arrows].join(', ')}${condition === null ? '' : ` WHERE ${condition.text}`}`
}

/**
 * Runs a query; undefined when the pattern cannot be matched by any tables, or they all lack the property.
 */
async function runOrRefuse(graph: MemoryGraph, text: string): Promise<unknown[][] | undefined> {
  try {
    return await graph.rows(text)
  } catch (error) {
    if ((error as { code?: string }).code === 'MILLRACE_BINDING') return undefined
    throw error
  }
}

function sorted(rows: readonly unknown[][]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort()
}

describe('queries equal a matcher that tries everything', () => {
  test('patterns of any shape, with conditions: the same bindings as often', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ graph, pattern, condition }) => {
        const names = Object.keys(pattern.labels)
        const found = match(twinOf(graph), pattern.labels, pattern.hops).filter(
          (binding) => condition === null || condition.holds(binding) === true,
        )
        const expected = found.map((binding) =>
          names.flatMap((name) => {
            const node = binding[name] as TwinNode
            return [node.table, node.offset, node.properties.age]
          }),
        )
        const returned = names.map((name) => `label(${name}), id(${name}), ${name}.age`).join(', ')
        const memory = new MemoryGraph(graph)
        const rows = await runOrRefuse(memory, `${matchText(pattern, condition)} RETURN ${returned}`)
        expect(sorted(rows ?? [])).toEqual(sorted(expected))
        const count = await runOrRefuse(memory, `${matchText(pattern, condition)} RETURN count(*)`)
        expect(count ?? [[0]]).toEqual([[expected.length]])
      }),
      { numRuns: 200 },
    )
  })

  test('grouping, ordering and cutting: the same as done by hand', async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs,
        fc.constantFrom('right' as const, 'left' as const, 'both' as const),
        fc.nat(3),
        fc.nat(4),
        async (data, direction, skip, limit) => {
          const hop: TwinHop = { left: 'a', right: 'b', rel: 'r', type: 'Knows', direction }
          const found = match(twinOf(data), { a: 'Person', b: 'Person' }, [hop])
          const groups = new Map<
            string,
            { key: unknown; count: number; sinces: number[]; names: Set<unknown> }
          >()
          for (const { a, b, r } of found) {
            const key = (a as TwinNode).properties.name
            const group = groups.get(JSON.stringify(key)) ?? { key, count: 0, sinces: [], names: new Set() }
            groups.set(JSON.stringify(key), group)
            group.count++
            const since = r!.properties.since as number | null
            if (since !== null) group.sinces.push(since)
            const other = (b as TwinNode).properties.name
            if (other !== null) group.names.add(other)
          }
          const order = [...groups.values()].sort((x, y) => {
            if (x.count !== y.count) return y.count - x.count
            if (x.key === null || y.key === null) return Number(x.key === null) - Number(y.key === null)
            return Buffer.compare(Buffer.from(x.key as string), Buffer.from(y.key as string))
          })
          const expected = order.slice(skip, skip + limit).map(({ key, count, sinces, names }) => {
            const sum = sinces.reduce((total, since) => total + since, 0)
            const some = sinces.length > 0
            return [
              key,
              count,
              sinces.length,
              some ? sum : null,
              some ? sum / sinces.length : null,
              some ? Math.min(...sinces) : null,
              some ? Math.max(...sinces) : null,
              names.size,
            ]
          })
          const arrow = { right: '-[r:Knows]->', left: '<-[r:Knows]-', both: '-[r:Knows]-' }[direction]
          const rows = await new MemoryGraph(data).rows(
            `MATCH (a:Person)${arrow}(b:Person) RETURN a.name, count(*) AS n, count(r.since), sum(r.since), ` +
              'avg(r.since), min(r.since), max(r.since), count(DISTINCT b.name) ' +
              `ORDER BY n DESC, a.name SKIP ${skip} LIMIT ${limit}`,
          )
          expect(rows).toEqual(expected)
        },
      ),
      { numRuns: 100 },
    )
  })
})
