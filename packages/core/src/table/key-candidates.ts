/**
 * Finds out which nodes have the keys of a batch, among the candidates that an index names: gathers them by
 * row group, then goes once over the groups' key segments and compares.
 *
 * ```
 * index or map ─► candidates: row, node offset ─► a chain for each row group ─► its key segment ─► answers
 * ```
 *
 * Invariants
 * - An answer is given only where the key itself is equal. Deleted nodes, whose keys are null, have none.
 * - A segment without a candidate is not read; any other once, however many candidates it has.
 * - Segments are read past the buffer pool, and verified when they are read for the first time.
 * - The tables of row groups are taken from the arena when this is made; everything else is given back.
 */
import { describePlace, type RunPlace } from '../buffer/index.js'
import { assert } from '../errors/index.js'
import { physicalTypeOf } from '../types/index.js'
import type { StoredNodeReader } from './node-reader.js'
import type { SegmentSource } from './segment-source.js'

/** Rows that are looked up at once: so that the rows of two columns take at most 24 bits. */
export const pieceRowsMax = 2 ** 22

/** Bytes of a block of candidates, and how many it holds. */
const blockBytes = 512
const blockCandidates = 63

/** More candidates than rows that there is room for: of two in a hundred rows, and of parts of blocks. */
const candidatesShare = 1.06
const sparePartsMax = 1024
const sparesMin = 16

/** Entries of the guide, at most: offsets to row groups. */
const guideEntriesMax = 2 ** 14

/** A column of keys, and where their answers go: i64 each, −1 as long as there is none. */
export interface AskedColumn {
  readonly values: number
  /** 0 when none is null. */
  readonly nulls: number
  readonly answers: number
}

/** Rows that are looked up together, of one or two columns. */
export interface Asked {
  readonly rows: number
  readonly columns: readonly AskedColumn[]
}

/** Bytes of the arena that candidates of so many rows, all columns' together, take. */
export function candidateBytes(rows: number, groups: number): number {
  return (blocksOf(rows, groups) + 1) * blockBytes
}

function blocksOf(rows: number, groups: number): number {
  return Math.ceil((rows * candidatesShare) / blockCandidates) + Math.min(groups, sparePartsMax) + sparesMin
}

export class KeyCandidates {
  readonly #source: SegmentSource
  readonly #reader: StoredNodeReader
  readonly #place: RunPlace
  readonly #strings: boolean
  /** Of each row group's key segment: 1 when it was verified. */
  readonly #verified: Uint8Array
  readonly #starts: number
  readonly #guide: number
  readonly #shift: number
  readonly #groups: number
  readonly #free: number
  #asked: Asked = { rows: 0, columns: [] }
  #blocks = 0
  #blocksEnd = 0

  constructor(source: SegmentSource, reader: StoredNodeReader, place: RunPlace) {
    this.#source = source
    this.#reader = reader
    this.#place = place
    const { table, groupCount, starts, rowCount } = reader
    this.#strings = physicalTypeOf(table.columns[table.keyColumn]!.type) === 'string'
    this.#verified = new Uint8Array(groupCount)
    this.#shift = Math.max(0, Math.ceil(Math.log2(Math.max(1, rowCount) / guideEntriesMax)))
    const entries = Math.floor(rowCount / 2 ** this.#shift) + 1
    const { arena } = source.memory
    this.#starts = arena.allocate((groupCount + 1) * 8)
    this.#guide = arena.allocate(entries * 4)
    this.#groups = arena.allocate(groupCount * 8)
    this.#free = arena.allocate(8)
    const { buffer } = arena.memory
    new BigUint64Array(buffer, this.#starts, groupCount + 1).set(Array.from(starts, BigInt))
    const guide = new Uint32Array(buffer, this.#guide, entries)
    for (let entry = 0, group = 0; entry < entries; entry++) {
      while (group + 1 < groupCount && starts[group + 1]! <= entry * 2 ** this.#shift) group++
      guide[entry] = group
    }
  }

  /** Takes room for the candidates of `asked` from the arena: the caller releases it after `finish`. */
  begin(asked: Asked): void {
    assert(
      asked.rows <= pieceRowsMax && asked.columns.length <= 2,
      `${asked.rows} rows are looked up at once`,
    )
    const { arena } = this.#source.memory
    const blocks = blocksOf(asked.rows * asked.columns.length, this.#reader.groupCount)
    this.#asked = asked
    this.#blocks = arena.allocate(blocks * blockBytes, blockBytes)
    this.#blocksEnd = this.#blocks + blocks * blockBytes
    this.#clear()
  }

  /**
   * Adds candidates, words of a row of `asked` (those of the second column behind the first's) and an offset.
   */
  add(words: number, count: number): void {
    const { kernels } = this.#source.memory
    const { groupCount, table } = this.#reader
    for (let at = 0; at < count; ) {
      const added = kernels.addCandidates(
        words + at * 8,
        count - at,
        this.#guide,
        this.#shift,
        this.#starts,
        groupCount,
        this.#groups,
        this.#free,
      )
      assert(added >= 0, `the key index of table ${table.name} names nodes of its ${this.#reader.rowCount}`)
      at += added
      if (at < count) this.#compareAll()
    }
  }

  /** Answers what is left. */
  finish(): void {
    this.#compareAll()
  }

  #clear(): void {
    const { arena } = this.#source.memory
    new Uint32Array(arena.memory.buffer, this.#free, 2).set([this.#blocks, this.#blocksEnd])
    arena.bytes.fill(0, this.#groups, this.#groups + this.#reader.groupCount * 8)
  }

  #compareAll(): void {
    const { arena } = this.#source.memory
    const { groupCount } = this.#reader
    // A copy: the memory may grow while keys are compared.
    const chains = new Uint32Array(arena.memory.buffer, this.#groups, groupCount * 2).slice()
    for (let group = 0; group < groupCount; group++) {
      const first = chains[group * 2]!
      if (first === 0) continue
      const mark = arena.mark()
      this.#compare(group, first, chains[group * 2 + 1]!)
      arena.release(mark)
    }
    this.#clear()
  }

  /** Compares a group's candidates with its keys. */
  #compare(group: number, first: number, end: number): void {
    const { kernels, decoder } = this.#source.memory
    const { table, starts } = this.#reader
    const segment = table.groups[group]!.segments.at(table.keyColumn)!
    const content = this.#source.contentPastPool(segment, this.#place, this.#verified[group] === 1)
    this.#verified[group] = 1
    const { rows, columns } = this.#asked
    const [column, later = column!] = columns
    const ask = [
      rows,
      column!.values,
      later.values - rows * 8,
      column!.answers,
      later.answers - rows * 8,
    ] as const
    const place = describePlace(this.#place)
    const fixed = decoder.fixedStrings(segment, content, place)
    if (fixed !== null) {
      kernels.verifyFixed(first, end, ...ask, fixed.heap, fixed.length, starts[group]!)
      return
    }
    const lanes = decoder.decodeLanes(segment, content, place)
    const nulls = lanes.nullCount === 0 ? 0 : lanes.nulls
    kernels.verifyLanes(first, end, ...ask, lanes.values, this.#strings ? 1 : 0, starts[group]!, nulls)
  }
}
