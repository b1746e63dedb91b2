// Lanes of texts (address, length) become what a batch of columns has: offsets, and the bytes of all texts
// one behind the other.

/** Bytes of the texts in `rows` lanes, together. */
export function textBytes(values: usize, rows: u32): u32 {
  let sums = i32x4.splat(0)
  const whole = rows & ~3
  for (let row: u32 = 0; row < whole; row += 4, values += 32) {
    sums = i32x4.add(sums, i32x4.shuffle(v128.load(values), v128.load(values, 16), 1, 3, 5, 7))
  }
  let bytes =
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  for (let row = whole; row < rows; row++, values += 8) bytes += load<u32>(values, 4)
  return bytes as u32
}

/**
 * Writes the texts of `rows` lanes to `out`, and to `offsets` a 0 and where each of them ends. Reads up to 15
 * bytes behind a text, and writes up to 15 behind the last one.
 */
export function gatherTexts(values: usize, rows: u32, offsets: usize, out: usize): void {
  const heap = out
  store<u32>(offsets, 0)
  for (let row: u32 = 0; row < rows; row++) {
    const from = load<u32>(values) as usize
    const bytes = load<u32>(values, 4) as usize
    values += 8
    v128.store(out, v128.load(from))
    for (let done: usize = 16; done < bytes; done += 16) v128.store(out + done, v128.load(from + done))
    out += bytes
    offsets += 4
    store<u32>(offsets, (out - heap) as u32)
  }
}
