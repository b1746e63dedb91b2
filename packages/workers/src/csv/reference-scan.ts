/**
 * The specification of a CSV record: an automaton that reads one byte after the other and nothing twice.
 *
 * It is slow and obvious. The kernels are tested in lock-step with it, errors and their places included;
 * headers and samples, which are short, are read by it. `dialect.ts` says the same in words.
 *
 *            ┌──────────── delimiter: next field ─────────────┐
 *            ▼                                                │
 *     ┌► fieldStart ── quote ──► quoted ── quote ──► closed ──┤
 *     │      │                   ▲   │ ▲               │      │
 *     │      │             escaped ◄─┘ └── quote ──────┘ (when the quote is its own escape)
 *     │      │ any other byte                          │ any other byte: the record is bad
 *     │      ▼                                         ▼
 *     │   unquoted ◄──────────────────────────── unquoted      ── line end: the record ends
 *     └── delimiter
 *
 * With `trim`, spaces and tabs lead from fieldStart to fieldStart and from closed to padded, from where only
 * a delimiter or a line end keeps the record well.
 */
import type { Dialect } from './dialect.js'

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** What is there to read. */
export interface ReferenceInput {
  readonly bytes: Uint8Array
  /** Where the bytes end. */
  readonly end: number
  /** Whether the file ends with them. */
  readonly atEnd: boolean
  readonly maxRowBytes: number
  /** A record of more fields is too long, whatever its bytes. Default: no such limit. */
  readonly fieldsMax?: number
  readonly dialect: Dialect
}

/** [start, end) of a field, its quotes included. */
export interface ReferenceField {
  readonly start: number
  readonly end: number
}

/** One line at the level of records: what it is, and where the next one begins. */
export type ReferenceLine =
  | { readonly kind: 'blank'; readonly end: number; readonly next: number }
  | { readonly kind: 'comment'; readonly end: number; readonly next: number }
  | {
      readonly kind: 'record'
      readonly fields: readonly ReferenceField[]
      /** Number of the first field that goes on behind its closing quote; −1: none does. */
      readonly badQuote: number
      readonly end: number
      readonly next: number
    }
  /** Its end is not in the input. */
  | { readonly kind: 'needsMore' }
  /** `openQuote`: position of the quote of `field` that is open behind the last byte allowed; −1: none is. */
  | { readonly kind: 'rowTooLong'; readonly field: number; readonly openQuote: number }
  | { readonly kind: 'unclosedQuote'; readonly field: number; readonly openQuote: number }

type State = 'fieldStart' | 'unquoted' | 'quoted' | 'escaped' | 'closed' | 'padded' | 'comment'

function isLineByte(byte: number): boolean {
  return byte === lineFeed || byte === carriageReturn
}

/** Spaces and tabs: what `trim` takes away. */
export function isPadding(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09
}

/** The position behind the line end at `at`, or undefined when it is not known whether `\n` follows `\r`. */
export function behindLineEnd(input: ReferenceInput, at: number): number | undefined {
  if (input.bytes[at] === lineFeed) return at + 1
  if (at + 1 === input.end) return input.atEnd ? at + 1 : undefined
  return input.bytes[at + 1] === lineFeed ? at + 2 : at + 1
}

/** The state behind `byte`, which is no line end outside quotes and no delimiter outside quotes. */
function nextState(state: State, byte: number, dialect: Dialect): State {
  const { quote, escape: escapeByte } = dialect
  const ownEscape = escapeByte === quote
  switch (state) {
    case 'comment':
      return 'comment'
    case 'fieldStart':
      if (dialect.trim && isPadding(byte)) return 'fieldStart'
      return byte === quote ? 'quoted' : 'unquoted'
    case 'unquoted':
      return 'unquoted'
    case 'escaped':
      if (byte === quote || byte === escapeByte) return 'quoted'
      return nextState('quoted', byte, dialect)
    case 'quoted':
      if (byte === escapeByte && !ownEscape) return 'escaped'
      return byte === quote ? 'closed' : 'quoted'
    case 'closed':
      if (dialect.trim && isPadding(byte)) return 'padded'
      return byte === quote && ownEscape ? 'quoted' : 'unquoted'
    case 'padded':
      return isPadding(byte) ? 'padded' : 'unquoted'
  }
}

function isInQuotes(state: State): boolean {
  return state === 'quoted' || state === 'escaped'
}

/** Reads the line that begins at `start`, which must be before the input's end. */
export function readLine(input: ReferenceInput, start: number): ReferenceLine {
  const { bytes, end, dialect, maxRowBytes, fieldsMax = Number.POSITIVE_INFINITY } = input
  const { quote, delimiter, comment } = dialect
  const fields: ReferenceField[] = []
  let state: State = bytes[start] === comment ? 'comment' : 'fieldStart'
  let fieldStart = start
  let badQuote = -1
  let openQuote = -1
  let at = start
  for (; at < end; at++) {
    const byte = bytes[at]!
    const inQuotes = isInQuotes(state)
    if (isLineByte(byte) && !inQuotes) break
    if (state === 'fieldStart' && byte === quote) openQuote = at
    if (at - start === maxRowBytes) {
      const isOpen = inQuotes || isInQuotes(nextState(state, byte, dialect))
      return { kind: 'rowTooLong', field: fields.length, openQuote: isOpen ? openQuote : -1 }
    }
    if (byte === delimiter && !inQuotes && state !== 'comment') {
      fields.push({ start: fieldStart, end: at })
      if (fields.length === fieldsMax) return { kind: 'rowTooLong', field: fieldsMax, openQuote: -1 }
      fieldStart = at + 1
      state = 'fieldStart'
      continue
    }
    const next = nextState(state, byte, dialect)
    const wasClosed = state === 'closed' || state === 'padded'
    if (wasClosed && next === 'unquoted' && badQuote === -1) badQuote = fields.length
    state = next
  }
  if (at === end && !input.atEnd) return { kind: 'needsMore' }
  if (at === end && isInQuotes(state) && quote !== -1) {
    return { kind: 'unclosedQuote', field: fields.length, openQuote }
  }
  const next = at === end ? at : behindLineEnd(input, at)
  if (next === undefined) return { kind: 'needsMore' }
  if (state === 'comment') return { kind: 'comment', end: at, next }
  if (at === start) return { kind: 'blank', end: at, next }
  fields.push({ start: fieldStart, end: at })
  return { kind: 'record', fields, badQuote, end: at, next }
}

/**
 * The end of the physical line that `from` is in, whatever the quotes say; `complete` false when it goes on.
 */
export function readPhysicalLine(input: ReferenceInput, from: number): { next: number; complete: boolean } {
  let at = from
  while (at < input.end && !isLineByte(input.bytes[at]!)) at++
  if (at === input.end) return { next: at, complete: input.atEnd }
  const next = behindLineEnd(input, at)
  return next === undefined ? { next: at, complete: false } : { next, complete: true }
}

/** Physical line ends in [from, to), none of which is cut by `from`. */
export function countPhysicalLines(bytes: Uint8Array, from: number, to: number): number {
  let lines = 0
  for (let at = from; at < to; at++) {
    if (bytes[at] === lineFeed && (at === from || bytes[at - 1] !== carriageReturn)) lines++
    if (bytes[at] === carriageReturn) lines++
  }
  return lines
}

/** A field without the spaces and tabs around it, where the dialect trims. */
export function trimmedField(bytes: Uint8Array, field: ReferenceField, dialect: Dialect): ReferenceField {
  let { start, end } = field
  if (!dialect.trim) return field
  while (start < end && isPadding(bytes[start])) start++
  while (end > start && isPadding(bytes[end - 1])) end--
  return { start, end }
}

/** The fields of a record of `count`: without an empty one in excess, and with those that may be missing. */
export function expectedFields(
  { bytes, dialect }: ReferenceInput,
  fields: readonly ReferenceField[],
  count: number,
): readonly ReferenceField[] {
  const last = fields.at(-1)!
  const text = trimmedField(bytes, last, dialect)
  if (fields.length === count + 1 && text.start === text.end) return fields.slice(0, count)
  const missing = dialect.nullPadding ? Math.max(0, count - fields.length) : 0
  return [...fields, ...Array<ReferenceField>(missing).fill({ start: last.end, end: last.end })]
}

/** A field's text without its quotes and escapes, and whether it was quoted. */
export function fieldText(
  bytes: Uint8Array,
  whole: ReferenceField,
  dialect: Dialect,
): { readonly text: Uint8Array; readonly quoted: boolean } {
  const { quote, escape: escapeByte } = dialect
  const field = trimmedField(bytes, whole, dialect)
  const quoted = field.end > field.start && bytes[field.start] === quote
  if (!quoted) return { text: Uint8Array.from(bytes.subarray(field.start, field.end)), quoted }
  const inner = bytes.subarray(field.start + 1, field.end - 1)
  const text: number[] = []
  for (let at = 0; at < inner.length; at++) {
    const next = inner[at + 1]
    if (inner[at] === escapeByte && (next === quote || next === escapeByte)) at++
    text.push(inner[at]!)
  }
  return { text: Uint8Array.from(text), quoted }
}
