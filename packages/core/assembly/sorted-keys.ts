/**
 * Kernels of the sorted groups: int keys that are found by arithmetic or by search, without an index.
 * Conventions: as in `keys.ts`.
 */

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
 * Finds the lanes of `out` that are −2 − slot in the sorted `lanes` of that group; −1 where they are not
 * there.
 */
export function searchSorted(
  keys: usize,
  rows: u32,
  out: usize,
  slot: u32,
  lanes: usize,
  laneRows: u32,
  firstOffset: f64,
): u32 {
  const mark: i64 = -2 - <i64>slot
  const first = <i64>firstOffset
  let found: u32 = 0
  for (let row: u32 = 0; row < rows; ++row) {
    const at = out + (row << 3)
    if (load<i64>(at) !== mark) continue
    const key = load<i64>(keys + (row << 3))
    let low: u32 = 0
    let high: u32 = laneRows
    while (low < high) {
      const middle = (low + high) >>> 1
      if (load<i64>(lanes + (middle << 3)) < key) low = middle + 1
      else high = middle
    }
    if (low < laneRows && load<i64>(lanes + (low << 3)) === key) {
      store<i64>(at, first + <i64>low)
      found += 1
    } else {
      store<i64>(at, -1)
    }
  }
  return found
}

/** Marks (1) at out[slot] which slots are marked in the lanes `answers`. */
export function markSlots(answers: usize, rows: u32, out: usize): void {
  for (let row: u32 = 0; row < rows; ++row) {
    const answer = load<i64>(answers + (row << 3))
    if (answer < -1) store<u8>(out + <usize>(-2 - answer), 1)
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
  let sum: u32 = 0
  for (let partition: u32 = 0; partition < partitions; ++partition) {
    store<u32>(places + (partition << 2), sum)
    sum += load<u32>(counts + (partition << 2))
  }
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
