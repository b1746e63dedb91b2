/**
 * Cells: one value of a lane as one format writes it, appended to the output. For each column a writer is
 * chosen once; numbers go straight into the output, entries of pools are kept as they are written, texts are
 * looked through for bytes that must be escaped.
 */
import type { SqlType } from '../schema/index.js'
import {
  copyBytes,
  type Lane,
  numberBytesMax,
  type Pool,
  type Source,
  type TextWriter,
  textWriter,
  writeInteger,
} from '../values/index.js'
import type { ByteWriter } from './byte-writer.js'
import type { Dialect } from './dialect.js'

/** Appends value `at` of the column's lane; the value is not NULL. */
export type CellWriter = (lane: Lane, at: number, out: ByteWriter) => void

/** How the values of a column are written. */
export function cellWriter(source: Source, type: SqlType, dialect: Dialect): CellWriter {
  const { kind, pool } = source.lane
  if (kind === 'pool') return poolCells(pool as Pool, dialect)
  if (kind === 'text') return source.isPlain ? plainTextCells(dialect) : textCells(dialect)
  const write = textWriter(source, type)
  const isBare = !dialect.quotesAll || ['integer', 'decimal', 'double', 'boolean'].includes(type.kind)
  if (!isBare) return quotedNumbers(write, dialect.quote)
  // The rest of a type that is written in digits, a point and a minus needs no quotes in any format.
  if (kind === 'numbers' && source.scale === 0 && type.kind === 'integer') return integers
  return (lane, at, out) => {
    out.reserve(numberBytesMax)
    out.at = write(lane, at, out.bytes, out.at)
  }
}

const integers: CellWriter = (lane, at, out) => {
  out.reserve(numberBytesMax)
  out.at = writeInteger(out.bytes, out.at, lane.numbers[at] as number)
}

function quotedNumbers(write: TextWriter, quote: number): CellWriter {
  return (lane, at, out) => {
    out.reserve(numberBytesMax + 2)
    out.bytes[out.at] = quote
    const end = write(lane, at, out.bytes, out.at + 1)
    out.bytes[end] = quote
    out.at = end + 1
  }
}

/** Entries of pools that were written once, by pool and dialect: every column of a thread shares them. */
const writtenPools = new WeakMap<
  Dialect,
  WeakMap<Pool, { readonly bytes: Uint8Array; readonly ends: Int32Array }>
>()

function writtenPool(
  pool: Pool,
  dialect: Dialect,
): { readonly bytes: Uint8Array; readonly ends: Int32Array } {
  const ofDialect = writtenPools.get(dialect) ?? new WeakMap()
  writtenPools.set(dialect, ofDialect)
  const kept = ofDialect.get(pool)
  if (kept !== undefined) return kept
  const entries: Uint8Array[] = []
  for (let entry = 0; entry < pool.size; entry++) {
    const start = pool.ends[entry] as number
    const end = pool.ends[entry + 1] as number
    entries.push(written(pool.bytes, start, end, dialect))
  }
  const ends = new Int32Array(pool.size + 1)
  for (const [entry, { length }] of entries.entries()) ends[entry + 1] = (ends[entry] as number) + length
  const made = { bytes: new Uint8Array(Buffer.concat(entries)), ends }
  ofDialect.set(pool, made)
  return made
}

/** A text as the dialect writes it. */
function written(bytes: Uint8Array, start: number, end: number, dialect: Dialect): Uint8Array {
  const quoted =
    dialect.quotesAll || (dialect.quote !== 0 && (start === end || isSpecial(bytes, start, end, dialect)))
  const parts: number[] = quoted ? [dialect.quote] : []
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    const replacement = dialect.escapes[byte]
    if (replacement === undefined) parts.push(byte)
    else parts.push(...replacement)
  }
  if (quoted) parts.push(dialect.quote)
  return Uint8Array.from(parts)
}

function isSpecial(bytes: Uint8Array, start: number, end: number, { special }: Dialect): boolean {
  for (let at = start; at < end; at++) if (special[bytes[at] as number] === 1) return true
  return false
}

function poolCells(pool: Pool, dialect: Dialect): CellWriter {
  const { bytes, ends } = writtenPool(pool, dialect)
  return (lane, at, out) => {
    const entry = lane.numbers[at] as number
    const start = ends[entry] as number
    const length = (ends[entry + 1] as number) - start
    out.reserve(length)
    copyBytes(bytes, start, length, out.bytes, out.at)
    out.at += length
  }
}

/** Texts that hold nothing special and are not empty. */
function plainTextCells({ quotesAll, quote }: Dialect): CellWriter {
  return (lane, at, out) => {
    const start = lane.ends[at] as number
    const length = (lane.ends[at + 1] as number) - start
    out.reserve(length + 2)
    if (quotesAll) out.bytes[out.at++] = quote
    copyBytes(lane.bytes, start, length, out.bytes, out.at)
    out.at += length
    if (quotesAll) out.bytes[out.at++] = quote
  }
}

function textCells(dialect: Dialect): CellWriter {
  const { quotesAll, quote, escapes } = dialect
  const isEscaped = Uint8Array.from(escapes, (replacement) => (replacement === undefined ? 0 : 1))
  return (lane, at, out) => {
    const { bytes } = lane
    const start = lane.ends[at] as number
    const end = lane.ends[at + 1] as number
    // Every byte may become two, and quotes.
    out.reserve((end - start) * 2 + 2)
    const target = out.bytes
    const isQuoted = quotesAll || (quote !== 0 && (start === end || isSpecial(bytes, start, end, dialect)))
    let place = out.at
    if (isQuoted) target[place++] = quote
    for (let from = start; from < end; from++) {
      const byte = bytes[from] as number
      if (isEscaped[byte] === 0) {
        target[place++] = byte
        continue
      }
      const replacement = escapes[byte] as Uint8Array
      for (let index = 0; index < replacement.length; index++) target[place++] = replacement[index] as number
    }
    if (isQuoted) target[place++] = quote
    out.at = place
  }
}
