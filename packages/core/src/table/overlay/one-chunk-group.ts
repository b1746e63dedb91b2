/**
 * Relationships of a CSR group that were gathered in memory, as a group of one chunk. Who extends it says
 * which they are, and where their properties lie.
 *
 * Invariants
 * - None of them is deleted. Positions do not follow each other, so there is no forward start.
 */
import type { Vector } from '../../column/index.js'
import { csrGroupNodes } from '../../limits.js'
import type { CsrGroupReader, SparseStarts } from '../rel-reader.js'

/** What was gathered: in the order of the bound nodes. */
export interface GatheredRels {
  readonly groupIndex: number
  /** Forward positions within the run, and node offsets at the other end. */
  readonly positions: Float64Array
  readonly neighbours: Float64Array
  readonly sparse: SparseStarts
}

export abstract class OneChunkGroup implements CsrGroupReader {
  readonly rows: number
  readonly groupIndex: number
  readonly firstNode: number
  readonly hasDeleted = false
  readonly sparse: SparseStarts
  readonly chunkCount = 1
  readonly #positions: Float64Array
  readonly #neighbours: Float64Array

  constructor({ groupIndex, positions, neighbours, sparse }: GatheredRels) {
    this.rows = positions.length
    this.groupIndex = groupIndex
    this.firstNode = groupIndex * csrGroupNodes
    this.sparse = sparse
    this.#positions = positions
    this.#neighbours = neighbours
  }

  abstract starts(): Float64Array

  abstract property(chunk: number, column: number): Vector

  chunkStart(): number {
    return 0
  }

  chunkRows(): number {
    return this.rows
  }

  neighbours(): Float64Array {
    return this.#neighbours
  }

  forwardStart(): number {
    return -1
  }

  positions(): Float64Array {
    return this.#positions
  }
}
