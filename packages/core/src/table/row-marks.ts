/**
 * Marked rows of a load: a bit a row, and how many are marked before a row.
 *
 * Invariant: `before` is right only after `count` was settled by `settle`, and until the next `mark`.
 */
import type { MemoryBudget } from '../memory/index.js'

const rowsPerWord = 32
const wordsPerBlock = 32
const firstWords = 1024

function onesIn(word: number): number {
  let rest = word - ((word >>> 1) & 0x5555_5555)
  rest = (rest & 0x3333_3333) + ((rest >>> 2) & 0x3333_3333)
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

export class RowMarks {
  readonly #budget: MemoryBudget
  #words = new Uint32Array(0)
  /** Marked rows before each block of words. */
  #before = new Float64Array(0)
  #count = 0

  constructor(budget: MemoryBudget) {
    this.#budget = budget
  }

  /** Rows that are marked. */
  get count(): number {
    return this.#count
  }

  /** Row r is bit r % 32 of word r / 32. Rows behind the last word are not marked. */
  get words(): Uint32Array<ArrayBuffer> {
    return this.#words
  }

  /** @throws MillraceError `MILLRACE_MEMORY_BUDGET` */
  mark(row: number): void {
    const word = Math.floor(row / rowsPerWord)
    if (word >= this.#words.length) this.#grow(word + 1)
    const bit = 1 << (row % rowsPerWord)
    const before = this.#words[word]!
    if ((before & bit) !== 0) return
    this.#words[word] = before | bit
    this.#count += 1
  }

  has(row: number): boolean {
    const word = this.#words[Math.floor(row / rowsPerWord)]
    return word !== undefined && (word & (1 << (row % rowsPerWord))) !== 0
  }

  /** Makes `before` know all marks. */
  settle(): void {
    const blocks = Math.ceil(this.#words.length / wordsPerBlock)
    this.#before = new Float64Array(blocks + 1)
    for (let block = 0; block < blocks; block++) {
      const end = Math.min((block + 1) * wordsPerBlock, this.#words.length)
      let ones = this.#before[block]!
      for (let word = block * wordsPerBlock; word < end; word++) ones += onesIn(this.#words[word]!)
      this.#before[block + 1] = ones
    }
  }

  /** Rows before `row` that are marked. */
  before(row: number): number {
    const word = Math.floor(row / rowsPerWord)
    if (word >= this.#words.length) return this.#count
    const block = Math.floor(word / wordsPerBlock)
    let ones = this.#before[block]!
    for (let at = block * wordsPerBlock; at < word; at++) ones += onesIn(this.#words[at]!)
    const below = 2 ** (row % rowsPerWord) - 1
    return ones + onesIn(this.#words[word]! & below)
  }

  /** Gives its bytes back to the budget. */
  close(): void {
    this.#budget.release(this.#words.byteLength)
    this.#words = new Uint32Array(0)
  }

  #grow(words: number): void {
    const length = Math.max(firstWords, words, this.#words.length * 2)
    this.#budget.reserve((length - this.#words.length) * 4, 'rows with keys that are there already')
    const grown = new Uint32Array(length)
    grown.set(this.#words)
    this.#words = grown
  }
}
