/**
 * A map of the packed keys of a node table (`key-packing.ts`), in one memory that all parse workers share:
 * 9.5 to 26.5 bytes a key, and nothing is read for looking one up.
 *
 * Invariants
 * - Deleted nodes, whose keys are null, are not in it.
 * - Built once, by whichever workers come, in three steps that each begin when the one before is done: the
 *   bytes of the buckets are counted, one of the workers sums them up, the keys are added
 *   (`assembly/shared/packed-map.ts`). Of an entry's bytes none but the worker that took them writes any.
 * - Keys that have no packed key are in it by their hash. What a hash names is compared with the key segments
 *   (`key-candidates.ts`). A table with many of them gets another map.
 * - A window is one worker's own.
 */
import { describePlace, type RunPlace } from '../buffer/index.js'
import { assert } from '../errors/index.js'
import type { Asked, AskedColumn, KeyCandidates } from './key-candidates.js'
import type { PackingShape } from './key-packing.js'
import type { StoredNodeReader } from './node-reader.js'
import type { SegmentSource } from './segment-source.js'
import { loadSharedKernels, type SharedKernels } from './shared-kernels.js'
import {
  controlBytes,
  hasLong,
  noteLong,
  pairsMax,
  recordBytes,
  type SharedMapPlace,
  scratchByte,
  wordsOf,
} from './shared-map-place.js'
import { SharedParts } from './shared-parts.js'

const laneBytes = 8

/**
 * Rows looked up at once: the more there are, the more of them lie near one another in the map. Fewer where
 * keys may be told by hashes, since there has to be room for reading their segments then.
 */
export const packedPieceRows = { alone: 2 ** 14, beside: 2 ** 11 }

/**
 * Bytes of the entries of a bucket, at most: dozens of times of what is usual. So keys that were chosen for
 * their place do not make look-ups slow, and all that one names has room.
 */
export const bucketBytesMax = 8192

/** What a window holds: records, words of what was found, words of candidates. */
const foundByte = pairsMax * recordBytes
const candidatesByte = foundByte + pairsMax * laneBytes
const candidatesMax = 4096
const writtenByte = scratchByte + 1024

/** Bytes of the arena that looking up so many rows of so many columns takes. */
export function findPackedBytes(rows: number, columns: number): number {
  return Math.min(rows, packedPieceRows.alone) * columns * 2 * recordBytes + candidatesMax * laneBytes + 8192
}

/** What became of making a map. */
export type PackedMapOutcome = PackedMap | 'tooLarge' | 'failed'

export class PackedMap {
  readonly #kernels: SharedKernels
  readonly #source: SegmentSource
  readonly #candidates: KeyCandidates
  readonly #place: SharedMapPlace
  readonly #packing: PackingShape
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #ends = controlBytes
  /** How entries begin, as kernels take it. */
  readonly #head: number
  readonly #entries: number
  readonly #window: number
  /** Bytes of an entry where all have as many, else 0. */
  #stride = 0
  /** In the arena. */
  readonly #tables: number
  /** Whether keys of the table are told by hashes, and whether any was asked for in this piece. */
  #hasLong = false
  #named = false

  private constructor(
    source: SegmentSource,
    place: SharedMapPlace,
    window: number,
    candidates: KeyCandidates,
  ) {
    const { packing, head } = place
    assert(packing !== null && head !== null, 'a map of packed keys says how they are packed')
    this.#kernels = loadSharedKernels(place.memory)
    this.#source = source
    this.#candidates = candidates
    this.#place = place
    this.#packing = packing
    this.#head = (head.bytes << 16) | (head.offsetBits << 8) | head.sizeBase
    this.#bytes = new Uint8Array(place.memory.buffer)
    this.#view = new DataView(place.memory.buffer)
    this.#entries = this.#ends + place.buckets * 4
    this.#window = window
    const { arena } = source.memory
    const bytes = packing.tablesBytes
    this.#tables = arena.allocate(bytes)
    arena.bytes.set(this.#bytes.subarray(place.tables, place.tables + bytes), this.#tables)
  }

  /**
   * The map, filled. Takes part in filling it, or waits for those who do. The packing stays in the arena.
   * @param window the worker's own, an address in the map's memory
   * @throws MillraceError `MILLRACE_CORRUPT` when a key segment is damaged
   */
  static attach(
    place: SharedMapPlace,
    window: number,
    reader: StoredNodeReader,
    candidates: KeyCandidates,
  ): PackedMapOutcome {
    const { source, groupCount } = reader
    const map = new PackedMap(source, place, window, candidates)
    const check = () => source.reader.check()
    const counted = new SharedParts(wordsOf(place, 'count'), groupCount, check)
    if (!counted.run((group) => map.#eachRecords(reader, group, false, map.#count))) return 'failed'
    const summed = new SharedParts(wordsOf(place, 'sum'), 1, check)
    if (!summed.run(() => map.#sum())) return 'tooLarge'
    const added = new SharedParts(wordsOf(place, 'add'), groupCount, check)
    if (!added.run((group) => map.#eachRecords(reader, group, true, map.#add))) return 'failed'
    map.#hasLong = hasLong(place)
    const { least, most } = map.#packing
    if (!map.#hasLong && least === most) map.#stride = place.head!.bytes + least - 2
    return map
  }

  /** Answers those keys of one or two columns that have no answer yet. */
  find({ rows, columns }: Asked): void {
    const pieceRows = this.#hasLong ? packedPieceRows.beside : packedPieceRows.alone
    for (let start = 0; start < rows; start += pieceRows) {
      const piece = Math.min(pieceRows, rows - start)
      this.#findPiece({
        rows: piece,
        columns: columns.map(({ values, nulls, answers }) => ({
          values: values + start * laneBytes,
          nulls: nulls === 0 ? 0 : nulls + start,
          answers: answers + start * laneBytes,
        })),
      })
    }
  }

  #findPiece(asked: Asked): void {
    const { rows, columns } = asked
    const { arena, kernels } = this.#source.memory
    const mark = arena.mark()
    const scattered = arena.allocate(rows * columns.length * recordBytes)
    const records = arena.allocate(rows * columns.length * recordBytes)
    const places = arena.allocate(2048)
    const words = arena.allocate(candidatesMax * laneBytes)
    let count = 0
    for (const [index, column] of columns.entries()) {
      count += this.#pack(column, rows, index * rows, this.#hasLong, records + count * recordBytes)
    }
    kernels.scatterRecords(records, count, places, scattered)
    this.#named = false
    for (let at = 0; at < count; ) {
      const some = Math.min(pairsMax, count - at)
      const from = scattered + at * recordBytes
      this.#bytes.set(new Uint8Array(arena.memory.buffer, from, some * recordBytes), this.#window)
      at += this.#probe(some, asked, words)
    }
    if (this.#named) this.#candidates.finish()
    arena.release(mark)
  }

  /** Looks up the records in the window. Returns how many of them were. */
  #probe(count: number, asked: Asked, words: number): number {
    const { rows, columns } = asked
    const { arena, kernels } = this.#source.memory
    const found = this.#window + foundByte
    const named = this.#window + candidatesByte
    const written = this.#window + writtenByte
    const consumed = this.#kernels.findPacked(
      this.#window,
      count,
      this.#head,
      this.#stride,
      this.#ends,
      this.#place.buckets,
      this.#entries,
      this.#window + scratchByte,
      found,
      named,
      candidatesMax,
      written,
    )
    const foundCount = this.#view.getUint32(written, true)
    const namedCount = this.#view.getUint32(written + 4, true)
    const [column, later = column!] = columns
    arena.bytes.set(this.#bytes.subarray(found, found + foundCount * laneBytes), words)
    kernels.takeAnswers(words, foundCount, rows, column!.answers, later.answers - rows * laneBytes)
    if (namedCount > 0) {
      if (!this.#named) this.#candidates.begin(asked)
      this.#named = true
      arena.bytes.set(this.#bytes.subarray(named, named + namedCount * laneBytes), words)
      this.#candidates.add(words, namedCount)
    }
    return consumed
  }

  /** Writes records of rows without an answer (`answers` 0: all); returns how many. */
  #pack(
    { values, nulls, answers }: AskedColumn,
    rows: number,
    first: number,
    takesLong: boolean,
    to: number,
  ): number {
    const { contexts, shift, placedByte, least, most } = this.#packing
    return this.#source.memory.kernels.packStrings(
      values,
      nulls,
      answers,
      rows,
      first,
      this.#tables,
      contexts,
      shift,
      placedByte === 0 ? 0 : this.#tables + placedByte,
      least | (most << 8),
      takesLong ? 1 : 0,
      to,
    )
  }

  /**
   * Puts records of a group's keys into the window, some at a time, and calls `each` with their number.
   * False: `each` says so.
   */
  #eachRecords(
    reader: StoredNodeReader,
    group: number,
    verified: boolean,
    each: (count: number) => boolean,
  ): boolean {
    const { arena, decoder } = this.#source.memory
    const { table } = reader
    const mark = arena.mark()
    const records = arena.allocate(pairsMax * recordBytes)
    const place: RunPlace = { table: table.name, column: table.columns[table.keyColumn]!.name }
    const segment = table.groups[group]!.segments.at(table.keyColumn)!
    const content = this.#source.contentPastPool(segment, place, verified)
    const keys = decoder.decodeLanes(segment, content, describePlace(place))
    const first = reader.groupStart(group)
    let goesOn = true
    for (let row = 0; row < keys.rows && goesOn; row += pairsMax) {
      const rows = Math.min(pairsMax, keys.rows - row)
      const column = {
        values: keys.values + row * laneBytes,
        nulls: keys.nullCount === 0 ? 0 : keys.nulls + row,
        answers: 0,
      }
      const count = this.#pack(column, rows, first + row, true, records)
      this.#bytes.set(new Uint8Array(arena.memory.buffer, records, count * recordBytes), this.#window)
      goesOn = each(count)
    }
    arena.release(mark)
    return goesOn
  }

  readonly #count = (count: number): boolean => {
    const { buckets } = this.#place
    const scratch = this.#window + scratchByte
    const hashes = this.#kernels.countPacked(this.#window, count, this.#head, this.#ends, buckets, scratch)
    if (hashes > 0) noteLong(this.#place)
    return true
  }

  #sum(): boolean {
    const { buckets, entriesBytes } = this.#place
    return this.#kernels.sumPacked(this.#ends, buckets, entriesBytes, bucketBytesMax) === 0
  }

  readonly #add = (count: number): boolean => {
    const { buckets } = this.#place
    const scratch = this.#window + scratchByte
    const to = [this.#ends, buckets, this.#entries, scratch] as const
    return this.#kernels.addPacked(this.#window, count, this.#head, ...to) === 0
  }
}
