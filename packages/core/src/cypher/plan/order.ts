/**
 * In which order a pattern is matched: where to start, and which relationship to follow next.
 * Starts are tried on paper, those with the fewest rows first; the one that makes the fewest rows wins.
 */
import type { Alternative } from '../bind/pattern.js'
import type { PatternGraph } from '../bind/scope.js'
import { type Condition, keyCondition, selectivity } from './conditions.js'
import { entityKey } from './references.js'

export interface Hop {
  readonly rel: number
  /** The end that is known already. */
  readonly from: number
  readonly to: number
  /** Both ends are known: the hop only checks. */
  readonly closes: boolean
}

export interface MatchOrder {
  /** Null when a node of the component is bound already. */
  readonly start: number | null
  readonly hops: readonly Hop[]
  readonly cost: number
  readonly rows: number
}

export interface OrderInput {
  readonly graph: PatternGraph
  readonly alternative: Alternative
  readonly conditions: readonly Condition[]
  /** Relationships whose properties are asked for: going backward is dearer for them. */
  readonly relsRead: ReadonlySet<number>
}

const backwardPropertyCost = 2

/** Nodes of a pattern from which an order is tried. */
const startsTriedMax = 16

/** The nodes that relationships join, directly or not; `seed` ones among them. */
export function componentsOf(graph: PatternGraph): number[][] {
  const component = graph.nodes.map((_, index) => index)
  const find = (index: number): number => (component[index] === index ? index : find(component[index]!))
  for (const { ends } of graph.rels) if (ends !== null) component[find(ends.to)] = find(ends.from)
  const groups = new Map<number, number[]>()
  graph.nodes.forEach((_, index) => {
    const root = find(index)
    groups.set(root, [...(groups.get(root) ?? []), index])
  })
  return [...groups.values()]
}

/** The best order for the component `nodes`, when the entities of `bound` are there already. */
export function bestOrder(
  input: OrderInput,
  nodes: readonly number[],
  bound: ReadonlySet<string>,
): MatchOrder {
  if (nodes.some((node) => bound.has(entityKey({ of: 'node', index: node }))))
    return simulate(input, nodes, bound, null)
  let best: MatchOrder | undefined
  for (const start of likelyStarts(input, nodes, bound)) {
    const order = simulate(input, nodes, bound, start)
    if (best === undefined || order.cost < best.cost) best = order
  }
  return best!
}

/** All nodes of a usual pattern; of a very large one those with the fewest rows. In the order of `nodes`. */
function likelyStarts(
  { conditions, alternative }: OrderInput,
  nodes: readonly number[],
  bound: ReadonlySet<string>,
): readonly number[] {
  if (nodes.length <= startsTriedMax) return nodes
  const rowsOf = new Map<number, number>()
  for (const node of nodes) {
    const table = alternative.nodeTables[node]!
    rowsOf.set(node, keyCondition(conditions, node, table, bound)?.rows ?? table.rowCount)
  }
  const fewest = [...nodes].sort((left, right) => rowsOf.get(left)! - rowsOf.get(right)!)
  const kept = new Set(fewest.slice(0, startsTriedMax))
  return nodes.filter((node) => kept.has(node))
}

function simulate(
  input: OrderInput,
  nodes: readonly number[],
  alreadyBound: ReadonlySet<string>,
  start: number | null,
): MatchOrder {
  const { graph, alternative } = input
  const bound = new Set(alreadyBound)
  const open = new Set(input.conditions.filter(({ references }) => !covered(references, bound)))
  let rows = 1
  let cost = 0
  if (start !== null) {
    const table = alternative.nodeTables[start]!
    const lookup = keyCondition(input.conditions, start, table, bound)
    rows = lookup?.rows ?? table.rowCount
    cost = rows
    bound.add(entityKey({ of: 'node', index: start }))
    rows *= lookup === undefined ? passing(open, bound) : 1
  }
  const waiting = new Set<number>()
  graph.rels.forEach(({ ends }, rel) => {
    if (ends !== null && nodes.includes(ends.from)) waiting.add(rel)
  })
  const hops: Hop[] = []
  while (waiting.size > 0) {
    const next = cheapestHop(input, waiting, bound, open)
    if (next === undefined) break
    waiting.delete(next.hop.rel)
    hops.push(next.hop)
    bound.add(entityKey({ of: 'rel', index: next.hop.rel }))
    bound.add(entityKey({ of: 'node', index: next.hop.to }))
    for (const condition of open) if (covered(condition.references, bound)) open.delete(condition)
    cost += rows * next.fanout * next.weight
    rows *= next.growth
  }
  return { start, hops, cost, rows }
}

function covered(references: ReadonlySet<string>, bound: ReadonlySet<string>): boolean {
  for (const key of references) if (!bound.has(key)) return false
  return true
}

/**
 * The share of rows that the conditions which can be checked now let through; they are taken out of `open`.
 */
function passing(open: Set<Condition>, bound: ReadonlySet<string>): number {
  let share = 1
  for (const condition of open) {
    if (!covered(condition.references, bound)) continue
    share *= selectivity(condition)
    open.delete(condition)
  }
  return share
}

/** The share of rows that conditions let through which can be checked once `hop` is made. */
function sharePassing(open: ReadonlySet<Condition>, bound: ReadonlySet<string>, hop: Hop): number {
  if (open.size === 0) return 1
  const [rel, to] = [entityKey({ of: 'rel', index: hop.rel }), entityKey({ of: 'node', index: hop.to })]
  let share = 1
  for (const condition of open) {
    let isCovered = true
    for (const key of condition.references) isCovered &&= key === rel || key === to || bound.has(key)
    if (isCovered) share *= selectivity(condition)
  }
  return share
}

interface CandidateHop {
  readonly hop: Hop
  readonly fanout: number
  readonly growth: number
  readonly weight: number
}

function cheapestHop(
  input: OrderInput,
  waiting: ReadonlySet<number>,
  bound: ReadonlySet<string>,
  open: ReadonlySet<Condition>,
): CandidateHop | undefined {
  let best: CandidateHop | undefined
  for (const rel of waiting) {
    const { from, to } = input.graph.rels[rel]!.ends!
    const hasFrom = bound.has(entityKey({ of: 'node', index: from }))
    const hasTo = bound.has(entityKey({ of: 'node', index: to }))
    if (hasFrom) best = cheaper(best, candidate(input, { rel, from, to, closes: hasTo }, bound, open))
    if (hasTo && !(hasFrom && from === to)) {
      best = cheaper(best, candidate(input, { rel, from: to, to: from, closes: hasFrom }, bound, open))
    }
  }
  return best
}

function cheaper(best: CandidateHop | undefined, other: CandidateHop): CandidateHop {
  return best === undefined || other.growth * other.weight < best.growth * best.weight ? other : best
}

function candidate(
  input: OrderInput,
  hop: Hop,
  bound: ReadonlySet<string>,
  open: ReadonlySet<Condition>,
): CandidateHop {
  const { alternative, graph } = input
  const { table, reversed } = alternative.rels[hop.rel]!
  const sourceRows = Math.max(1, alternative.nodeTables[hop.from]!.rowCount)
  const fanout = table.rowCount / sourceRows
  let growth = fanout * sharePassing(open, bound, hop)
  if (hop.closes) growth /= Math.max(1, alternative.nodeTables[hop.to]!.rowCount)
  const isForward = (graph.rels[hop.rel]!.ends!.from === hop.from) !== reversed
  const weight = !isForward && input.relsRead.has(hop.rel) ? backwardPropertyCost : 1
  return { hop, fanout, growth, weight }
}
