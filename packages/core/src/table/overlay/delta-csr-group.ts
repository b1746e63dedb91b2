/**
 * The new relationships of one CSR group, as a group of one chunk: sorted by their bound nodes, which are few
 * of the group's. Made anew whenever the delta has changed; deleted ones are left out.
 *
 * Invariants
 * - Positions within the run are numbers of relationships in the order in which they were made: they do not
 *   follow each other here.
 */
import type { Vector } from '../../column/index.js'
import { MutableColumn, type RelDelta } from '../../delta/index.js'
import { assert } from '../../errors/index.js'
import { gatherVectors } from '../gather-vectors.js'
import type { Direction } from '../rel-reader.js'
import { OneChunkGroup } from './one-chunk-group.js'

export class DeltaCsrGroup extends OneChunkGroup {
  readonly #delta: RelDelta
  readonly #direction: Direction
  readonly #nodes: Float64Array

  /** @param nodes the group's nodes that have new relationships, ascending */
  constructor(delta: RelDelta, direction: Direction, groupIndex: number, nodes: Float64Array) {
    const adjacency = delta.adjacency(direction)
    const starts = new Float64Array(nodes.length + 1)
    const places = new Map<number, number>()
    const positions: number[] = []
    for (const [place, node] of nodes.entries()) {
      places.set(node, place)
      for (const index of adjacency.get(node) ?? []) {
        if (!delta.isDeleted(delta.baseRows + index)) positions.push(index)
      }
      starts[place + 1] = positions.length
    }
    const others = direction === 'forward' ? delta.to : delta.from
    super({
      groupIndex,
      positions: Float64Array.from(positions),
      neighbours: Float64Array.from(positions, (index) => others[index]!),
      sparse: { find: (node) => places.get(node) ?? -1, starts },
    })
    this.#delta = delta
    this.#direction = direction
    this.#nodes = nodes
  }

  /** Index within the group of a relationship of `node`, by its number; −1 when it is not here. */
  indexOf(node: number, number: number): number {
    const place = this.sparse.find(node)
    if (place === -1) return -1
    const { starts } = this.sparse
    const positions = this.positions()
    for (let index = starts[place]!; index < starts[place + 1]!; index++) {
      if (positions[index] === number) return index
    }
    return -1
  }

  starts(): Float64Array {
    const last = this.#nodes[this.#nodes.length - 1] ?? this.firstNode - 1
    const starts = new Float64Array(last - this.firstNode + 2)
    for (const [place, node] of this.#nodes.entries()) {
      starts[node - this.firstNode + 1] = this.sparse.starts[place + 1]! - this.sparse.starts[place]!
    }
    for (let lane = 1; lane < starts.length; lane++) starts[lane]! += starts[lane - 1]!
    return starts
  }

  property(_chunk: number, column: number): Vector {
    assert(this.#direction === 'forward', 'properties lie on the forward side')
    return propertyOfNew(this.#delta, this.positions(), this.rows, column)
  }
}

/** Relationships at most that are read one by one: a vector of all would be copied by the next change. */
const fewRelsMax = 64

/** A property of new relationships, by their numbers. */
export function propertyOfNew(
  delta: RelDelta,
  positions: ArrayLike<number>,
  count: number,
  column: number,
): Vector {
  const lanes = delta.columns[column]!
  if (count <= fewRelsMax) {
    const values = new MutableColumn(lanes.type)
    for (let at = 0; at < count; at++) values.append(lanes.valueAt(positions[at]!))
    return values.vector()
  }
  const rows = new Uint32Array(count)
  for (let at = 0; at < count; at++) rows[at] = positions[at]!
  return gatherVectors(lanes.type, [lanes.vector()], new Uint32Array(count), rows)
}
