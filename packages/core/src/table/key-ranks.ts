/**
 * The ranks of a node table's keys, in the arena of one worker: where keys ascend as the nodes do, as they do
 * when they come from a file that is in their order, a key's node offset is the number of keys below it.
 *
 * ```
 * | 64 bits: which of so many numbers are keys | u32: keys before them | 64 bits | u32 | …   from the least key to the greatest
 * ```
 *
 * Where keys are close to one another this is a byte or so for each, and a look-up reads one word.
 *
 * Invariants
 * - A bit stands for a number itself: an answer is given for keys only.
 * - The region stays in the arena as long as the ranks are used.
 */
import type { NodeTable } from '../catalog/index.js'
import { assert, isMillraceError } from '../errors/index.js'
import { physicalTypeOf } from '../types/index.js'
import type { StoredNodeReader } from './node-reader.js'
import type { SegmentSource } from './segment-source.js'
import { type IntKeys, intRange } from './sorted-keys.js'

const wordBits = 64n
const wordBytes = 12
/** Words that have an address. */
const wordsMax = 2 ** 27
/** Keys that a word can count. */
const keysMax = 2 ** 32

interface KeyRange {
  readonly least: bigint
  /** Numbers from the least key to the greatest. */
  readonly span: bigint
}

/** Null where keys do not ascend. */
function ascending(table: NodeTable): KeyRange | null {
  const { keys, groups, keyColumn, columns, rowCount } = table
  if (physicalTypeOf(columns[keyColumn]!.type) !== 'int' || rowCount === 0 || rowCount >= keysMax) return null
  if (keys.runs.length > 0 || keys.sortedGroups.length < groups.length) return null
  const ranges = groups.map(({ segments }) => intRange(segments.at(keyColumn)!))
  if (ranges.some(({ min }, group) => group > 0 && min <= ranges[group - 1]!.max)) return null
  const least = ranges[0]!.min
  return { least, span: ranges.at(-1)!.max - least + 1n }
}

function wordsOf(span: bigint): number {
  return Number((span + wordBits - 1n) / wordBits)
}

function bytesOf({ span }: KeyRange): number {
  const words = wordsOf(span)
  return words > wordsMax ? 0 : words * wordBytes
}

/** Bytes that the ranks of a table's keys take; 0 where they have none. */
export function keyRanksBytes(table: NodeTable): number {
  const range = ascending(table)
  return range === null ? 0 : bytesOf(range)
}

export class KeyRanks {
  readonly #source: SegmentSource
  readonly #least: bigint
  readonly #span: bigint
  readonly #ranks: number

  private constructor(source: SegmentSource, { least, span }: KeyRange) {
    this.#source = source
    this.#least = least
    this.#span = span
    this.#ranks = source.memory.arena.allocate(wordsOf(span) * wordBytes)
  }

  /**
   * The ranks of the table's keys; null where they have none, or take more than `bytesMax` bytes or the
   * budget.
   */
  static build(source: SegmentSource, reader: StoredNodeReader, bytesMax: number): KeyRanks | null {
    const { table } = reader
    const range = ascending(table)
    const bytes = range === null ? 0 : bytesOf(range)
    if (range === null || bytes === 0 || bytes > bytesMax) return null
    const { arena } = source.memory
    const mark = arena.mark()
    try {
      const ranks = new KeyRanks(source, range)
      ranks.#fill(table)
      return ranks
    } catch (error) {
      arena.release(mark)
      if (isMillraceError(error, 'MILLRACE_MEMORY_BUDGET')) return null
      throw error
    }
  }

  #fill(table: NodeTable): void {
    const { arena, kernels } = this.#source.memory
    const words = wordsOf(this.#span)
    arena.bytes.fill(0, this.#ranks, this.#ranks + words * wordBytes)
    const place = { table: table.name, column: table.columns[table.keyColumn]!.name }
    for (const { segments } of table.groups) {
      const mark = arena.mark()
      const keys = this.#source.lanes(segments.at(table.keyColumn)!, place)
      kernels.markRanks(keys.values, keys.rows, this.#least, this.#ranks)
      arena.release(mark)
    }
    const keys = kernels.sumRanks(this.#ranks, words)
    assert(keys === table.rowCount, `${keys} of ${table.rowCount} keys of table ${table.name} differ`)
  }

  /** Writes the offset of each key's node to `out`, or −1. @returns keys without a node */
  find({ values, nulls, rows }: IntKeys, out: number): number {
    const { kernels } = this.#source.memory
    return kernels.findRanks(values, nulls, rows, this.#least, this.#span, this.#ranks, out)
  }
}
