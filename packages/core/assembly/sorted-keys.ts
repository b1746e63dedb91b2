/**
 * Kernels of the sorted groups: int keys that are found by arithmetic or by search, without an index.
 * Conventions: as in `keys.ts`.
 */
import { sumCounts } from './counts'

/**
 * Resolves int keys against sorted groups. `groups`: records of 32 bytes ascending by min: i64 min, i64 max,
 * i64 node offset of the first row, u64 dense (1: the keys are min … max without a gap).
 * Only lanes of `out` that are −1 are looked at; rows whose null byte is set stay −1. `nulls` may be 0.
 * @returns how many lanes were marked with −2 − slot
 */
export function resolveSorted(
  keys: usize,
  nulls: usize,
  rows: u32,
  groups: usize,
  groupCount: u32,
  out: usize,
): u32 {
  let marked: u32 = 0
  let slot: u32 = 0
  for (let row: u32 = 0; row < rows; ++row) {
    const at = out + (row << 3)
    if (load<i64>(at) !== -1 || (nulls !== 0 && load<u8>(nulls + row) !== 0)) continue
    const key = load<i64>(keys + (row << 3))
    let group = groups + (slot << 5)
    if (key < load<i64>(group) || key > load<i64>(group, 8)) {
      // The last group whose min is not above the key.
      let low: u32 = 0
      let high: u32 = groupCount
      while (low < high) {
        const middle = (low + high) >>> 1
        if (load<i64>(groups + (middle << 5)) <= key) low = middle + 1
        else high = middle
      }
      if (low === 0) continue
      slot = low - 1
      group = groups + (slot << 5)
      if (key > load<i64>(group, 8)) continue
    }
    if (load<u64>(group, 24) !== 0) {
      store<i64>(at, load<i64>(group, 16) + key - load<i64>(group))
    } else {
      store<i64>(at, -2 - <i64>slot)
      marked += 1
    }
  }
  return marked
}

/**
 * Resolves int keys against one dense range: a key from `min` to `max` is the node `firstOffset` + key − min,
 * any other is −1, and so is a null one. Writes every lane of `out`. `nulls` may be 0.
 * @returns lanes that are −1
 */
export function resolveRange(
  keys: usize,
  nulls: usize,
  rows: u32,
  min: i64,
  max: i64,
  firstOffset: f64,
  out: usize,
): u32 {
  const shift = <i64>firstOffset - min
  const mins = i64x2.splat(min)
  const maxs = i64x2.splat(max)
  const shifts = i64x2.splat(shift)
  let outside = i64x2.splat(0)
  const pairs = rows & ~1
  for (let row: u32 = 0; row < pairs; row += 2) {
    const key = v128.load(keys + (row << 3))
    const beyond = v128.or(i64x2.lt_s(key, mins), i64x2.gt_s(key, maxs))
    outside = i64x2.sub(outside, beyond)
    v128.store(out + (row << 3), v128.or(beyond, i64x2.add(key, shifts)))
  }
  let missing = <u32>(i64x2.extract_lane(outside, 0) + i64x2.extract_lane(outside, 1))
  if (pairs < rows) {
    const key = load<i64>(keys + (pairs << 3))
    const beyond = key < min || key > max
    missing += <u32>beyond
    store<i64>(out + (pairs << 3), beyond ? -1 : key + shift)
  }
  if (nulls === 0) return missing
  for (let row: u32 = 0; row < rows; ++row) {
    if (load<u8>(nulls + row) === 0 || load<i64>(out + (row << 3)) === -1) continue
    store<i64>(out + (row << 3), -1)
    missing += 1
  }
  return missing
}

/**
 * Orders the marked rows (answer −2 − slot) by slot, and within one as they come. `counts`, `places`: `slots`
 * u32; `counts` holds the rows of each slot afterwards. `order`: u32 per marked row.
 */
export function orderMarked(
  answers: usize,
  rows: u32,
  slots: u32,
  counts: usize,
  places: usize,
  order: usize,
): void {
  memory.fill(counts, 0, (<usize>slots) << 2)
  for (let row: u32 = 0; row < rows; ++row) {
    const answer = load<i64>(answers + (row << 3))
    if (answer >= -1) continue
    const at = counts + ((<usize>(-2 - answer)) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  sumCounts(counts, places, slots)
  for (let row: u32 = 0; row < rows; ++row) {
    const answer = load<i64>(answers + (row << 3))
    if (answer >= -1) continue
    const at = places + ((<usize>(-2 - answer)) << 2)
    const place = load<u32>(at)
    store<u32>(at, place + 1)
    store<u32>(order + (place << 2), row)
  }
}

/**
 * The first of `rows` sorted lanes that is `key` or more, or `rows`. `guess`: a lane to begin at; the nearer
 * it is, the fewer are looked at.
 */
function placeOf(key: i64, lanes: usize, rows: u32, guess: u32): u32 {
  let low: u32 = 0
  let high: u32 = rows
  let step: u32 = 1
  if (load<i64>(lanes + (guess << 3)) < key) {
    low = guess + 1
    while (low + step <= rows && load<i64>(lanes + ((low + step - 1) << 3)) < key) {
      low += step
      step <<= 1
    }
    high = min(rows, low + step - 1)
  } else {
    high = guess
    while (high >= step && load<i64>(lanes + ((high - step) << 3)) >= key) {
      high -= step
      step <<= 1
    }
    low = high >= step ? high - step + 1 : 0
  }
  while (low < high) {
    const middle = (low + high) >>> 1
    if (load<i64>(lanes + (middle << 3)) < key) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Looks up the keys of `count` rows at `order`, which lie between the first and the last of the sorted
 * `lanes` of a group; −1 is the answer where they are not there. Where they should be if keys were evenly
 * spaced is where the search begins.
 */
export function searchSorted(
  keys: usize,
  order: usize,
  count: u32,
  answers: usize,
  lanes: usize,
  laneRows: u32,
  firstOffset: f64,
): void {
  const first = <i64>firstOffset
  const least = load<i64>(lanes)
  const last = laneRows - 1
  const distance = <f64>(<u64>(load<i64>(lanes + (last << 3)) - least))
  const perKey = distance === 0 ? 0 : <f64>last / distance
  for (const end = order + ((<usize>count) << 2); order < end; order += 4) {
    const row = load<u32>(order)
    const key = load<i64>(keys + (row << 3))
    const guess = min(last, <u32>(<f64>(<u64>(key - least)) * perKey))
    const place = placeOf(key, lanes, laneRows, guess)
    const isThere = place < laneRows && load<i64>(lanes + (place << 3)) === key
    store<i64>(answers + (row << 3), isThere ? first + <i64>place : -1)
  }
}

/**
 * Scatters the marked rows (answer −2 − slot) as pairs {key, firstOffset + row} by key range into `out`, in
 * order within a partition. Partition p holds the keys from bounds[p − 1] up to, but not including,
 * bounds[p]; `bounds`: `partitions` − 1 i64, ascending. `counts`, `places`: `partitions` u32; `counts` holds
 * the pairs of each partition afterwards.
 */
export function partitionMarked(
  keys: usize,
  answers: usize,
  rows: u32,
  firstOffset: f64,
  bounds: usize,
  partitions: u32,
  counts: usize,
  places: usize,
  out: usize,
): void {
  const first = <u64>firstOffset
  memory.fill(counts, 0, (<usize>partitions) << 2)
  for (let row: u32 = 0; row < rows; ++row) {
    if (load<i64>(answers + (row << 3)) >= -1) continue
    const at = counts + (rangeOf(load<i64>(keys + (row << 3)), bounds, partitions) << 2)
    store<u32>(at, load<u32>(at) + 1)
  }
  sumCounts(counts, places, partitions)
  for (let row: u32 = 0; row < rows; ++row) {
    if (load<i64>(answers + (row << 3)) >= -1) continue
    const key = load<i64>(keys + (row << 3))
    const at = places + (rangeOf(key, bounds, partitions) << 2)
    const place = load<u32>(at)
    store<u32>(at, place + 1)
    store<i64>(out + (place << 4), key)
    store<u64>(out + (place << 4), first + <u64>row, 8)
  }
}

/** How many of the `partitions` − 1 bounds are not above the key. */
function rangeOf(key: i64, bounds: usize, partitions: u32): usize {
  let low: u32 = 0
  let high: u32 = partitions - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (load<i64>(bounds + (middle << 3)) <= key) low = middle + 1
    else high = middle
  }
  return low
}

/** Copies the first words of `count` pairs, one behind the other, to `out`. */
export function firstWords(pairs: usize, count: u32, out: usize): void {
  for (let index: u32 = 0; index < count; ++index) {
    store<u64>(out + (index << 3), load<u64>(pairs + (index << 4)))
  }
}
