/** What counting sorts share. Conventions: as in `keys.ts`. */

/** Writes where each of `parts` parts begins to `places`, u32 each like the sizes in `counts`. */
export function sumCounts(counts: usize, places: usize, parts: u32): void {
  let sum: u32 = 0
  for (let part: u32 = 0; part < parts; ++part) {
    store<u32>(places + (part << 2), sum)
    sum += load<u32>(counts + (part << 2))
  }
}
