/** Hands relationships that are in the database already to a load, piece by piece. */
import type { RelTable } from '../../catalog/index.js'
import type { Vector } from '../../column/index.js'
import type { RelDelta } from '../../delta/index.js'
import { assert } from '../../errors/index.js'
import { physicalTypeOf } from '../../types/index.js'
import { encodeRelBatch } from '../encode-rel-batch.js'
import { gatherVectors } from '../gather-vectors.js'
import { packedBytesMax } from '../rel-chunk.js'
import type { RelLoad } from '../rel-load.js'
import type { CsrGroupReader } from '../rel-reader.js'
import type { WorkingMemory } from '../working-memory.js'
import { columnOfVector } from './column-of-vector.js'

/** Relationships handed over at once. */
const pieceRows = 16_384

export class RelFeed {
  readonly #memory: WorkingMemory
  readonly #table: RelTable
  readonly #load: RelLoad

  constructor(memory: WorkingMemory, table: RelTable, load: RelLoad) {
    this.#memory = memory
    this.#table = table
    this.#load = load
  }

  /** Takes the relationships of a forward group that are not deleted, in their order. */
  takeGroup(group: CsrGroupReader): void {
    const starts = group.starts()
    let node = 0
    for (let chunk = 0; chunk < group.chunkCount; chunk++) {
      const neighbours = group.neighbours(chunk)
      const first = group.chunkStart(chunk)
      const columns = this.#table.columns.map((_, column) => group.property(chunk, column))
      for (let begin = 0; begin < neighbours.length; begin += pieceRows) {
        const end = Math.min(begin + pieceRows, neighbours.length)
        const from: number[] = []
        const rows: number[] = []
        for (let row = begin; row < end; row++) {
          while (starts[node + 1]! <= first + row) node++
          if (neighbours[row]! < 0) continue
          from.push(group.firstNode + node)
          rows.push(row)
        }
        const to = rows.map((row) => neighbours[row]!)
        this.#give(from, to, rows, columns)
      }
    }
  }

  /** Takes the new relationships that are not deleted, in the order in which they were made. */
  takeNew(delta: RelDelta): void {
    const columns = delta.columns.map((column) => column.vector())
    let rows: number[] = []
    for (let index = 0; index < delta.created; index++) {
      if (!delta.isDeleted(delta.baseRows + index)) rows.push(index)
      if (rows.length < pieceRows && index + 1 < delta.created) continue
      const from = rows.map((row) => delta.from[row]!)
      const to = rows.map((row) => delta.to[row]!)
      this.#give(from, to, rows, columns)
      rows = []
    }
  }

  /** Rows `rows` of `columns`, with their ends. */
  #give(
    from: readonly number[],
    to: readonly number[],
    rows: readonly number[],
    columns: readonly Vector[],
  ): void {
    const count = rows.length
    if (count === 0) return
    const { arena } = this.#memory
    const mark = arena.mark()
    const picked = new Uint32Array(count)
    const chosen = Uint32Array.from(rows)
    const properties = this.#table.columns.map(({ type }, column) =>
      columnOfVector(arena, gatherVectors(type, [columns[column]!], picked, chosen)),
    )
    const fromLanes = columnOfVector(arena, nodesOf(from)).values
    const toLanes = columnOfVector(arena, nodesOf(to)).values
    const { partitioning } = this.#load
    const heapBytes = properties.reduce((sum, { type, values }) => {
      return (
        sum + (physicalTypeOf(type) === 'string' ? this.#memory.kernels.sumStringBytes(values, count) : 0)
      )
    }, 0)
    const bytes = packedBytesMax(count, columns.length, heapBytes, partitioning.partitions)
    const target = new Uint8Array(bytes)
    const batch = encodeRelBatch(this.#memory, fromLanes, toLanes, properties, count, partitioning, target)
    assert(batch !== null, `${count} relationships fit ${bytes} bytes`)
    this.#load.append(batch, target)
    arena.release(mark)
  }
}

function nodesOf(offsets: readonly number[]): Vector {
  const values = Float64Array.from(offsets)
  return { kind: 'number', type: 'INT64', rows: values.length, values, nulls: null }
}
