/**
 * Random statements that write, each with what it means for a model in plain maps: the slow, obvious twin of
 * everything that writes, and of what reads deleted and changed rows.
 */
import fc from 'fast-check'

interface ModelNode {
  x: number | null
  name: string | null
}

interface ModelRel {
  readonly from: number
  readonly to: number
  w: number | null
}

/** The graph as statements should leave it: nodes of one table by key, relationships in any order. */
export class Model {
  readonly nodes = new Map<number, ModelNode>()
  rels: ModelRel[] = []

  create(id: number, x: number | null): void {
    if (this.nodes.has(id)) throw new Error('duplicate')
    this.nodes.set(id, { x, name: null })
  }

  link(from: number, to: number, w: number | null): void {
    if (this.nodes.has(from) && this.nodes.has(to)) this.rels.push({ from, to, w })
  }

  rekey(id: number, to: number): void {
    const node = this.nodes.get(id)
    if (node === undefined || id === to) return
    if (this.nodes.has(to)) throw new Error('duplicate')
    this.nodes.delete(id)
    this.nodes.set(to, node)
    const named = (end: number): number => (end === id ? to : end)
    this.rels = this.rels.map((rel) => ({ from: named(rel.from), to: named(rel.to), w: rel.w }))
  }

  drop(id: number, detach: boolean): void {
    const touches = ({ from, to }: ModelRel): boolean => from === id || to === id
    if (!detach && this.nodes.has(id) && this.rels.some(touches)) throw new Error('in use')
    this.rels = this.rels.filter((rel) => !touches(rel))
    this.nodes.delete(id)
  }

  copy(): Model {
    const copy = new Model()
    for (const [id, node] of this.nodes) copy.nodes.set(id, { ...node })
    copy.rels = this.rels.map((rel) => ({ ...rel }))
    return copy
  }
}

/** The tables that the statements write to. */
export const modelTables = {
  node: { name: 'A', columns: 'id INT64, x INT64, name STRING' },
  rel: { name: 'R', from: 'A', to: 'A', columns: 'w INT64' },
} as const

export interface ModelStep {
  readonly text: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** What the statement does; throws where it must fail and change nothing. */
  readonly apply: (model: Model) => void
}

const key = fc.integer({ min: 0, max: 12 })
const small = fc.integer({ min: -3, max: 6 })

function step(
  text: string,
  parameters: Readonly<Record<string, unknown>>,
  apply: (model: Model) => void,
): ModelStep {
  return { text, parameters, apply }
}

const both = 'MATCH (a:A {id: $a}), (b:A {id: $b}) '

/** A statement and its meaning. */
export const modelStep: fc.Arbitrary<ModelStep> = fc.oneof(
  fc
    .record({ id: key, x: fc.option(small) })
    .map((values) =>
      step('CREATE (:A {id: $id, x: $x})', values, (model) => model.create(values.id, values.x)),
    ),
  fc.array(fc.record({ id: key, x: small }), { maxLength: 4 }).map((rows) =>
    step('UNWIND $rows AS r CREATE (:A {x: r.x, id: r.id})', { rows }, (model) => {
      for (const { id, x } of rows) model.create(id, x)
    }),
  ),
  fc
    .record({ a: key, b: key, w: fc.option(small) })
    .map((values) =>
      step(`${both}CREATE (a)-[:R {w: $w}]->(b)`, values, (model) =>
        model.link(values.a, values.b, values.w),
      ),
    ),
  fc.record({ at: small, add: small }).map((values) =>
    step(
      'MATCH (n:A) WHERE n.x >= $at SET n.x = n.x + $add, n.name = CAST(n.id AS STRING)',
      values,
      (model) => {
        for (const [id, node] of model.nodes) {
          if (node.x === null || node.x < values.at) continue
          node.x += values.add
          node.name = String(id)
        }
      },
    ),
  ),
  fc.record({ id: key }).map((values) =>
    step('MATCH (n:A {id: $id}) REMOVE n.x', values, (model) => {
      const node = model.nodes.get(values.id)
      if (node !== undefined) node.x = null
    }),
  ),
  fc
    .record({ id: key, to: key })
    .map((values) =>
      step('MATCH (n:A {id: $id}) SET n.id = $to', values, (model) => model.rekey(values.id, values.to)),
    ),
  fc.record({ a: key, w: small }).map((values) =>
    step('MATCH (a:A {id: $a})<-[r:R]-() SET r.w = $w', values, (model) => {
      for (const rel of model.rels) if (rel.to === values.a) rel.w = values.w
    }),
  ),
  fc.record({ a: key, w: small }).map((values) =>
    step('MATCH (a:A {id: $a})-[r:R]->() WHERE r.w > $w DELETE r', values, (model) => {
      model.rels = model.rels.filter(({ from, w }) => !(from === values.a && w !== null && w > values.w))
    }),
  ),
  fc
    .record({ id: key })
    .map((values) =>
      step('MATCH (n:A {id: $id}) DETACH DELETE n', values, (model) => model.drop(values.id, true)),
    ),
  fc
    .record({ id: key })
    .map((values) => step('MATCH (n:A {id: $id}) DELETE n', values, (model) => model.drop(values.id, false))),
  fc.array(key, { maxLength: 5 }).map((ids) =>
    step(
      'UNWIND $ids AS id MERGE (n:A {id: id}) ON CREATE SET n.x = 0 ON MATCH SET n.x = coalesce(n.x, 10) + 1',
      { ids },
      (model) => {
        for (const id of ids) {
          const node = model.nodes.get(id)
          if (node === undefined) model.create(id, 0)
          else node.x = (node.x ?? 10) + 1
        }
      },
    ),
  ),
  fc.record({ a: key, b: key }).map((values) =>
    step(
      `${both}MERGE (a)-[r:R]->(b) ON CREATE SET r.w = 1 ON MATCH SET r.w = coalesce(r.w, 0) + 1`,
      values,
      (model) => {
        const found = model.rels.filter(({ from, to }) => from === values.a && to === values.b)
        for (const rel of found) rel.w = (rel.w ?? 0) + 1
        if (found.length === 0) model.link(values.a, values.b, 1)
      },
    ),
  ),
)

/** Runs a query and gives its rows. */
export type RunQuery = (text: string, parameters?: Readonly<Record<string, unknown>>) => Promise<unknown[][]>

/** What queries say of the graph, in several ways each, and what the model says to the same. */
export async function seen(rows: RunQuery): Promise<unknown> {
  const value = async (text: string): Promise<unknown> => (await rows(text))[0]![0]
  const found: unknown[] = []
  for (let id = 0; id <= 12; id++) found.push(await rows('MATCH (n:A {id: $id}) RETURN n.x, n.name', { id }))
  return {
    nodes: sorted(await rows('MATCH (n:A) RETURN n.id, n.x, n.name')),
    count: await value('MATCH (n:A) RETURN count(*)'),
    positive: sorted(await rows('MATCH (n:A) WHERE n.x > 2 RETURN n.id')),
    found,
    forward: sorted(await rows('MATCH (a:A)-[r:R]->(b:A) RETURN a.id, r.w, b.id')),
    backward: sorted(await rows('MATCH (b:A) WHERE b.x > 0 MATCH (b)<-[r:R]-(a:A) RETURN a.id, r.w, b.id')),
    rels: await value('MATCH (a:A)-[r:R]->(b:A) RETURN count(*)'),
    arrivals: await value('MATCH (a:A)<-[r:R]-(b:A) RETURN count(*)'),
    eitherWay: await value('MATCH (a:A)-[r:R]-(b:A) RETURN count(*)'),
    hops: await value('MATCH (a:A)-[:R]->(b:A)-[:R]->(c:A) RETURN count(*)'),
    weight: await value('MATCH ()-[r:R]->() RETURN sum(r.w)'),
  }
}

export function expected({ nodes, rels }: Model): unknown {
  const all = [...nodes].map(([id, { x, name }]) => [id, x, name])
  const triples = (kept: readonly ModelRel[]): unknown[][] =>
    sorted(kept.map(({ from, to, w }) => [from, w, to]))
  const weights = rels.flatMap(({ w }) => (w === null ? [] : [w]))
  const loops = rels.filter(({ from, to }) => from === to).length
  return {
    nodes: sorted(all),
    count: nodes.size,
    positive: sorted(all.filter(([, x]) => x !== null && (x as number) > 2).map(([id]) => [id])),
    found: Array.from({ length: 13 }, (_, id) => {
      const node = nodes.get(id)
      return node === undefined ? [] : [[node.x, node.name]]
    }),
    forward: triples(rels),
    backward: triples(rels.filter(({ to }) => (nodes.get(to)!.x ?? 0) > 0)),
    rels: rels.length,
    arrivals: rels.length,
    eitherWay: rels.length * 2 - loops,
    hops: rels.reduce((sum, { to }) => sum + rels.filter(({ from }) => from === to).length, 0),
    weight: weights.length === 0 ? null : weights.reduce((sum, w) => sum + w, 0),
  }
}

function sorted(rows: unknown[][]): unknown[][] {
  const text = (row: unknown[]): string => JSON.stringify(row)
  return rows.toSorted((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0))
}
