/** Prefix codes (Huffman) of bounded length, as lookups from the lowest bit on take them. */

/** In tables of codes, in the place of a code's bits: there is none. */
export const noCode = 0xff

/** Bits of a code, at most. */
export const prefixBitsMax = 16

/** Bits of the code of each symbol, of 1 or more symbols; their weights are positive. */
export function prefixLengths(weights: readonly number[]): number[] {
  let scaled = [...weights]
  for (;;) {
    const lengths = huffmanLengths(scaled)
    if (Math.max(...lengths) <= prefixBitsMax) return lengths
    scaled = scaled.map((weight) => Math.ceil(weight / 4))
  }
}

/** Lengths without a bound. Two queues: of symbols by weight, and of what was made of two, which ascends. */
function huffmanLengths(weights: readonly number[]): number[] {
  const count = weights.length
  const order = weights.map((_, symbol) => symbol).sort((a, b) => weights[a]! - weights[b]! || a - b)
  const weightOf = order.map((symbol) => weights[symbol]!)
  const parents = new Array<number>(2 * count - 1).fill(0)
  let leaf = 0
  let inner = count
  const lightest = () => {
    const takesLeaf = leaf < count && (inner >= weightOf.length || weightOf[leaf]! <= weightOf[inner]!)
    return takesLeaf ? leaf++ : inner++
  }
  for (let node = count; node < 2 * count - 1; node++) {
    const left = lightest()
    const right = lightest()
    parents[left] = node
    parents[right] = node
    weightOf.push(weightOf[left]! + weightOf[right]!)
  }
  const depths = new Array<number>(2 * count - 1).fill(0)
  for (let node = 2 * count - 3; node >= 0; node--) depths[node] = depths[parents[node]!]! + 1
  const lengths = new Array<number>(count).fill(0)
  order.forEach((symbol, place) => {
    lengths[symbol] = depths[place]!
  })
  return lengths
}

/** Codes of these lengths, none of which begins another, their first bit lowest. */
export function prefixCodes(lengths: readonly number[]): number[] {
  const order = lengths.map((_, symbol) => symbol).sort((a, b) => lengths[a]! - lengths[b]! || a - b)
  const codes = new Array<number>(lengths.length).fill(0)
  let next = 0
  let bits = 0
  for (const symbol of order) {
    next <<= lengths[symbol]! - bits
    bits = lengths[symbol]!
    codes[symbol] = reversed(next, bits)
    next++
  }
  return codes
}

function reversed(code: number, bits: number): number {
  let out = 0
  for (let bit = 0; bit < bits; bit++) out |= ((code >> bit) & 1) << (bits - 1 - bit)
  return out
}
