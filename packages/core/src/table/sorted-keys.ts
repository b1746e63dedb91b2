/**
 * The sorted groups of a node table's key index: groups whose keys strictly increase and that overlap no
 * other sorted group. A key is found by arithmetic where a group is dense (its keys are min … max without a
 * gap), else by search in its segment.
 */
import type { RunPlace } from '../buffer/index.js'
import type { NodeTable } from '../catalog/index.js'
import type { SegmentDescriptor } from '../column/index.js'
import { assert } from '../errors/index.js'
import type { SegmentSource } from './segment-source.js'

export interface SortedGroup {
  readonly min: bigint
  readonly max: bigint
  /** Node offset of the group's first row. */
  readonly firstOffset: number
  readonly segment: SegmentDescriptor
}

/** The smallest and largest key of an int segment. */
export function intRange(segment: SegmentDescriptor): { min: bigint; max: bigint } {
  assert(segment.stats.kind === 'int', `key statistics of kind ${segment.stats.kind}`)
  return { min: segment.stats.min, max: segment.stats.max }
}

/** True when the group's keys are exactly min … max. */
export function isDense({ min, max, segment }: Omit<SortedGroup, 'firstOffset'>): boolean {
  return max - min + 1n === BigInt(segment.rows)
}

/** The row groups whose keys arithmetic finds: those that are sorted and dense. */
export function denseGroups(table: NodeTable): ReadonlySet<number> {
  const isDenseGroup = (group: number) => {
    const segment = table.groups[group]!.segments.at(table.keyColumn)!
    return isDense({ ...intRange(segment), segment })
  }
  return new Set(table.keys.sortedGroups.filter(isDenseGroup))
}

/** Keys that arithmetic does not find: those of all other row groups. */
export function keysBeyondArithmetic(table: NodeTable): number {
  const dense = denseGroups(table)
  return table.groups.reduce((sum, { rows }, group) => (dense.has(group) ? sum : sum + rows), 0)
}

/** True when every key of the table lies in a dense sorted group. */
export function resolvesByArithmetic(table: NodeTable): boolean {
  return table.keys.runs.length === 0 && keysBeyondArithmetic(table) === 0
}

/** A list of disjoint sorted groups, ascending by their keys. */
export class SortedGroups {
  readonly groups: SortedGroup[] = []

  /** The place of the first group whose max is `key` or more. */
  #placeOf(key: bigint): number {
    const { groups } = this
    let low = 0
    let high = groups.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (groups[middle]!.max < key) low = middle + 1
      else high = middle
    }
    return low
  }

  /** True when a group has keys in min … max. */
  overlaps(min: bigint, max: bigint): boolean {
    const group = this.groups[this.#placeOf(min)]
    return group !== undefined && group.min <= max
  }

  /** Adds a group that overlaps none. */
  add(group: SortedGroup): void {
    this.groups.splice(this.#placeOf(group.min), 0, group)
  }

  /** The group whose min … max holds `key`. */
  find(key: bigint): SortedGroup | undefined {
    const group = this.groups[this.#placeOf(key)]
    return group !== undefined && group.min <= key ? group : undefined
  }
}

/** A range of keys as `resolveSorted` sees it: dense groups that follow one another, or one other group. */
interface PlacedRange {
  readonly min: bigint
  readonly max: bigint
  readonly firstOffset: number
  readonly dense: boolean
  /** The first of its groups; the only one unless they are dense. */
  readonly group: SortedGroup
}

/** Sorted groups in an arena, as the kernels read them. */
export interface PlacedGroups {
  readonly address: number
  readonly ranges: readonly PlacedRange[]
}

/** Bytes of a record that `resolveSorted` reads: min, max, first offset, dense. */
const rangeBytes = 32

/** Joins dense groups whose keys and offsets go on where those of the one before end. */
export function rangesOf(groups: readonly SortedGroup[]): PlacedRange[] {
  const ranges: PlacedRange[] = []
  for (const group of groups) {
    const { min, max, firstOffset } = group
    const dense = isDense(group)
    const last = ranges[ranges.length - 1]
    const continues =
      last?.dense &&
      dense &&
      last.max + 1n === min &&
      last.firstOffset + Number(min - last.min) === firstOffset
    if (continues) ranges[ranges.length - 1] = { ...last, max }
    else ranges.push({ min, max, firstOffset, dense, group })
  }
  return ranges
}

/** Writes the groups as the kernels read them, into the arena. The region belongs to the caller. */
export function placeSortedGroups(source: SegmentSource, sorted: SortedGroups): PlacedGroups {
  const { arena } = source.memory
  const ranges = rangesOf(sorted.groups)
  const address = arena.allocate(Math.max(1, ranges.length) * rangeBytes)
  const view = new DataView(arena.memory.buffer, address)
  ranges.forEach((range, index) => {
    view.setBigInt64(index * rangeBytes, range.min, true)
    view.setBigInt64(index * rangeBytes + 8, range.max, true)
    view.setBigInt64(index * rangeBytes + 16, BigInt(range.firstOffset), true)
    view.setBigInt64(index * rangeBytes + 24, range.dense ? 1n : 0n, true)
  })
  return { address, ranges }
}

/** Int keys in an arena. */
export interface IntKeys {
  readonly values: number
  /** 0 when none is null. */
  readonly nulls: number
  readonly rows: number
}

/**
 * Resolves all keys where the table's whole key space is one dense range: a comparison and an addition each.
 * @returns keys without a node; null when the groups are no such range (nothing is written then)
 */
export function resolveDenseKeys(
  source: SegmentSource,
  placed: PlacedGroups,
  keys: IntKeys,
  answers: number,
): number | null {
  const [range] = placed.ranges
  if (range === undefined || placed.ranges.length > 1 || !range.dense) return null
  const { min, max, firstOffset } = range
  return source.memory.kernels.resolveRange(
    keys.values,
    keys.nulls,
    keys.rows,
    min,
    max,
    firstOffset,
    answers,
  )
}

/**
 * Resolves the int keys whose lane of `answers` is −1 against sorted groups; lanes without an answer stay −1.
 */
export function resolveSortedKeys(
  source: SegmentSource,
  placed: PlacedGroups,
  keys: IntKeys,
  answers: number,
  place: RunPlace,
): void {
  const { arena, kernels } = source.memory
  const count = placed.ranges.length
  if (count === 0) return
  const marked = kernels.resolveSorted(keys.values, keys.nulls, keys.rows, placed.address, count, answers)
  if (marked === 0) return
  const mark = arena.mark()
  const { values, rows } = keys
  const counts = arena.allocate(count * 4)
  const places = arena.allocate(count * 4)
  let order = arena.allocate(marked * 4)
  kernels.orderMarked(answers, rows, count, counts, places, order)
  for (let slot = 0; slot < count; slot++) {
    const asked = new Uint32Array(arena.memory.buffer, counts, count)[slot]!
    if (asked === 0) continue
    const { group } = placed.ranges[slot]!
    const groupMark = arena.mark()
    const lanes = source.lanes(group.segment, place)
    kernels.searchSorted(values, order, asked, answers, lanes.values, lanes.rows, group.firstOffset)
    order += asked * 4
    arena.release(groupMark)
  }
  arena.release(mark)
}
