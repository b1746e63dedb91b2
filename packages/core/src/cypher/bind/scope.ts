/**
 * The names one part of a query can use, and what they stand for.
 *
 * A part is what stands between two WITHs. Nodes and relationships that an earlier part hands on become nodes
 * and relationships of this part's pattern, so that they can be matched further and their properties read.
 */
import type { NodeTable, RelTable } from '../../catalog/index.js'
import { assert } from '../../errors/index.js'
import type { EntityReference } from '../expression/expression.js'
import type { ValueType } from '../expression/types.js'
import type { Place } from '../syntax/place.js'

/** A node of the pattern. */
export interface PatternNode {
  /** Null when nobody can refer to it. */
  readonly name: string | null
  /** The tables it may be of, ascending by id. */
  tables: readonly NodeTable[]
  /** The column of the part before that holds it; null when this part finds it. */
  readonly inputSlot: number | null
  readonly place: Place
}

/** A relationship of the pattern, from `ends.from` to `ends.to`. */
export interface PatternRel {
  readonly name: string | null
  tables: readonly RelTable[]
  /** Null for one that an earlier part found. */
  readonly ends: { readonly from: number; readonly to: number; readonly directed: boolean } | null
  readonly inputSlot: number | null
  readonly place: Place
}

export interface PatternGraph {
  readonly nodes: PatternNode[]
  readonly rels: PatternRel[]
}

/** A column that a part hands on. */
export interface HandedColumn {
  readonly name: string
  /** `name` is a map that UNWIND gives, and the column holds this property of it; null for all others. */
  readonly property: string | null
  readonly type: ValueType
  /** For nodes and relationships: what tables they may be of. */
  readonly tables: readonly (NodeTable | RelTable)[]
}

export type Meaning =
  | { readonly kind: 'entity'; readonly entity: EntityReference }
  | { readonly kind: 'value'; readonly slot: number; readonly type: ValueType }
  /** Columns by property: all that the statement asks of it. */
  | { readonly kind: 'map'; readonly properties: Map<string, { slot: number; type: ValueType }> }

export class Scope {
  readonly graph: PatternGraph = { nodes: [], rels: [] }
  readonly #names = new Map<string, Meaning>()

  /** The scope of a part whose input has these columns. */
  constructor(input: readonly HandedColumn[], place: Place) {
    input.forEach((column, slot) => {
      if (column.type === 'NODE') {
        const tables = column.tables as readonly NodeTable[]
        this.addNode({ name: column.name, tables, inputSlot: slot, place })
      } else if (column.type === 'REL') {
        const tables = column.tables as readonly RelTable[]
        this.addRel({ name: column.name, tables, ends: null, inputSlot: slot, place })
      } else if (column.property !== null) this.#addProperty(column.name, column.property, slot, column.type)
      else this.#names.set(column.name, { kind: 'value', slot, type: column.type })
    })
  }

  #addProperty(name: string, property: string, slot: number, type: ValueType): void {
    let meaning = this.#names.get(name)
    if (meaning?.kind !== 'map') {
      meaning = { kind: 'map', properties: new Map() }
      this.#names.set(name, meaning)
    }
    meaning.properties.set(property, { slot, type })
  }

  /** Names in the order in which they came up. */
  get names(): readonly string[] {
    return [...this.#names.keys()]
  }

  find(name: string): Meaning | undefined {
    return this.#names.get(name)
  }

  addNode(node: PatternNode): number {
    const index = this.graph.nodes.push(node) - 1
    if (node.name !== null) this.#names.set(node.name, { kind: 'entity', entity: { of: 'node', index } })
    return index
  }

  addRel(rel: PatternRel): number {
    const index = this.graph.rels.push(rel) - 1
    if (rel.name !== null) this.#names.set(rel.name, { kind: 'entity', entity: { of: 'rel', index } })
    return index
  }

  /** The column that holds an entity of the input. */
  slotOf(entity: EntityReference): number {
    const { inputSlot } =
      entity.of === 'node' ? this.graph.nodes[entity.index]! : this.graph.rels[entity.index]!
    assert(inputSlot !== null, 'the entity is handed on by the part before')
    return inputSlot
  }

  /** The tables an entity may be of. */
  tablesOf(entity: EntityReference): readonly (NodeTable | RelTable)[] {
    return (entity.of === 'node' ? this.graph.nodes[entity.index]! : this.graph.rels[entity.index]!).tables
  }
}
