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
import { numberLengthMax, type TextWriter, textBytesMax, textWriter } from './value-text.js'

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
  /** A whole number ≥ 0, zeros in front. */
  | { readonly kind: 'number'; readonly source: Source; readonly digits: number }
  /** A text and a number ≥ 2 behind it; nothing for a 1. */
  | { readonly kind: 'suffix'; readonly source: Source; readonly separator: Uint8Array }

/** Pieces one after the other. A text with a piece that is NULL is without that piece. */
export class ConcatSource extends Source {
  readonly #parts: readonly Part[]
  readonly #writers: readonly (TextWriter | undefined)[]

  constructor(parts: readonly Part[], options: { readonly isPlain?: boolean } = {}) {
    super('text', {
      lengthMax: parts.reduce((sum, part) => sum + partLength(part), 0),
      isPlain: options.isPlain ?? false,
    })
    this.#parts = parts
    this.#writers = parts.map((part) =>
      part.kind === 'value' ? textWriter(part.source, part.type) : undefined,
    )
  }

  protected fill(set: RowSet): void {
    const { lane } = this
    const lanes = this.#parts.map((part) => (part.kind === 'literal' ? undefined : part.source.read(set)))
    let place = 0
    for (let at = 0; at < set.count; at++) {
      lane.ends[at] = place
      for (let index = 0; index < this.#parts.length; index++) {
        place = this.#append(this.#parts[index] as Part, lanes[index], at, place, this.#writers[index])
      }
    }
    lane.ends[set.count] = place
  }

  #append(
    part: Part,
    from: Lane | undefined,
    at: number,
    place: number,
    write: TextWriter | undefined,
  ): number {
    const { lane } = this
    if (part.kind === 'literal') {
      lane.reserve(place, part.bytes.length)
      copyBytes(part.bytes, 0, part.bytes.length, lane.bytes, place)
      return place + part.bytes.length
    }
    const values = from as Lane
    if (values.hasNulls && values.nulls[at] === 1) return place
    if (part.kind === 'suffix') {
      const number = values.numbers[at] as number
      if (number === 1) return place
      lane.reserve(place, numberBytesMax + part.separator.length)
      copyBytes(part.separator, 0, part.separator.length, lane.bytes, place)
      return writePadded(lane.bytes, place + part.separator.length, number, 1)
    }
    if (part.kind === 'number') {
      lane.reserve(place, numberBytesMax + part.digits)
      return writePadded(lane.bytes, place, values.numbers[at] as number, part.digits)
    }
    lane.reserve(place, textBytesMax(values, at))
    return (write as TextWriter)(values, at, lane.bytes, place)
  }
}

function partLength(part: Part): number {
  if (part.kind === 'literal') return Buffer.from(part.bytes).toString().length
  if (part.kind === 'number') return Math.max(part.digits, 16)
  if (part.kind === 'suffix') return part.separator.length + 16
  const { kind } = part.source.lane
  return kind === 'numbers' || kind === 'doubles' ? numberLengthMax : part.source.lengthMax
}

const hexDigits = Buffer.from('0123456789abcdef')

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

function writeHex(bytes: Uint8Array, at: number, value: number, digits: number): void {
  for (let digit = 0; digit < digits; digit++) {
    bytes[at + digit] = hexDigits[(value >>> ((digits - 1 - digit) * 4)) & 15] as number
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
