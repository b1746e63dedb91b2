/**
 * The sorted groups of a node table's key index: groups whose keys strictly increase and that overlap no
 * other sorted group. A key is found by arithmetic where a group is dense (its keys are min … max without a
 * gap), else by search in its segment.
 */
import type { RunPlace } from '../buffer/index.js'
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
export function isDense(group: SortedGroup): boolean {
  return group.max - group.min + 1n === BigInt(group.segment.rows)
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

/** Bytes of a record that `resolveSorted` reads: min, max, first offset, dense. */
const groupBytes = 32

/** Writes the groups as the kernel reads them, into the arena. The region belongs to the caller. */
export function placeSortedGroups(source: SegmentSource, sorted: SortedGroups): number {
  const { arena } = source.memory
  const address = arena.allocate(Math.max(1, sorted.groups.length) * groupBytes)
  const view = new DataView(arena.memory.buffer, address)
  sorted.groups.forEach((group, index) => {
    view.setBigInt64(index * groupBytes, group.min, true)
    view.setBigInt64(index * groupBytes + 8, group.max, true)
    view.setBigInt64(index * groupBytes + 16, BigInt(group.firstOffset), true)
    view.setBigInt64(index * groupBytes + 24, isDense(group) ? 1n : 0n, true)
  })
  return address
}

/**
 * Resolves the int keys whose lane of `answers` is −1 against sorted groups; lanes without an answer stay −1.
 * @param placed the address that `placeSortedGroups` returned
 */
export function resolveSortedKeys(
  source: SegmentSource,
  sorted: SortedGroups,
  placed: number,
  keys: { readonly values: number; readonly nulls: number; readonly rows: number },
  answers: number,
  place: RunPlace,
): void {
  const { arena, kernels } = source.memory
  const count = sorted.groups.length
  if (count === 0) return
  const marked = kernels.resolveSorted(keys.values, keys.nulls, keys.rows, placed, count, answers)
  if (marked === 0) return
  const mark = arena.mark()
  const slots = arena.allocate(count)
  arena.bytes.fill(0, slots, slots + count)
  kernels.markSlots(answers, keys.rows, slots)
  for (let slot = 0; slot < count; slot++) {
    if (new Uint8Array(arena.memory.buffer)[slots + slot] === 0) continue
    const group = sorted.groups[slot]!
    const groupMark = arena.mark()
    const lanes = source.lanes(group.segment, place)
    const { values, rows } = keys
    kernels.searchSorted(values, rows, answers, slot, lanes.values, lanes.rows, group.firstOffset)
    arena.release(groupMark)
  }
  arena.release(mark)
}
