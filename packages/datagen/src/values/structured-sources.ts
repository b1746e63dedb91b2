/** Sources of values that hold values: arrays and composites as PostgreSQL writes them, JSON. */

import { fillRowsMax } from '../limits.js'
import { type Key, RowStream } from '../random/index.js'
import type { SqlType } from '../schema/index.js'
import type { Lane } from './lane.js'
import { RowSet } from './row-set.js'
import { Source } from './source.js'
import { type TextWriter, textBytesMax, textWriter } from './value-text.js'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c

/** A growing text: the lane that is filled and where it stands. */
class TextBuilder {
  readonly lane: Lane
  place = 0

  constructor(lane: Lane) {
    this.lane = lane
  }

  byte(value: number): void {
    this.lane.reserve(this.place, 1)
    this.lane.bytes[this.place++] = value
  }

  ascii(text: string): void {
    this.lane.reserve(this.place, text.length)
    for (let at = 0; at < text.length; at++) this.lane.bytes[this.place++] = text.charCodeAt(at)
  }

  bytes(value: Uint8Array): void {
    this.lane.reserve(this.place, value.length)
    this.lane.bytes.set(value, this.place)
    this.place += value.length
  }

  /**
   * A value between quotes, with a backslash before quotes and backslashes; control characters as JSON has
   * them.
   */
  quoted(write: TextWriter, from: Lane, at: number, json: boolean): void {
    const room = textBytesMax(from, at)
    this.lane.reserve(this.place, room * 7 + 2)
    const { bytes } = this.lane
    bytes[this.place++] = quote
    // The value is written behind the room that its escaped form may need, then moved.
    const raw = this.place + room * 6
    const end = write(from, at, bytes, raw)
    for (let index = raw; index < end; index++) {
      const byte = bytes[index] as number
      if (byte === quote || byte === backslash) bytes[this.place++] = backslash
      if (json && byte < 0x20) {
        const replacement = `\\u00${byte.toString(16).padStart(2, '0')}`
        for (let letter = 0; letter < 6; letter++) bytes[this.place++] = replacement.charCodeAt(letter)
      } else bytes[this.place++] = byte
    }
    bytes[this.place++] = quote
  }

  /** A value as it is. */
  plain(write: TextWriter, from: Lane, at: number): void {
    this.lane.reserve(this.place, textBytesMax(from, at))
    this.place = write(from, at, this.lane.bytes, this.place)
  }
}

/** Numbers and booleans stand without quotes. */
function isBare({ kind }: SqlType): boolean {
  return ['integer', 'decimal', 'double', 'boolean'].includes(kind)
}

export interface ArrayLength {
  readonly min: number
  readonly max: number
  /** So many rows, one after the other, have one length: arrays in one array are all of a length. */
  readonly sharedBy: number
}

/** How arrays are written: by PostgreSQL, or in JSON, in PostgreSQL's own spacing. */
const arrayStyles = {
  sql: { open: '{', close: '}', separator: ',', nothing: 'NULL' },
  json: { open: '[', close: ']', separator: ', ', nothing: 'null' },
} as const

/**
 * Arrays as PostgreSQL reads them: `{1,2}`, `{"a","b"}`; within JSON `[1, 2]`. The elements of a row are rows
 * of a source of their own: row r has the numbers from r × `lengthMax` on.
 */
export class ArraySource extends Source {
  readonly #element: Source
  readonly #type: SqlType
  readonly #lengthMin: number
  readonly #lengthSpan: number
  readonly #sharedBy: number
  readonly #lengthRows = new Float64Array(fillRowsMax)
  readonly #stream: RowStream
  readonly #elements = new RowSet()
  readonly #write: TextWriter
  readonly #style: keyof typeof arrayStyles

  constructor(
    key: Key,
    element: Source,
    type: SqlType,
    { style, ...length }: ArrayLength & { readonly style: keyof typeof arrayStyles },
  ) {
    super('text')
    this.#element = element
    this.#type = type
    this.#lengthMin = length.min
    this.#lengthSpan = length.max - length.min + 1
    this.#sharedBy = length.sharedBy
    this.#stream = new RowStream(key)
    this.#write = textWriter(element, type)
    this.#style = style
  }

  protected fill(set: RowSet): void {
    const out = new TextBuilder(this.lane)
    const { open, close, separator, nothing } = arrayStyles[this.#style]
    const isJson = this.#style === 'json'
    const lengthMax = this.#lengthMin + this.#lengthSpan - 1
    const bare = isBare(this.#type) || this.#type.kind === 'array' || (isJson && this.#type.kind === 'json')
    for (let at = 0; at < set.count; at++)
      this.#lengthRows[at] = Math.floor((set.rows[at] as number) / this.#sharedBy)
    this.#stream.load(this.#lengthRows, set.count)
    for (let at = 0; at < set.count; at++) {
      this.lane.ends[at] = out.place
      const row = set.rows[at] as number
      this.#stream.start(at)
      const length = this.#lengthMin + this.#stream.below(this.#lengthSpan)
      out.ascii(open)
      for (let done = 0; done < length; done += fillRowsMax) {
        const count = Math.min(fillRowsMax, length - done)
        this.#elements.fillFrom(row * lengthMax + done, count)
        const values = this.#element.read(this.#elements)
        for (let index = 0; index < count; index++) {
          if (done + index > 0) out.ascii(separator)
          if (values.hasNulls && values.nulls[index] === 1) out.ascii(nothing)
          else if (bare) out.plain(this.#write, values, index)
          else out.quoted(this.#write, values, index, isJson)
        }
      }
      out.ascii(close)
    }
    this.lane.ends[set.count] = out.place
  }
}

/**
 * Arrays of another source with square brackets around them, as Millrace reads lists: `[1,2]`, `["a","b"]`.
 */
export class BracketSource extends Source {
  readonly #arrays: Source

  constructor(arrays: Source) {
    super('text', { isPlain: arrays.isPlain })
    this.#arrays = arrays
  }

  protected fill(set: RowSet): void {
    const { lane } = this
    const from = this.#arrays.read(set)
    lane.ends.set(from.ends)
    const used = from.ends[set.count] as number
    lane.reserve(0, used)
    lane.bytes.set(from.bytes.subarray(0, used))
    for (let at = 0; at < set.count; at++) {
      if (from.hasNulls && from.nulls[at] === 1) {
        lane.setNull(at)
        continue
      }
      lane.bytes[lane.ends[at] as number] = 0x5b
      lane.bytes[(lane.ends[at + 1] as number) - 1] = 0x5d
    }
  }
}

/** A field of a composite or of a JSON object. */
export interface Field {
  readonly name: string
  readonly source: Source
  readonly type: SqlType
}

/** Composites as PostgreSQL reads them: `(1,"a",)`. */
export class CompositeSource extends Source {
  readonly #fields: readonly Field[]
  readonly #writers: readonly TextWriter[]

  constructor(fields: readonly Field[]) {
    super('text')
    this.#fields = fields
    this.#writers = fields.map(({ source, type }) => textWriter(source, type))
  }

  protected fill(set: RowSet): void {
    const out = new TextBuilder(this.lane)
    const lanes = this.#fields.map(({ source }) => source.read(set))
    for (let at = 0; at < set.count; at++) {
      this.lane.ends[at] = out.place
      out.byte(0x28)
      for (const [index, { type }] of this.#fields.entries()) {
        if (index > 0) out.byte(comma)
        const values = lanes[index] as Lane
        if (values.hasNulls && values.nulls[at] === 1) continue
        if (isBare(type)) out.plain(this.#writers[index] as TextWriter, values, at)
        else out.quoted(this.#writers[index] as TextWriter, values, at, false)
      }
      out.byte(0x29)
    }
    this.lane.ends[set.count] = out.place
  }
}

/** JSON objects with the given fields, in PostgreSQL's own spacing, so that json and jsonb look alike. */
export class JsonSource extends Source {
  readonly #fields: readonly Field[]
  readonly #writers: readonly TextWriter[]
  readonly #names: readonly Uint8Array[]

  constructor(fields: readonly Field[]) {
    super('text')
    this.#fields = fields
    this.#writers = fields.map(({ source, type }) => textWriter(source, type))
    this.#names = fields.map(({ name }, index) =>
      Buffer.from(`${index > 0 ? ', ' : ''}${JSON.stringify(name)}: `),
    )
  }

  protected fill(set: RowSet): void {
    const out = new TextBuilder(this.lane)
    const lanes = this.#fields.map(({ source }) => source.read(set))
    for (let at = 0; at < set.count; at++) {
      this.lane.ends[at] = out.place
      out.byte(0x7b)
      for (let index = 0; index < lanes.length; index++) {
        const values = lanes[index] as Lane
        const { type } = this.#fields[index] as Field
        out.bytes(this.#names[index] as Uint8Array)
        if (values.hasNulls && values.nulls[at] === 1) out.ascii('null')
        else if (isBare(type) || type.kind === 'json' || type.kind === 'array')
          out.plain(this.#writers[index] as TextWriter, values, at)
        else out.quoted(this.#writers[index] as TextWriter, values, at, true)
      }
      out.byte(0x7d)
    }
    this.lane.ends[set.count] = out.place
  }
}
