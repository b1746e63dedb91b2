/**
 * Documents in random dialects for tests against a seed: any delimiter, quote, escape and comment, and texts
 * that mean something to them. A document that fails can be made small.
 */
import { isMillraceError, type LogicalType, namedTypeNames } from '@millrace/core/internal'
import type { ParseColumn } from './csv-error.js'
import { type Dialect, type DialectOptions, makeDialect } from './dialect.js'

/** What documents are made from: a generator that is repeated from its seed. */
interface Random {
  /** An integer in [0, bound). */
  below(bound: number): number
  chance(probability?: number): boolean
}

export const oneOf = <T>(items: readonly T[], random: Random): T => items[random.below(items.length)]!

const delimiters = [',', ',', ',', ';', '\t', '|', ':', ' ', '\x1f', '\x01', '\0', 'a', '1', '.', '-', '~']
const quotes = ['"', '"', '"', '"', "'", '`', 'q', '$', null]
const escapes = [undefined, undefined, undefined, '\\', '\\', '!', 'e', null]
const comments = [null, null, '#', '%', '-', '/', 'c']
const nullTexts = ['NA', '\\N', 'NULL', '-', 'a', '0']
const separators = [
  {},
  {},
  { decimalSeparator: ',' },
  { decimalSeparator: ',', thousandsSeparator: '.' },
  { thousandsSeparator: ' ' },
]
const dateFormats = ['', '', 'us', 'european', 'compact', 'epoch', '%d.%m.%y', '%e %B %Y']
const timestampFormats = ['', '', 'german', 'compact', 'epoch_ms', 'rfc2822', '%m/%d/%Y %I:%M %p']

/** A dialect as users may write it; every option has its turn. */
export function randomDialect(random: Random): Dialect {
  for (;;) {
    const options: DialectOptions = {
      delimiter: oneOf(delimiters, random),
      quote: oneOf(quotes, random),
      escape: oneOf(escapes, random),
      comment: oneOf(comments, random),
      nullStrings: nullTexts.filter(() => random.chance(0.15)),
      trim: random.chance(0.25),
      nullPadding: random.chance(0.2),
      quotedNulls: random.chance(0.2),
      emptyAsNull: random.chance(0.8),
      nonFinite: random.chance(0.3),
      blobFormat: oneOf(['hex', 'base64'], random),
      ...oneOf(separators, random),
      dateFormat: oneOf(dateFormats, random),
      timestampFormat: oneOf(timestampFormats, random),
    }
    try {
      return makeDialect(options)
    } catch (error) {
      // What cannot be combined is tried in another combination.
      if (!isMillraceError(error)) throw error
    }
  }
}

const types: readonly LogicalType[] = [
  ...namedTypeNames,
  'DECIMAL(5,2)',
  'DECIMAL(18,0)',
  'DECIMAL(38,9)',
  'INT64[]',
  'STRING[]',
  'DOUBLE[][]',
]

/** Some or all of `fieldCount` columns, in any order; mostly of texts. */
export function randomColumns(random: Random, fieldCount: number): ParseColumn[] {
  const columns = Array.from({ length: fieldCount }, (_, csvIndex): ParseColumn => {
    const type = random.chance(0.6) ? 'STRING' : oneOf(types, random)
    return { csvIndex, name: `c${csvIndex}`, type, nullable: random.chance(0.85) }
  })
  const picked = columns.filter(() => random.chance(0.9))
  return random.chance(0.2) ? picked.reverse() : picked
}

const texts = [
  ...[
    '',
    '',
    '',
    'a',
    'b',
    'some words',
    'é',
    '€',
    '😀',
    '\ufeff',
    'NA',
    '\\N',
    'NULL',
    '-',
    ' ',
    '\t',
    ' a ',
  ],
  ...['0', '1', '-1', '+7', '007', '9223372036854775807', '9223372036854775808', '2147483648', '1e5', '0x1'],
  ...[
    '1.5',
    '1,5',
    '.5',
    '5.',
    '1.000',
    '1.000.000',
    '1.000,5',
    '1 000',
    '10 00',
    '-0',
    'NaN',
    'inf',
    '5e-324',
  ],
  ...[
    'true',
    'F',
    'Yes',
    'no',
    '2024-02-29',
    '2023-02-29',
    '02/29/2024',
    '29.02.24',
    '20240229',
    '9 May 2001',
  ],
  ...[
    '2024-02-29T12:00:00Z',
    '2024-02-29 24:00:00',
    '1717171717',
    '02/29/2024 12:30 AM',
    '29.02.2024 01:02:03',
  ],
  ...[
    '=1+1',
    '\0',
    '\x0b',
    "'",
    '"',
    '#',
    '\\',
    '\\\\',
    '\\"',
    '"a"',
    'x'.repeat(70),
    '"'.repeat(65),
    '12345678',
  ],
]

const lineEnds = ['\n', '\n', '\n', '\r\n', '\r\n', '\r', '\r\r\n', '\n\n', '\n\r']

/** The characters of a dialect; where it has none, one that means nothing. */
export interface DialectCharacters {
  readonly delimiter: string
  readonly quote: string
  readonly escape: string
  readonly comment: string
}

export function charactersOf(dialect: Dialect): DialectCharacters {
  const character = (byte: number) => (byte === -1 ? 'x' : String.fromCharCode(byte))
  const { delimiter, quote, escape: escapeByte, comment } = dialect
  return {
    delimiter: character(delimiter),
    quote: character(quote),
    escape: character(escapeByte),
    comment: character(comment),
  }
}

/** A text between quotes, as a program writes it that knows the dialect. */
function quoted(text: string, dialect: Dialect): string {
  const { quote, escape: escapeCharacter } = charactersOf(dialect)
  if (dialect.quote === -1) return text
  let inner = text
  if (dialect.escape === -1) inner = inner.replaceAll(quote, '')
  else {
    if (dialect.escape !== dialect.quote)
      inner = inner.replaceAll(escapeCharacter, escapeCharacter + escapeCharacter)
    inner = inner.replaceAll(quote, escapeCharacter + quote)
  }
  return quote + inner + quote
}

/** One field, well written nine times out of ten. */
function randomField(random: Random, dialect: Dialect): string {
  const { delimiter, quote, escape: escapeCharacter, comment } = charactersOf(dialect)
  const text = oneOf(texts, random)
  const kind = random.below(100)
  if (kind < 55) {
    const bare = text.replaceAll(delimiter, '').replaceAll(quote, '')
    return dialect.trim && random.chance() ? ` ${bare}\t` : bare
  }
  if (kind < 90) {
    const more = oneOf(['', '', delimiter, quote, '\n', '\r\n', '\r', escapeCharacter, comment, ' '], random)
    const field = quoted(text + more + oneOf(texts, random), dialect)
    return dialect.trim && random.chance() ? `  ${field} ` : field
  }
  const odd = [
    quote,
    `${quote}a`,
    `a${quote}b`,
    `${quote}a${quote}b`,
    quote.repeat(3),
    ` ${quote}a${quote}`,
    `${quote}a${quote} `,
    escapeCharacter,
    escapeCharacter + quote,
    `${quote}${escapeCharacter}x${quote}`,
    comment,
    text,
  ]
  return oneOf(odd, random)
}

/**
 * A document of records of mostly `fieldCount` fields, with blank lines, comments and all line ends, now and
 * then with bytes that are not UTF-8; mostly short, so that a fault has few places to hide.
 */
export function randomDocument(random: Random, dialect: Dialect, fieldCount: number): Uint8Array {
  const { delimiter, comment } = charactersOf(dialect)
  const usualEnd = oneOf(lineEnds, random)
  const parts: Buffer[] = []
  for (let left = random.below(random.chance(0.1) ? 60 : 8); left > 0; left--) {
    const kind = random.below(100)
    const count = kind < 88 ? fieldCount : random.below(fieldCount + 3)
    let line = Array.from({ length: count }, () => randomField(random, dialect)).join(delimiter)
    if (kind >= 95 && kind < 98) line += delimiter
    if (kind >= 98) line = `${comment}${oneOf(texts, random)}`
    parts.push(Buffer.from(line))
    if (random.chance(0.005)) parts.push(Buffer.from([oneOf([0xff, 0xc0, 0x80, 0xed, 0xf5], random)]))
    parts.push(Buffer.from(random.chance(0.9) ? usualEnd : oneOf(lineEnds, random)))
  }
  if (random.chance(0.4)) parts.pop()
  return new Uint8Array(Buffer.concat(parts))
}

/** `file` without whatever can be left out while it still `fails`. */
export function shrunk(file: Uint8Array, fails: (part: Uint8Array) => boolean): Uint8Array {
  let small = file
  for (let size = Math.ceil(file.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < small.length; ) {
      const without = new Uint8Array(Buffer.concat([small.subarray(0, at), small.subarray(at + size)]))
      if (fails(without)) small = without
      else at += size
    }
  }
  return small
}

/** A document and its dialect, for messages of failing tests. */
export function showDocument(file: Uint8Array, dialect: Dialect, more: unknown = {}): string {
  const nullStrings = dialect.nullStrings.map((text) => Buffer.from(text).toString())
  const text = JSON.stringify(Buffer.from(file).toString('latin1'))
  return `${text} in ${JSON.stringify({ ...charactersOf(dialect), ...dialect, nullStrings })} ${JSON.stringify(more)}`
}
