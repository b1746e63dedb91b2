/**
 * How the three formats write a value: what stands around texts, what stands for NULL, and which bytes are
 * written as others.
 */
export type FormatName = 'csv' | 'sql' | 'copy'
export const formatNames: readonly FormatName[] = ['csv', 'sql', 'copy']

export interface Dialect {
  /** What stands for NULL. */
  readonly nullText: Uint8Array
  /** Around texts in any case, and around all that is neither number nor boolean. */
  readonly quotesAll: boolean
  /** The quote, or 0 for none. */
  readonly quote: number
  /** Texts with one of these bytes are quoted where quotes are not always there: 1 at each. */
  readonly special: Uint8Array
  /** What is written in the place of a byte; undefined for the byte itself. */
  readonly escapes: readonly (Uint8Array | undefined)[]
}

const quote = 0x22
const apostrophe = 0x27

function table(entries: Readonly<Record<string, string>>): (Uint8Array | undefined)[] {
  const escapes: (Uint8Array | undefined)[] = Array.from({ length: 256 }, () => undefined)
  for (const [letter, text] of Object.entries(entries)) escapes[letter.charCodeAt(0)] = Buffer.from(text)
  return escapes
}

function bytesOf(letters: string): Uint8Array {
  const marks = new Uint8Array(256)
  for (const letter of letters) marks[letter.charCodeAt(0)] = 1
  return marks
}

export const dialects: Readonly<Record<FormatName, Dialect>> = {
  // RFC 4180; NULL is nothing, an empty text is "", so that the two can be told apart.
  csv: {
    nullText: Buffer.alloc(0),
    quotesAll: false,
    quote,
    special: bytesOf('",\n\r'),
    escapes: table({ '"': '""' }),
  },
  // Strings as the standard has them: backslashes mean nothing (standard_conforming_strings).
  sql: {
    nullText: Buffer.from('NULL'),
    quotesAll: true,
    quote: apostrophe,
    special: new Uint8Array(256).fill(1),
    escapes: table({ "'": "''" }),
  },
  // The text format of COPY.
  copy: {
    nullText: Buffer.from('\\N'),
    quotesAll: false,
    quote: 0,
    special: bytesOf('\\\n\r\t\b\f\v'),
    escapes: table({
      '\\': '\\\\',
      '\n': '\\n',
      '\r': '\\r',
      '\t': '\\t',
      '\b': '\\b',
      '\f': '\\f',
      '\v': '\\v',
    }),
  },
}
