/**
 * Dates and times that are not written as ISO 8601: formats in the manner of strptime, compiled once, read
 * byte by byte.
 *
 * | in a format | stands for                                                                       |
 * |-------------|----------------------------------------------------------------------------------|
 * | `%Y` `%y`   | the year in four digits; in two (69 … 99: 1969 … 1999, 00 … 68: 2000 … 2068)      |
 * | `%m` `%d`   | month and day, in one or two digits                                               |
 * | `%e`        | the day, one of a single digit perhaps behind a space                            |
 * | `%b` `%B`   | the month's English name, short or long, in any case; `%h` is `%b`                |
 * | `%H` `%M` `%S` | hours of 24, minutes, seconds, in one or two digits                            |
 * | `%I` `%p`   | hours of 12, AM or PM in any case                                                |
 * | `%f`        | decimals of the second, one to six                                               |
 * | `%z`        | the zone: `Z`, `±hh`, `±hhmm`, `±hh:mm`                                           |
 * | `%a` `%A`   | the weekday's English name, not compared with the date                           |
 * | `%s` `%Q`   | seconds, milliseconds since 1970                                                 |
 * | `%F` `%T` `%R` `%D` | `%Y-%m-%d`, `%H:%M:%S`, `%H:%M`, `%m/%d/%y`                               |
 * | `%%`        | `%`; a dash before the letter (`%-d`) makes no difference                        |
 *
 * Every other character stands for itself. A few formats have names: `namedFormats`.
 *
 * What is read is written out as ISO 8601 again and goes to the parser that reads nothing else. So whether a
 * day exists is decided in one place.
 */
import { MillraceError } from '@millrace/core/base'
import { temporalFormatBytesMax } from '../limits.js'

/** How dates and times are written; the empty text for ISO 8601. */
export interface TemporalFormats {
  readonly dateFormat: string
  readonly timestampFormat: string
}

type FormatOption = keyof TemporalFormats

const usDate = '%m/%d/%Y'
const europeanDate = '%d/%m/%Y'
const germanDate = '%d.%m.%Y'

/** Formats that have a name. */
export const namedFormats: Readonly<Record<FormatOption, ReadonlyMap<string, string>>> = {
  dateFormat: new Map([
    ['iso', ''],
    ['us', usDate],
    ['european', europeanDate],
    ['german', germanDate],
    ['compact', '%Y%m%d'],
    ['epoch', '%s'],
    ['epoch_ms', '%Q'],
  ]),
  timestampFormat: new Map([
    ['iso', ''],
    ['us', `${usDate} %H:%M:%S`],
    ['european', `${europeanDate} %H:%M:%S`],
    ['german', `${germanDate} %H:%M:%S`],
    ['compact', '%Y%m%d%H%M%S'],
    ['epoch', '%s'],
    ['epoch_ms', '%Q'],
    ['rfc2822', '%a, %d %b %Y %H:%M:%S %z'],
  ]),
}

const abbreviations: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
}
const alike: Readonly<Record<string, string>> = { h: 'b', B: 'b', A: 'a' }
const specifiers = 'YymdebHIMSpfzasQ'

/** One step of reading: a specifier's letter, or a byte that must be there. */
export type FormatStep = { readonly specifier: string } | { readonly literal: number }

function refuse(option: FormatOption, format: string, expected: string): MillraceError {
  return new MillraceError('MILLRACE_ARGUMENT', { what: option, value: JSON.stringify(format), expected })
}

/** The format that `format` names, or itself. */
export function formatOf(option: FormatOption, format: string): string {
  return namedFormats[option].get(format.toLowerCase()) ?? format
}

/** The steps of a format. @throws MillraceError `MILLRACE_ARGUMENT` */
export function stepsOf(option: FormatOption, asked: string): FormatStep[] {
  const format = formatOf(option, asked)
  const steps: FormatStep[] = []
  for (let at = 0; at < format.length; at++) {
    const character = String.fromCodePoint(format.codePointAt(at)!)
    if (character !== '%') {
      for (const literal of Buffer.from(character)) steps.push({ literal })
      at += character.length - 1
      continue
    }
    if (format[at + 1] === '-') at++
    const letter = format[++at] ?? ''
    const specifier = alike[letter] ?? letter
    if (letter === '%') steps.push({ literal: 0x25 })
    else if (letter in abbreviations) steps.push(...stepsOf(option, abbreviations[letter]!))
    else if (letter !== '' && specifiers.includes(specifier)) steps.push({ specifier })
    else {
      const known = [...specifiers, ...Object.keys(alike), ...Object.keys(abbreviations)]
      throw refuse(option, asked, `% followed by one of ${known.sort().join(' ')}, or %%`)
    }
  }
  return steps
}

/** @throws MillraceError `MILLRACE_ARGUMENT` when a format is no format, or leaves the day open */
export function checkTemporalFormat(option: FormatOption, format: string): void {
  if (formatOf(option, format) === '') return
  if (Buffer.byteLength(format) > temporalFormatBytesMax) {
    throw refuse(option, format.slice(0, 40), `at most ${temporalFormatBytesMax} bytes`)
  }
  const found = new Set(stepsOf(option, format).map((step) => ('specifier' in step ? step.specifier : '')))
  const hasOne = (letters: string) => [...letters].some((letter) => found.has(letter))
  const isWhole = hasOne('Yy') && hasOne('mb') && hasOne('de')
  if (isWhole || hasOne('sQ')) return
  const names = [...namedFormats[option].keys()].join(', ')
  throw refuse(option, format, `a year, month and day (such as %Y-%m-%d), or one of ${names}`)
}

export const monthNames = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
]
export const weekdayNames = [
  ...['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
]
const shortNameBytes = 3

const code = (character: string): number => character.charCodeAt(0)
const [zero, plus, minus, colon, point] = ['0', '+', '-', ':', '.'].map(code) as [
  number,
  number,
  number,
  number,
  number,
]
const letterT = code('T')
const space = code(' ')

const millisPerDay = 86_400_000
/** Milliseconds of the years 0 … 9999, which four digits can name. */
const [millisMin, millisMax] = [-62_167_219_200_000, Date.UTC(9999, 11, 31)]

/** Bytes of the longest text that `TemporalReader` writes: `YYYY-MM-DDThh:mm:ss.ffffff±hh:mm`. */
export const isoBytesMax = 32

/**
 * Reads texts of one format and writes them as ISO 8601. Allocates nothing per text.
 */
export class TemporalReader {
  readonly #steps: readonly FormatStep[]
  readonly #codes: Uint8Array
  readonly #withTime: boolean
  /** What the last text says. */
  #year = 0
  #month = 0
  #day = 0
  #hours = 0
  #halfDay = -1
  #minutes = 0
  #seconds = 0
  #micros = 0
  /** Minutes east of Greenwich; NaN: not said. */
  #offset = Number.NaN
  /** Where reading stands; −1: the text is not of the format. */
  #at = 0

  /** @throws MillraceError `MILLRACE_ARGUMENT` */
  constructor(option: FormatOption, format: string) {
    this.#steps = stepsOf(option, format)
    this.#codes = Uint8Array.from(this.#steps, (step) => ('literal' in step ? 0 : code(step.specifier)))
    this.#withTime = option === 'timestampFormat'
  }

  /**
   * Reads [start, end) of `bytes` and writes it at `out`; returns how many bytes that takes, 0 when the text
   * is not of the format.
   */
  rewrite(bytes: Uint8Array, start: number, end: number, out: number): number {
    this.#clear(start)
    for (let i = 0; i < this.#codes.length && this.#at !== -1; i++) {
      if (this.#codes[i] === 0) this.#readLiteral(bytes, end, (this.#steps[i] as { literal: number }).literal)
      else this.#readPart(bytes, end, this.#codes[i]!)
    }
    if (this.#at !== end) return 0
    if (this.#halfDay !== -1) {
      if (this.#hours < 1 || this.#hours > 12) return 0
      this.#hours = (this.#hours % 12) + this.#halfDay
    }
    return this.#write(bytes, out)
  }

  #clear(start: number): void {
    this.#at = start
    this.#hours = 0
    this.#halfDay = -1
    this.#minutes = 0
    this.#seconds = 0
    this.#micros = 0
    this.#offset = Number.NaN
  }

  #readLiteral(bytes: Uint8Array, end: number, literal: number): void {
    this.#at = this.#at < end && bytes[this.#at] === literal ? this.#at + 1 : -1
  }

  /** A whole number of `digitsMin` to `digitsMax` digits. */
  #number(bytes: Uint8Array, end: number, digitsMin: number, digitsMax: number): number {
    let value = 0
    const from = this.#at
    const to = Math.min(end, from + digitsMax)
    let at = from
    for (; at < to; at++) {
      const digit = bytes[at]! - zero
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    this.#at = at - from < digitsMin ? -1 : at
    return value
  }

  #readPart(bytes: Uint8Array, end: number, specifier: number): void {
    switch (String.fromCharCode(specifier)) {
      case 'Y':
        this.#year = this.#number(bytes, end, 4, 4)
        return
      case 'y':
        this.#year = this.#number(bytes, end, 2, 2)
        this.#year += this.#year < 69 ? 2000 : 1900
        return
      case 'm':
        this.#month = this.#number(bytes, end, 1, 2)
        return
      case 'd':
        this.#day = this.#number(bytes, end, 1, 2)
        return
      case 'e':
        this.#readPaddedDay(bytes, end)
        return
      case 'b':
        this.#month = this.#name(bytes, end, monthNames) + 1
        return
      case 'a':
        this.#name(bytes, end, weekdayNames)
        return
      case 'H':
        this.#hours = this.#number(bytes, end, 1, 2)
        return
      case 'I':
        this.#hours = this.#number(bytes, end, 1, 2)
        if (this.#halfDay === -1) this.#halfDay = 0
        return
      case 'p':
        this.#readHalfDay(bytes, end)
        return
      case 'M':
        this.#minutes = this.#number(bytes, end, 1, 2)
        return
      case 'S':
        this.#seconds = this.#number(bytes, end, 1, 2)
        return
      case 'f':
        this.#readFraction(bytes, end)
        return
      case 'z':
        this.#readZone(bytes, end)
        return
      case 's':
        this.#readEpoch(bytes, end, 1000)
        return
      case 'Q':
        this.#readEpoch(bytes, end, 1)
    }
  }

  /** The index of the name that stands here, short or long. */
  #name(bytes: Uint8Array, end: number, names: readonly string[]): number {
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!
      let same = 0
      while (same < name.length && this.#at + same < end) {
        if ((bytes[this.#at + same]! | 0x20) !== name.charCodeAt(same)) break
        same++
      }
      if (same < shortNameBytes) continue
      this.#at += same === name.length ? same : shortNameBytes
      return i
    }
    this.#at = -1
    return -1
  }

  #readHalfDay(bytes: Uint8Array, end: number): void {
    const letter = this.#at + 1 < end ? bytes[this.#at]! | 0x20 : 0
    const isHalf = letter === code('a') || letter === code('p')
    if (!isHalf || (bytes[this.#at + 1]! | 0x20) !== code('m')) {
      this.#at = -1
      return
    }
    this.#halfDay = letter === code('p') ? 12 : 0
    this.#at += 2
  }

  #readPaddedDay(bytes: Uint8Array, end: number): void {
    const isPadded = this.#at < end && bytes[this.#at] === space
    if (isPadded) this.#at++
    this.#day = this.#number(bytes, end, 1, isPadded ? 1 : 2)
  }

  #readFraction(bytes: Uint8Array, end: number): void {
    const from = this.#at
    const value = this.#number(bytes, end, 1, 6)
    this.#micros = value * 10 ** (6 - (this.#at - from))
  }

  #readZone(bytes: Uint8Array, end: number): void {
    const sign = this.#at < end ? bytes[this.#at++]! : 0
    this.#offset = 0
    if ((sign | 0x20) === code('z')) return
    if (sign !== plus && sign !== minus) {
      this.#at = -1
      return
    }
    const hours = this.#number(bytes, end, 2, 2)
    let minutes = 0
    if (this.#at !== -1 && this.#at < end) {
      const next = bytes[this.#at]!
      if (next === colon) this.#at++
      if (next === colon || (next >= zero && next <= zero + 9)) minutes = this.#number(bytes, end, 2, 2)
    }
    if (hours > 23 || minutes > 59) this.#at = -1
    this.#offset = (hours * 60 + minutes) * (sign === minus ? -1 : 1)
  }

  #readEpoch(bytes: Uint8Array, end: number, millisPerUnit: number): void {
    const negative = this.#at < end && bytes[this.#at] === minus
    if (negative) this.#at++
    const value = this.#number(bytes, end, 1, 15) * millisPerUnit
    const millis = negative ? -value : value
    if (this.#at === -1 || millis < millisMin || millis >= millisMax + millisPerDay) {
      this.#at = -1
      return
    }
    const days = Math.floor(millis / millisPerDay)
    const rest = millis - days * millisPerDay
    this.#setDay(days)
    this.#hours = Math.floor(rest / 3_600_000)
    this.#minutes = Math.floor(rest / 60_000) % 60
    this.#seconds = Math.floor(rest / 1000) % 60
    this.#micros = (rest % 1000) * 1000
    this.#offset = 0
  }

  /**
   * Sets the civil date of a day since 1970 (Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013).
   */
  #setDay(days: number): void {
    const shifted = days + 719_468
    const era = Math.floor(shifted / 146_097)
    const ofEra = shifted - era * 146_097
    const years = Math.floor(
      (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
    )
    const ofYear = ofEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100))
    const fromMarch = Math.floor((5 * ofYear + 2) / 153)
    this.#day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1
    this.#month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
    this.#year = years + era * 400 + (this.#month <= 2 ? 1 : 0)
  }

  #write(bytes: Uint8Array, out: number): number {
    writeDigits(bytes, out, this.#year, 4)
    bytes[out + 4] = minus
    writeDigits(bytes, out + 5, this.#month, 2)
    bytes[out + 7] = minus
    writeDigits(bytes, out + 8, this.#day, 2)
    if (!this.#withTime) return 10
    bytes[out + 10] = letterT
    writeDigits(bytes, out + 11, this.#hours, 2)
    bytes[out + 13] = colon
    writeDigits(bytes, out + 14, this.#minutes, 2)
    bytes[out + 16] = colon
    writeDigits(bytes, out + 17, this.#seconds, 2)
    bytes[out + 19] = point
    writeDigits(bytes, out + 20, this.#micros, 6)
    if (Number.isNaN(this.#offset)) return 26
    const offset = Math.abs(this.#offset)
    bytes[out + 26] = this.#offset < 0 ? minus : plus
    writeDigits(bytes, out + 27, Math.floor(offset / 60), 2)
    bytes[out + 29] = colon
    writeDigits(bytes, out + 30, offset % 60, 2)
    return isoBytesMax
  }
}

function writeDigits(bytes: Uint8Array, out: number, value: number, digits: number): void {
  let rest = value
  for (let at = out + digits - 1; at >= out; at--) {
    bytes[at] = zero + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}
