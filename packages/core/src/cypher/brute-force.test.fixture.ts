/** Matches patterns by trying every combination: the slow, obvious twin of planner and operators. */
import type { GraphData } from './memory-graph.test.fixture.js'

export interface TwinNode {
  readonly table: string
  readonly offset: number
  readonly properties: Readonly<Record<string, unknown>>
}

export interface TwinRel {
  readonly table: string
  readonly index: number
  readonly from: TwinNode
  readonly to: TwinNode
  readonly properties: Readonly<Record<string, unknown>>
}

export interface TwinGraph {
  readonly nodes: readonly TwinNode[]
  readonly rels: readonly TwinRel[]
}

export function twinOf(data: GraphData): TwinGraph {
  const named = (columns: readonly { name: string }[], cells: readonly unknown[]): Record<string, unknown> =>
    Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? null]))
  const nodes = data.nodes.flatMap((table) =>
    table.rows.map((row, offset) => ({ table: table.name, offset, properties: named(table.columns, row) })),
  )
  const find = (table: string, offset: number): TwinNode =>
    nodes.find((node) => node.table === table && node.offset === offset)!
  const rels = data.rels.flatMap((table) =>
    table.rows.map(([from, to, ...cells], index) => ({
      table: table.name,
      index,
      from: find(table.from, from),
      to: find(table.to, to),
      properties: named(table.columns, cells),
    })),
  )
  return { nodes, rels }
}

export interface TwinHop {
  /** Names of the nodes at the left and right, and of the relationship. */
  readonly left: string
  readonly right: string
  readonly rel: string
  readonly type: string | null
  readonly direction: 'right' | 'left' | 'both'
}

export type Bindings = Readonly<Record<string, TwinNode | TwinRel>>

/** Every binding of `hops` and of the nodes in `labels`, each node of its label where it has one. */
export function match(
  graph: TwinGraph,
  labels: Readonly<Record<string, string | null>>,
  hops: readonly TwinHop[],
): Bindings[] {
  let found: Bindings[] = [{}]
  for (const [name, label] of Object.entries(labels)) {
    const candidates = graph.nodes.filter((node) => label === null || node.table === label)
    found = found.flatMap((binding) => candidates.map((node) => ({ ...binding, [name]: node })))
  }
  for (const hop of hops) {
    const candidates = graph.rels.filter((rel) => hop.type === null || rel.table === hop.type)
    found = found.flatMap((binding) => {
      const [left, right] = [binding[hop.left], binding[hop.right]]
      return candidates
        .filter((rel) => {
          const forward = rel.from === left && rel.to === right
          const backward = rel.to === left && rel.from === right
          if (hop.direction === 'right') return forward
          return hop.direction === 'left' ? backward : forward || backward
        })
        .map((rel) => ({ ...binding, [hop.rel]: rel }))
    })
  }
  return found
}
