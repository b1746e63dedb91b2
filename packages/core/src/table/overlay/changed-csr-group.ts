/** A CSR group some of whose relationships were changed or deleted since it was made. */
import type { Vector } from '../../column/index.js'
import { MutableColumn, type Value } from '../../delta/index.js'
import { recentBytesMax } from '../../limits.js'
import { RecentMap } from '../recent-map.js'
import { type CsrGroupReader, chunkOf, type SparseStarts } from '../rel-reader.js'

/** What was made of chunks with changes, for so many changes; shared by the groups of a reader. */
export interface ChangedChunks {
  readonly neighbours: RecentMap<string, { readonly changes: number; readonly values: Float64Array }>
  readonly properties: RecentMap<string, { readonly changes: number; readonly vector: Vector }>
}

/** Chunks that are kept with their changes. */
const changedChunksMax = 8

export function newChangedChunks(): ChangedChunks {
  return {
    neighbours: new RecentMap(changedChunksMax, recentBytesMax),
    properties: new RecentMap(changedChunksMax, recentBytesMax),
  }
}

/** What has changed in a group; grows only. Relationships are known by their index within the group. */
export class GroupChanges {
  readonly deleted: number[] = []
  /** By property: indexes and values, in the order of the changes. */
  readonly patches: ({ readonly indexes: number[]; readonly values: Value[] } | undefined)[] = []

  delete(index: number): void {
    this.deleted.push(index)
  }

  patch(index: number, column: number, value: Value): void {
    const patches = this.patches[column] ?? { indexes: [], values: [] }
    this.patches[column] = patches
    patches.indexes.push(index)
    patches.values.push(value)
  }
}

export class ChangedCsrGroup implements CsrGroupReader {
  readonly rows: number
  readonly groupIndex: number
  readonly firstNode: number
  readonly hasDeleted: boolean
  readonly chunkCount: number
  declare readonly sparse?: SparseStarts
  readonly #base: CsrGroupReader
  readonly #changes: GroupChanges
  readonly #key: string
  readonly #chunks: ChangedChunks

  /** @param key names the group among those that share `chunks` */
  constructor(base: CsrGroupReader, changes: GroupChanges, key: string, chunks: ChangedChunks) {
    this.#base = base
    this.#key = key
    this.#chunks = chunks
    this.#changes = changes
    this.rows = base.rows
    this.groupIndex = base.groupIndex
    this.firstNode = base.firstNode
    this.hasDeleted = base.hasDeleted || changes.deleted.length > 0
    this.chunkCount = base.chunkCount
    if (base.sparse !== undefined) this.sparse = base.sparse
  }

  starts(): Float64Array {
    return this.#base.starts()
  }

  chunkStart(chunk: number): number {
    return this.#base.chunkStart(chunk)
  }

  chunkRows(chunk: number): number {
    return this.#base.chunkRows(chunk)
  }

  neighbours(chunk: number): Float64Array {
    const { deleted } = this.#changes
    const key = `${this.#key} ${chunk}`
    const known = this.#chunks.neighbours.get(key)
    if (known?.changes === deleted.length) return known.values
    const values = this.#base.neighbours(chunk).slice()
    const first = this.chunkStart(chunk)
    for (const index of deleted) {
      if (index >= first && index < first + values.length) values[index - first] = -1
    }
    this.#chunks.neighbours.set(key, { changes: deleted.length, values }, values.byteLength)
    return values
  }

  forwardStart(): number {
    return this.#base.forwardStart()
  }

  positions(chunk: number): Float64Array {
    return this.#base.positions(chunk)
  }

  property(chunk: number, column: number): Vector {
    const patches = this.#changes.patches[column]
    if (patches === undefined) return this.#base.property(chunk, column)
    const { indexes, values } = patches
    const key = `${this.#key} ${chunk} ${column}`
    const known = this.#chunks.properties.get(key)
    if (known?.changes === indexes.length) return known.vector
    const patched = MutableColumn.from(this.#base.property(chunk, column))
    for (const [at, index] of indexes.entries()) {
      if (chunkOf(this.#base, index) === chunk) patched.set(index - this.chunkStart(chunk), values[at]!)
    }
    const vector = patched.vector()
    this.#chunks.properties.set(key, { changes: indexes.length, vector }, patched.sizeBytes)
    return vector
  }
}
