/**
 * Makes the pipeline of one combination of tables: binds the pattern's nodes and relationships one after the
 * other, and checks every condition as soon as all it needs is there.
 *
 * - Once an entity is bound, every property the part asks of it is read, behind the filters that could be
 *   applied before.
 * - Steps carry everything at first; `pruneSteps` then leaves out what nobody needs.
 */
import type { NodeTable, RelTable } from '../../catalog/index.js'
import { assert } from '../../errors/index.js'
import type { Alternative } from '../bind/pattern.js'
import type { BoundPart } from '../bind/query.js'
import type { EntityReference, Expr } from '../expression/expression.js'
import { slotExpr, walk } from '../expression/expression.js'
import type { ValueType } from '../expression/types.js'
import { type Condition, conditionOf, type KeyCondition, keyCondition, zoneFilterOf } from './conditions.js'
import { pruneSteps } from './liveness.js'
import { type EntitySlots, Lowering } from './lowering.js'
import { bestOrder, componentsOf, type Hop, type MatchOrder, type OrderInput } from './order.js'
import type { Pipeline, PropertyRead, Step, ZoneFilter } from './plan.js'
import { entityKey, inputKey } from './references.js'

export class PipelineBuilder implements EntitySlots {
  readonly #part: BoundPart
  readonly #alternative: Alternative
  readonly #lowering: Lowering
  readonly #order: OrderInput
  readonly #types = new Map<number, ValueType>()
  readonly #entitySlots = new Map<string, number>()
  readonly #propertySlots = new Map<string, number>()
  /** Nodes that a scan gives, in order. */
  readonly #scanned = new Set<number>()
  /** Columns asked of each entity. */
  readonly #wanted = new Map<string, Set<string>>()
  #open: Condition[]
  #nextSlot: number

  constructor(part: BoundPart, alternative: Alternative, text: string) {
    this.#part = part
    this.#alternative = alternative
    this.#lowering = new Lowering(this, text)
    this.#nextSlot = part.input.length
    this.#open = part.conditions.map(conditionOf)
    for (const expr of [...part.conditions, ...part.projection.inputs]) this.#collect(expr)
    const relsRead = new Set<number>()
    part.graph.rels.forEach((_, index) => {
      if (this.#wanted.has(entityKey({ of: 'rel', index }))) relsRead.add(index)
    })
    this.#order = { graph: part.graph, alternative, conditions: this.#open, relsRead }
  }

  /** `isFirst`: there is no part before, so there is one empty row to begin with. */
  build(isFirst: boolean): Pipeline {
    const steps: Step[] = []
    const bound = new Set<string>([inputKey])
    this.#adopt(steps, bound)
    let empty = isFirst
    for (const component of this.#componentsInOrder(bound)) {
      const order = bestOrder(this.#order, component, bound)
      const attached = empty || order.start === null || this.#lookupKey(order.start, bound) !== undefined
      if (attached) this.#match(order, steps, bound)
      else this.#join(order, component, steps, bound)
      empty = false
    }
    assert(this.#open.length === 0, 'every condition has found its place')
    const outputs = this.#part.projection.inputs.map((input) => this.#lowering.output(input))
    const after = new Set(outputs.flatMap(({ slots }) => slots))
    return {
      steps: pruneSteps(steps, after, this.#types).steps,
      outputs: outputs.map(({ expr }) => expr),
      identities: outputs.map(({ tableId }) => tableId),
    }
  }

  tableOf(entity: EntityReference): NodeTable | RelTable {
    return entity.of === 'node'
      ? this.#alternative.nodeTables[entity.index]!
      : this.#alternative.rels[entity.index]!.table
  }

  entitySlot(entity: EntityReference): number {
    const key = entityKey(entity)
    return (
      this.#entitySlots.get(key) ??
      this.#newSlot(this.#entitySlots, key, entity.of === 'node' ? 'NODE' : 'REL')
    )
  }

  propertySlot(entity: EntityReference, column: string, type: ValueType): number {
    const key = `${entityKey(entity)}.${column}`
    return this.#propertySlots.get(key) ?? this.#newSlot(this.#propertySlots, key, type)
  }

  #newSlot(slots: Map<string, number>, key: string, type: ValueType): number {
    const slot = this.#nextSlot++
    slots.set(key, slot)
    this.#types.set(slot, type)
    return slot
  }

  #collect(expr: Expr): void {
    walk(expr, (part) => {
      if (part.kind !== 'property') return
      const key = entityKey(part.entity)
      this.#wanted.set(key, (this.#wanted.get(key) ?? new Set()).add(part.column))
    })
  }

  /** Nodes and relationships handed on by the part before. */
  #adopt(steps: Step[], bound: Set<string>): void {
    const { graph } = this.#part
    const adopted: EntityReference[] = []
    for (const [of, entities] of [
      ['node', graph.nodes],
      ['rel', graph.rels],
    ] as const) {
      entities.forEach(({ inputSlot }, index) => {
        if (inputSlot === null) return
        const entity: EntityReference = { of, index }
        const tableId = this.tableOf(entity).id
        steps.push({ kind: 'adopt', tableId, from: inputSlot, slot: this.entitySlot(entity), live: [] })
        bound.add(entityKey(entity))
        adopted.push(entity)
      })
    }
    this.#filter(steps, bound)
    for (const entity of adopted) this.#read(entity, steps)
  }

  /** Components with bound nodes first, then those that keys lead to, then the largest. */
  #componentsInOrder(bound: ReadonlySet<string>): number[][] {
    const components = componentsOf(this.#part.graph)
    const reached = new Set(bound)
    const ordered: number[][] = []
    const sizes = new Map(components.map((nodes) => [nodes, bestOrder(this.#order, nodes, bound).rows]))
    while (components.length > 0) {
      const rank = (nodes: number[]): number => {
        if (nodes.some((node) => reached.has(entityKey({ of: 'node', index: node })))) return 0
        if (nodes.some((node) => this.#lookupKey(node, reached) !== undefined)) return 1
        return 2
      }
      components.sort((a, b) => rank(a) - rank(b) || sizes.get(b)! - sizes.get(a)!)
      const next = components.shift()!
      ordered.push(next)
      for (const node of next) reached.add(entityKey({ of: 'node', index: node }))
    }
    return ordered
  }

  /** What is said of the node's key. */
  #lookupKey(node: number, bound: ReadonlySet<string>): KeyCondition | undefined {
    return keyCondition(this.#open, node, this.#alternative.nodeTables[node]!, bound)
  }

  #match(order: MatchOrder, steps: Step[], bound: Set<string>): void {
    if (order.start !== null) this.#start(order.start, steps, bound)
    for (const hop of order.hops) this.#hop(hop, steps, bound)
  }

  #start(node: number, steps: Step[], bound: Set<string>): void {
    const entity: EntityReference = { of: 'node', index: node }
    const table = this.#alternative.nodeTables[node]!
    const place = { table: table.name, tableId: table.id, slot: this.entitySlot(entity), live: [] }
    const lookup = this.#lookupKey(node, bound)
    if (lookup !== undefined) {
      const { condition, isList } = lookup
      steps.push({ kind: 'lookup', ...place, key: this.#lowering.value(lookup.key), isList })
      this.#open = this.#open.filter((other) => other !== condition)
    } else {
      const zones = this.#open
        .map((condition) => zoneFilterOf(condition, node, table))
        .filter((zone): zone is ZoneFilter => zone !== undefined)
      steps.push({ kind: 'scan', ...place, zones })
      this.#scanned.add(node)
    }
    bound.add(entityKey(entity))
    this.#filter(steps, bound)
    this.#read(entity, steps)
  }

  #hop({ rel, from, to, closes }: Hop, steps: Step[], bound: Set<string>): void {
    const entity: EntityReference = { of: 'rel', index: rel }
    const target: EntityReference = { of: 'node', index: to }
    const { ends } = this.#part.graph.rels[rel]!
    const { table, reversed } = this.#alternative.rels[rel]!
    // A loop in the pattern, (a)-[]->(a), is followed from the end the table has in front.
    const isForward = (ends!.from === from) !== reversed
    const place = { table: table.name, tableId: table.id }
    const neighbour = closes ? this.#nextSlot++ : this.entitySlot(target)
    const reads = this.#reads(entity)
    steps.push({
      kind: 'expand',
      ...place,
      direction: isForward ? 'forward' : 'backward',
      from: this.entitySlot({ of: 'node', index: from }),
      neighbour,
      rel: this.entitySlot(entity),
      reads: isForward ? reads : [],
      skipLoops: reversed && table.fromTableId === table.toTableId,
      live: [],
    })
    if (closes) {
      const same: Expr = {
        kind: 'call',
        function: '=',
        args: [slotExpr(neighbour, 'INT64'), slotExpr(this.entitySlot(target), 'INT64')],
        place: this.#part.graph.rels[rel]!.place,
      }
      steps.push({ kind: 'filter', condition: same, live: [] })
    }
    if (!isForward && reads.length > 0) {
      steps.push({ kind: 'relProperties', ...place, from: this.entitySlot(entity), reads })
    }
    bound.add(entityKey(entity))
    bound.add(entityKey(target))
    this.#filter(steps, bound)
    if (!closes) this.#read(target, steps)
  }

  /**
   * Joins a component that nothing connects with the rows so far; equalities between the two sides are the
   * keys.
   */
  #join(order: MatchOrder, component: readonly number[], steps: Step[], bound: Set<string>): void {
    const build: Step[] = []
    const inside = new Set<string>()
    this.#match(order, build, inside)
    assert(
      component.every((index) => inside.has(entityKey({ of: 'node', index }))),
      'a component is matched whole',
    )
    const buildKeys: Expr[] = []
    const probeKeys: Expr[] = []
    this.#open = this.#open.filter(({ expr, references }) => {
      if (expr.kind !== 'call' || expr.function !== '=' || references.size < 2) return true
      const [left, right] = expr.args.map((side) => conditionOf(side)) as [Condition, Condition]
      for (const [mine, other] of [
        [left, right],
        [right, left],
      ] as const) {
        const isKey = within(mine.references, inside) && within(other.references, bound)
        // Entities compare by table too; they stay a condition.
        if (!isKey || mine.expr.kind === 'entity' || other.expr.kind === 'entity') continue
        buildKeys.push(this.#lowering.value(mine.expr))
        probeKeys.push(this.#lowering.value(other.expr))
        return false
      }
      return true
    })
    steps.push({ kind: 'join', build, kept: [], buildKeys, probeKeys, live: [] })
    for (const key of inside) bound.add(key)
    this.#filter(steps, bound)
  }

  /** Applies the conditions whose entities are all bound, in the order in which they are written. */
  #filter(steps: Step[], bound: ReadonlySet<string>): void {
    const waiting: Condition[] = []
    for (const condition of this.#open) {
      // What needs several entities needs the properties of all of them, which are read once each is bound.
      if (!within(condition.references, bound)) {
        waiting.push(condition)
        continue
      }
      this.#readFor(condition.expr, steps)
      steps.push({ kind: 'filter', condition: this.#lowering.value(condition.expr), live: [] })
    }
    this.#open = waiting
  }

  /** Reads the node properties that `expr` needs and that are not read yet. */
  #readFor(expr: Expr, steps: Step[]): void {
    walk(expr, (part) => {
      if (part.kind === 'property' && part.entity.of === 'node')
        this.#readColumns(part.entity, [part.column], steps)
    })
  }

  /** Reads all that the part asks of an entity. */
  #read(entity: EntityReference, steps: Step[]): void {
    this.#readColumns(entity, [...(this.#wanted.get(entityKey(entity)) ?? [])], steps)
  }

  #readColumns(entity: EntityReference, columns: readonly string[], steps: Step[]): void {
    const table = this.tableOf(entity)
    const reads: PropertyRead[] = []
    for (const name of columns) {
      const column = table.columns.findIndex((candidate) => candidate.name === name)
      if (column < 0 || this.#propertySlots.has(`${entityKey(entity)}.${name}`)) continue
      reads.push({ column, slot: this.propertySlot(entity, name, table.columns[column]!.type) })
    }
    if (reads.length === 0) return
    const place = { table: table.name, tableId: table.id, from: this.entitySlot(entity), reads }
    if (entity.of === 'rel') steps.push({ kind: 'relProperties', ...place })
    else steps.push({ kind: 'nodeProperties', ...place, scattered: !this.#scanned.has(entity.index) })
  }

  /** The columns asked of a relationship, with their slots. */
  #reads(entity: EntityReference): PropertyRead[] {
    const table = this.tableOf(entity)
    return [...(this.#wanted.get(entityKey(entity)) ?? [])].flatMap((name) => {
      const column = table.columns.findIndex((candidate) => candidate.name === name)
      return column < 0
        ? []
        : [{ column, slot: this.propertySlot(entity, name, table.columns[column]!.type) }]
    })
  }
}

function within(references: ReadonlySet<string>, bound: ReadonlySet<string>): boolean {
  for (const key of references) if (!bound.has(key)) return false
  return true
}
