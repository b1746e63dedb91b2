/** Sources of running text, and of texts that must not be longer than a number of characters. */
import { type Key, RowStream } from '../random/index.js'
import { copyBytes } from './lane.js'
import type { Pool } from './pool.js'
import type { RowSet } from './row-set.js'
import { Source } from './source.js'

const blank = 0x20
const fullStop = 0x2e
const newline = 0x0a

/** How much text a row has. */
export interface TextShape {
  /** Words of a sentence. */
  readonly wordsMin: number
  readonly wordsMax: number
  /** Sentences of a paragraph; 0: words without capitals and full stops. */
  readonly sentences: number
  readonly paragraphs: number
  /** Bytes after which no further word begins. */
  readonly bytesMax: number
}

const capital = (byte: number): number => (byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte)

/** Words in sentences, sentences in paragraphs. */
export class WordsSource extends Source {
  readonly #stream: RowStream
  readonly #words: Pool
  readonly #shape: TextShape

  constructor(key: Key, words: Pool, shape: TextShape) {
    const length = (words.lengthMax + 2) * shape.wordsMax * Math.max(1, shape.sentences) * shape.paragraphs
    super('text', { lengthMax: Math.min(length, shape.bytesMax) })
    this.#stream = new RowStream(key)
    this.#words = words
    this.#shape = shape
  }

  protected fill(set: RowSet): void {
    const { lane } = this
    this.#stream.load(set.rows, set.count)
    let place = 0
    for (let at = 0; at < set.count; at++) {
      lane.ends[at] = place
      this.#stream.start(at)
      place = this.#text(place)
    }
    lane.ends[set.count] = place
  }

  #text(start: number): number {
    const { sentences, paragraphs, bytesMax } = this.#shape
    const end = start + bytesMax
    let place = start
    for (let paragraph = 0; paragraph < paragraphs && place < end - 1; paragraph++) {
      if (paragraph > 0) place = this.#byte(place, newline)
      for (let sentence = 0; sentence < Math.max(1, sentences) && place < end; sentence++) {
        if (sentence > 0) {
          if (place + 2 >= end) break
          place = this.#byte(place, blank)
        }
        place = this.#sentence(place, end)
      }
    }
    return place
  }

  #sentence(start: number, end: number): number {
    const { wordsMin, wordsMax, sentences } = this.#shape
    const count = wordsMin + this.#stream.below(wordsMax - wordsMin + 1)
    const room = end - (sentences > 0 ? 1 : 0)
    let place = start
    for (let word = 0; word < count; word++) {
      const entry = this.#stream.below(this.#words.size)
      const from = this.#words.ends[entry] as number
      const length = (this.#words.ends[entry + 1] as number) - from
      const gap = word === 0 ? 0 : 1
      if (place + gap + length > room) break
      if (gap === 1) place = this.#byte(place, blank)
      this.lane.reserve(place, length + 2)
      copyBytes(this.#words.bytes, from, length, this.lane.bytes, place)
      if (word === 0 && sentences > 0) this.lane.bytes[place] = capital(this.lane.bytes[place] as number)
      place += length
    }
    return sentences > 0 && place > start && place < end ? this.#byte(place, fullStop) : place
  }

  #byte(place: number, byte: number): number {
    this.lane.reserve(place, 1)
    this.lane.bytes[place] = byte
    return place + 1
  }
}

/** Texts of another source, cut to a number of characters, and with blanks up to it if `fill` says so. */
export class FitSource extends Source {
  readonly #source: Source
  readonly #length: number

  constructor(source: Source, length: number) {
    super('text', { lengthMax: length, isPlain: source.isPlain })
    this.#source = source
    this.#length = length
  }

  protected fill(set: RowSet): void {
    const from = this.#source.read(set)
    const { lane } = this
    if (from.hasNulls) {
      lane.nulls.set(from.nulls)
      lane.hasNulls = true
    }
    let place = 0
    for (let at = 0; at < set.count; at++) {
      lane.ends[at] = place
      const isPool = from.kind === 'pool'
      const { bytes, ends } = isPool ? from.pool! : from
      const entry = isPool ? (from.numbers[at] as number) : at
      const start = ends[entry] as number
      const end = start + cutLength(bytes, start, ends[entry + 1] as number, this.#length)
      lane.reserve(place, end - start)
      copyBytes(bytes, start, end - start, lane.bytes, place)
      place += end - start
    }
    lane.ends[set.count] = place
  }
}

/** Bytes of the first `characters` characters of UTF-8; no blank at their end. */
function cutLength(bytes: Uint8Array, start: number, end: number, characters: number): number {
  if (end - start <= characters) return end - start
  let at = start
  for (let count = 0; at < end; at++) {
    if (((bytes[at] as number) & 0xc0) === 0x80) continue
    if (count === characters) break
    count++
  }
  const isCut = at < end
  while (isCut && at > start && bytes[at - 1] === blank) at--
  return at - start
}
