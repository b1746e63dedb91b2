/**
 * The relationships of few nodes of a CSR group as they are now, as a group of one chunk: made for one batch
 * of a query, where making the whole group anew for what was written since would cost more.
 *
 * Invariants
 * - Deleted relationships are left out; positions do not follow each other.
 */
import type { Vector } from '../../column/index.js'
import type { CsrGroupReader, Direction, PlacedRelReader } from '../rel-reader.js'
import { visitRels } from '../rels-of-node.js'
import { OneChunkGroup } from './one-chunk-group.js'

export class FewNodesGroup extends OneChunkGroup {
  readonly #reader: PlacedRelReader
  readonly #run: number

  /** @param stored the group as it was made; @param nodes some of its nodes, ascending */
  constructor(
    reader: PlacedRelReader,
    run: number,
    direction: Direction,
    stored: CsrGroupReader,
    nodes: Float64Array,
  ) {
    const starts = new Float64Array(nodes.length + 1)
    const places = new Map<number, number>()
    const positions: number[] = []
    const neighbours: number[] = []
    const runStart = reader.runStart(run)
    for (const [place, node] of nodes.entries()) {
      places.set(node, place)
      visitRels(stored, direction, node, (neighbour, position) => {
        if (neighbour < 0 || reader.isDeleted(runStart + position)) return
        positions.push(position)
        neighbours.push(neighbour)
      })
      starts[place + 1] = positions.length
    }
    super({
      groupIndex: stored.groupIndex,
      positions: Float64Array.from(positions),
      neighbours: Float64Array.from(neighbours),
      sparse: { find: (node) => places.get(node) ?? -1, starts },
    })
    this.#reader = reader
    this.#run = run
  }

  /** Never asked for: `sparse` is there. */
  starts(): Float64Array {
    return this.sparse.starts
  }

  property(_chunk: number, column: number): Vector {
    return this.#reader.property(this.#run, this.positions(), this.rows, column)
  }
}
