/**
 * A map of the codes of all keys of a node table that arithmetic does not find (`key-codes.ts`), in one
 * memory that all parse workers share: 14.4 bytes a key, and nothing is read for looking one up.
 *
 * ```
 * | control: 64 KiB | buckets and overflow (`assembly/shared/code-map.ts`) | a window for each worker |
 * ```
 *
 * Invariants
 * - Deleted nodes, whose keys are null, have no code.
 * - Built once, by whichever workers come: they go over the key segments to mark the alphabets, and, when
 *   that is done, over them again to add the codes. Every worker makes the same alphabets of the same marks.
 * - Marks of alphabets are only ever set to 1, before the parts they belong to are counted as done. Buckets
 *   are written under their locks, and read when all parts are done. A window is one worker's own.
 */
import { describePlace, type RunPlace } from '../buffer/index.js'
import { assert } from '../errors/index.js'
import { physicalTypeOf } from '../types/index.js'
import type { Asked, AskedColumn } from './key-candidates.js'
import { alphabetOf, codePositionsMax, type KeyAlphabet, seenBytes } from './key-codes.js'
import type { StoredNodeReader } from './node-reader.js'
import type { SegmentSource } from './segment-source.js'
import { loadSharedKernels, type SharedKernels } from './shared-kernels.js'
import {
  controlBytes,
  pairBytes,
  pairsMax,
  type SharedMapPlace,
  scratchByte,
  wordsByte,
  wordsOf,
} from './shared-map-place.js'
import { SharedParts } from './shared-parts.js'
import { denseGroups } from './sorted-keys.js'

const laneBytes = 8

/** Rows looked up at once: the more there are, the more of them lie near one another in the map. */
const pieceRows = 2 ** 16

/** Bytes of the arena that looking up so many rows of so many columns takes. */
export function findBytes(rows: number, columns: number): number {
  return Math.min(rows, pieceRows) * columns * 2 * pairBytes + 4096
}

/** What became of making a map. */
export type CodeMapOutcome = CodeMap | 'noCodes' | 'failed'

export class CodeMap {
  readonly #kernels: SharedKernels
  readonly #source: SegmentSource
  readonly #bytes: Uint8Array
  readonly #buckets: number
  readonly #slots: number
  readonly #window: number
  /** Of string keys: in the arena, and how many positions it has. */
  #alphabet = 0
  #positions = 0

  private constructor(source: SegmentSource, place: SharedMapPlace, window: number) {
    this.#kernels = loadSharedKernels(place.memory)
    this.#source = source
    this.#bytes = new Uint8Array(place.memory.buffer)
    this.#buckets = place.buckets
    this.#slots = place.slots
    this.#window = window
  }

  /**
   * The map, filled. Takes part in filling it, or waits for those who do. The alphabet stays in the arena.
   * @param window the worker's own, an address in the map's memory
   * @throws MillraceError `MILLRACE_CORRUPT` when a key segment is damaged
   */
  static attach(place: SharedMapPlace, window: number, reader: StoredNodeReader): CodeMapOutcome {
    const { table, source } = reader
    const map = new CodeMap(source, place, window)
    const dense = denseGroups(table)
    const groups = table.groups.map((_, group) => group).filter((group) => !dense.has(group))
    const check = () => source.reader.check()
    if (physicalTypeOf(table.columns[table.keyColumn]!.type) === 'string') {
      const scanned = new SharedParts(wordsOf(place, 'scan'), groups.length, check)
      const seen = new Uint8Array(place.memory.buffer, controlBytes - seenBytes, seenBytes)
      if (!scanned.run((part) => map.#scan(reader, groups[part]!, seen))) return 'noCodes'
      const alphabet = alphabetOf(seen)
      if (alphabet === null) return 'noCodes'
      map.#placeAlphabet(alphabet)
    }
    const added = new SharedParts(wordsOf(place, 'add'), groups.length, check)
    return added.run((part) => map.#addGroup(reader, groups[part]!)) ? map : 'failed'
  }

  /** Answers those keys of one or two columns that have no answer yet. */
  find({ rows, columns }: Asked): void {
    for (let start = 0; start < rows; start += pieceRows) {
      const piece = Math.min(pieceRows, rows - start)
      this.#findPiece(
        piece,
        columns.map(({ values, nulls, answers }) => ({
          values: values + start * laneBytes,
          nulls: nulls === 0 ? 0 : nulls + start,
          answers: answers + start * laneBytes,
        })),
      )
    }
  }

  #findPiece(rows: number, columns: readonly AskedColumn[]): void {
    const { arena, kernels } = this.#source.memory
    const mark = arena.mark()
    const scattered = arena.allocate(rows * columns.length * pairBytes)
    const pairs = arena.allocate(rows * columns.length * pairBytes)
    const places = arena.allocate(1024)
    let count = 0
    for (const [index, { values, nulls, answers }] of columns.entries()) {
      count += this.#code(values, nulls, answers, rows, index * rows, pairs + count * pairBytes)
    }
    kernels.scatterPairs(pairs, count, places, scattered)
    const [column, later = column!] = columns
    for (let at = 0; at < count; at += pairsMax) {
      const some = Math.min(pairsMax, count - at)
      const from = scattered + at * pairBytes
      this.#bytes.set(new Uint8Array(arena.memory.buffer, from, some * pairBytes), this.#window)
      const words = this.#window + wordsByte
      const scratch = this.#window + scratchByte
      const map = [controlBytes, this.#buckets, this.#slots] as const
      const found = this.#kernels.findCodes(this.#window, some, ...map, scratch, words)
      // The pairs have been scattered: their place is free.
      arena.bytes.set(this.#bytes.subarray(words, words + found * 8), pairs)
      kernels.takeAnswers(pairs, found, rows, column!.answers, later.answers - rows * laneBytes)
    }
    arena.release(mark)
  }

  /**
   * Writes pairs {mixed code, first + row} for rows without an answer (`answers` 0: all); returns how many.
   */
  #code(values: number, nulls: number, answers: number, rows: number, first: number, pairs: number): number {
    const { kernels } = this.#source.memory
    if (this.#alphabet === 0) return kernels.codeInts(values, nulls, answers, rows, first, pairs)
    return kernels.codeStrings(values, nulls, answers, rows, first, this.#alphabet, this.#positions, pairs)
  }

  #placeAlphabet({ positions, words }: KeyAlphabet): void {
    const { arena } = this.#source.memory
    this.#alphabet = arena.allocate(words.byteLength)
    this.#positions = positions
    new BigUint64Array(arena.memory.buffer, this.#alphabet, words.length).set(words)
  }

  /** Marks the bytes of a group's keys. False: one is too long. */
  #scan(reader: StoredNodeReader, group: number, seen: Uint8Array): boolean {
    const { arena, kernels } = this.#source.memory
    const mark = arena.mark()
    const marks = arena.allocate(seenBytes)
    arena.bytes.fill(0, marks, marks + seenBytes)
    const keys = this.#lanes(reader, group, false)
    const nulls = keys.nullCount === 0 ? 0 : keys.nulls
    const fits = kernels.scanStrings(keys.values, nulls, keys.rows, codePositionsMax, marks) === keys.rows
    const marked = new Uint8Array(arena.memory.buffer, marks, seenBytes)
    for (let at = 0; at < seenBytes; at++) if (marked[at] === 1) seen[at] = 1
    arena.release(mark)
    return fits
  }

  /** Adds the codes of a group's keys, those of deleted nodes excepted. False: one finds no place. */
  #addGroup(reader: StoredNodeReader, group: number): boolean {
    const { arena } = this.#source.memory
    const mark = arena.mark()
    const pairs = arena.allocate(pairsMax * pairBytes)
    const isInt = this.#alphabet === 0
    const keys = this.#lanes(reader, group, !isInt)
    const first = reader.groupStart(group)
    const hasNulls = keys.nullCount > 0
    let added = 0
    let placed = true
    for (let row = 0; row < keys.rows && placed; row += pairsMax) {
      const rows = Math.min(pairsMax, keys.rows - row)
      const nulls = hasNulls ? keys.nulls + row : 0
      const count = this.#code(keys.values + row * laneBytes, nulls, 0, rows, first + row, pairs)
      added += count
      this.#bytes.set(new Uint8Array(arena.memory.buffer, pairs, count * pairBytes), this.#window)
      const scratch = this.#window + scratchByte
      const status = this.#kernels.addCodes(
        this.#window,
        count,
        controlBytes,
        this.#buckets,
        this.#slots,
        scratch,
      )
      placed = status === 0
    }
    arena.release(mark)
    const live = keys.rows - keys.nullCount
    assert(!placed || added === live, `${added} of ${live} keys of table ${reader.table.name} have codes`)
    return placed
  }

  /** The decoded keys of a group, in the arena. */
  #lanes(reader: StoredNodeReader, group: number, verified: boolean) {
    const { table } = reader
    const { decoder } = this.#source.memory
    const place: RunPlace = { table: table.name, column: table.columns[table.keyColumn]!.name }
    const segment = table.groups[group]!.segments.at(table.keyColumn)!
    const address = this.#source.contentPastPool(segment, place, verified)
    return decoder.decodeLanes(segment, address, describePlace(place))
  }
}
