/**
 * Sources of text: entries of pools, several values one after the other, hexadecimal digits, running words.
 */
import { fillRowsMax } from '../limits.js'
import { fillUniform, fillWords, type Key, mix32 } from '../random/index.js'
import type { SqlType } from '../schema/index.js'
import { numberBytesMax, writePadded } from './digits.js'
import { copyBytes, type Lane } from './lane.js'
import type { Pool } from './pool.js'
import type { RowSet } from './row-set.js'
import { type Chooser, Source } from './source.js'
import { numberLengthMax, textBytesMax, textWriter } from './value-text.js'

/** An entry of a pool. */
export class PoolSource extends Source {
  readonly #chooser: Chooser

  constructor(chooser: Chooser, pool: Pool) {
    super('pool', { pool })
    this.#chooser = chooser
  }

  protected fill(set: RowSet): void {
    this.#chooser.choose(set, this.lane.numbers)
  }
}

/** Entries of another pool that belong to those that `source` has chosen. */
export class SiblingSource extends Source {
  readonly #source: Source

  constructor(source: Source, pool: Pool) {
    super('pool', { pool })
    this.#source = source
  }

  protected fill(set: RowSet): void {
    const from = this.#source.read(set)
    this.lane.numbers.set(from.numbers.subarray(0, set.count))
    if (!from.hasNulls) return
    this.lane.nulls.set(from.nulls)
    this.lane.hasNulls = true
  }
}

/** A piece of a text that is put together. */
export type Part =
  | { readonly kind: 'literal'; readonly bytes: Uint8Array }
  | { readonly kind: 'value'; readonly source: Source; readonly type: SqlType }
  /**
   * A whole number ≥ 0 of at least `digits` digits, zeros in front, and of at most `digitsMax`, if that is
   * known.
   */
  | { readonly kind: 'number'; readonly source: Source; readonly digits: number; readonly digitsMax?: number }
  /** A text and a number ≥ 2 behind it; nothing for a 1. */
  | { readonly kind: 'suffix'; readonly source: Source; readonly separator: Uint8Array }

/** Appends a piece of row `at` from `place` on, and returns the place behind it. */
type Append = (at: number, place: number) => number

/** How `part` is appended to the texts of `lane`. A value that is NULL leaves nothing. */
function appendOf(part: Part, lane: Lane): Append {
  if (part.kind === 'literal') {
    const { bytes } = part
    return (_, place) => {
      lane.reserve(place, bytes.length)
      copyBytes(bytes, 0, bytes.length, lane.bytes, place)
      return place + bytes.length
    }
  }
  const append = valueAppend(part, lane)
  const from = part.source.lane
  return (at, place) => (from.hasNulls && from.nulls[at] === 1 ? place : append(at, place))
}

function valueAppend(part: Exclude<Part, { readonly kind: 'literal' }>, lane: Lane): Append {
  const from = part.source.lane
  if (part.kind === 'value') {
    const write = textWriter(part.source, part.type)
    return (at, place) => {
      lane.reserve(place, textBytesMax(from, at))
      return write(from, at, lane.bytes, place)
    }
  }
  if (part.kind === 'number') {
    const { digits } = part
    return (at, place) => {
      lane.reserve(place, numberBytesMax + digits)
      return writePadded(lane.bytes, place, from.numbers[at] as number, digits)
    }
  }
  const { separator } = part
  return (at, place) => {
    const number = from.numbers[at] as number
    if (number === 1) return place
    lane.reserve(place, numberBytesMax + separator.length)
    copyBytes(separator, 0, separator.length, lane.bytes, place)
    return writePadded(lane.bytes, place + separator.length, number, 1)
  }
}

/** Pieces one after the other. A text with a piece that is NULL is without that piece. */
export class ConcatSource extends Source {
  readonly #sources: readonly Source[]
  readonly #appends: readonly Append[]

  constructor(
    parts: readonly Part[],
    options: { readonly isPlain?: boolean; readonly lengthMax?: number } = {},
  ) {
    super('text', {
      lengthMax: options.lengthMax ?? parts.reduce((sum, part) => sum + partLength(part), 0),
      isPlain: options.isPlain ?? false,
    })
    this.#sources = parts.flatMap((part) => (part.kind === 'literal' ? [] : [part.source]))
    this.#appends = parts.map((part) => appendOf(part, this.lane))
  }

  protected fill(set: RowSet): void {
    const { ends } = this.lane
    const appends = this.#appends
    for (const source of this.#sources) source.read(set)
    let place = 0
    for (let at = 0; at < set.count; at++) {
      ends[at] = place
      for (let index = 0; index < appends.length; index++) place = (appends[index] as Append)(at, place)
    }
    ends[set.count] = place
  }
}

/** Digits of the largest whole number that is exact. */
const wholeDigitsMax = 16

function partLength(part: Part): number {
  if (part.kind === 'literal') return Buffer.from(part.bytes).toString().length
  if (part.kind === 'number') return Math.max(part.digits, part.digitsMax ?? wholeDigitsMax)
  if (part.kind === 'suffix') return part.separator.length + wholeDigitsMax
  const { kind } = part.source.lane
  return kind === 'numbers' || kind === 'doubles' ? numberLengthMax : part.source.lengthMax
}

/** Two hexadecimal digits for each of 0 … 255. */
const hexPairs = Uint8Array.from(
  Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0')).join(''),
  (digit) => digit.charCodeAt(0),
)

/**
 * A random UUID (version 4). Its first 32 bits are a bijection of the row's number: no two rows share one.
 */
export class UuidSource extends Source {
  readonly #key: Key
  readonly #words = Array.from({ length: 4 }, () => new Uint32Array(fillRowsMax))

  constructor(key: Key) {
    super('text', { lengthMax: 36, isPlain: true })
    this.#key = key
    this.lane.reserve(0, fillRowsMax * 36)
  }

  protected fill(set: RowSet): void {
    const [first, second, third, fourth] = this.#words as [Uint32Array, Uint32Array, Uint32Array, Uint32Array]
    fillWords(this.#key, set.rows, set.count, 0, first, second)
    fillWords(this.#key, set.rows, set.count, 1, third, fourth)
    const { bytes, ends } = this.lane
    const { k0, k1 } = this.#key
    for (let at = 0; at < set.count; at++) {
      const row = set.rows[at] as number
      const place = at * 36
      ends[at] = place
      writeHex(bytes, place, mix32(mix32(row ^ k0) ^ k1), 8)
      bytes[place + 8] = 0x2d
      writeHex(bytes, place + 9, (second[at] as number) >>> 16, 4)
      bytes[place + 13] = 0x2d
      writeHex(bytes, place + 14, 0x4000 | ((second[at] as number) & 0xfff), 4)
      bytes[place + 18] = 0x2d
      writeHex(bytes, place + 19, 0x8000 | ((third[at] as number) >>> 18), 4)
      bytes[place + 23] = 0x2d
      writeHex(bytes, place + 24, (third[at] as number) & 0xffff, 4)
      writeHex(bytes, place + 28, fourth[at] as number, 8)
    }
    ends[set.count] = set.count * 36
  }
}

/** `digits` (an even number) hexadecimal digits of `value`, the highest first. */
function writeHex(bytes: Uint8Array, at: number, value: number, digits: number): void {
  let rest = value
  for (let place = at + digits - 2; place >= at; place -= 2) {
    const pair = (rest & 0xff) << 1
    bytes[place] = hexPairs[pair] as number
    bytes[place + 1] = hexPairs[pair + 1] as number
    rest >>>= 8
  }
}

/** A number of characters of an alphabet of ASCII, with an optional text before them. */
export class AlphabetSource extends Source {
  readonly #key: Key
  readonly #alphabet: Uint8Array
  readonly #length: number
  readonly #before: Uint8Array
  readonly #uniform = new Float64Array(fillRowsMax)

  constructor(key: Key, alphabet: string, length: number, before = '') {
    super('text', { lengthMax: length + before.length, isPlain: /^[\w-]*$/.test(alphabet + before) })
    this.#key = key
    this.#alphabet = Buffer.from(alphabet)
    this.#length = length
    this.#before = Buffer.from(before)
  }

  protected fill(set: RowSet): void {
    const { lane } = this
    const width = this.#before.length + this.#length
    const size = this.#alphabet.length
    lane.reserve(0, width * set.count)
    for (let at = 0; at < set.count; at++) {
      lane.ends[at] = at * width
      copyBytes(this.#before, 0, this.#before.length, lane.bytes, at * width)
    }
    lane.ends[set.count] = set.count * width
    // One draw is good for several characters.
    const perDraw = Math.max(1, Math.floor(40 / Math.log2(Math.max(2, size))))
    for (let done = 0, draw = 0; done < this.#length; done += perDraw, draw++) {
      fillUniform(this.#key, set.rows, set.count, draw & 2047, this.#uniform)
      const characters = Math.min(perDraw, this.#length - done)
      for (let at = 0; at < set.count; at++) {
        let rest = this.#uniform[at] as number
        const place = at * width + this.#before.length + done
        for (let index = 0; index < characters; index++) {
          rest *= size
          const letter = Math.floor(rest)
          rest -= letter
          lane.bytes[place + index] = this.#alphabet[letter] as number
        }
      }
    }
  }
}
