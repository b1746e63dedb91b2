/**
 * Whether a file's first record names its columns.
 *
 * - What is surely a value, though of no type that is guessed (`05/06/2019`, `$5`, a UUID), is no name where
 *   others like it stand below: taken for a header, a record would be lost.
 */
import type { LogicalType } from '@millrace/core/base'
import type { Dialect } from './dialect.js'
import { trimPadding } from './reference-values.js'
import { isOfType, times, truthWords } from './sniff-types.js'

/** Kinds of values between which a header is told from data. A code is no number, and no word either. */
type Kind = 'number' | 'time' | 'code' | 'text'

/** Numbers that are not taken for such when types are guessed. */
const looseNumber = /^[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|inf|infinity|nan)$/i

/** What is no word, whatever letters are in it: each takes time in the text's length. */
const codes = [
  // Numbers in base 16, UUIDs.
  /^0x[\dA-F]+$/i,
  /^[\dA-F]{8}(?:-[\dA-F]{4}){4}[\dA-F]{8}$/i,
  // E-mail addresses, those of pages, JSON.
  /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/,
  /^[a-z][a-z\d+.-]*:\/\/\S+$/i,
  /^(?:\{.*\}|\[.*\])$/s,
]

/** What people write where there is no value: it says nothing of those that are there. */
const missingWord = /^(?:#?n\/?a|null|none|nil|\\n|-+|\?)$/i

/** Digits without letters: telephone numbers, dates of any order, shares, amounts of money. */
function isWithoutLetters(text: string): boolean {
  return /\d/.test(text) && !/\p{L}/u.test(text.replace(/[AP]M$/i, ''))
}

function isCode(text: string): boolean {
  return isWithoutLetters(text) || codes.some((code) => code.test(text))
}

function kindOf(text: string, dialect: Dialect): Kind {
  if (times.some((type) => isOfType(type, text, dialect))) return 'time'
  if (looseNumber.test(text) || isOfType('DOUBLE', text, dialect)) return 'number'
  return isCode(text) ? 'code' : 'text'
}

/** What stands below the first record in a column. */
export interface ColumnBelow {
  /** Undefined where all is null. */
  readonly type: LogicalType | undefined
  readonly texts: ReadonlySet<string>
}

/** `t` and `f` may be codes, but none of them is the name of others. */
function isTruthAmong(name: string, texts: ReadonlySet<string>): boolean {
  return truthWords.test(name) && [...texts].every((text) => truthWords.test(text))
}

function isLikeBelow(name: string, { type, texts }: ColumnBelow, dialect: Dialect): boolean {
  const kind = kindOf(name, dialect)
  if (type === undefined) return kind !== 'text' || /^(?:true|false)$/i.test(name)
  if (type === 'STRING') {
    // A number is a value where other values are numbers, too; above nothing but words it may be a name.
    const isAmongLike = kind !== 'text' && [...texts].some((text) => kindOf(text, dialect) === kind)
    return isAmongLike || isTruthAmong(name, texts)
  }
  if (type === 'BOOL') return isOfType(type, name, dialect)
  return times.includes(type) ? kind === 'time' || kind === 'code' : kind === 'number'
}

/** Whether a column holds what is surely values, be it of a type that is guessed or of none. */
export function holdsValues({ type, texts }: ColumnBelow, dialect: Dialect): boolean {
  if (type !== 'STRING') return type !== undefined
  const values = [...texts].map(trimPadding).filter((text) => text !== '' && !missingWord.test(text))
  return values.length > 0 && values.every((text) => kindOf(text, dialect) !== 'text')
}

/**
 * Whether the first record names the columns: it is something else than the values below. Where these are
 * words, it may be either; then names are distinct and none is left out, but for that of an index.
 * @param below the columns, from the second record on
 */
export function guessHeader(
  first: readonly string[],
  below: readonly ColumnBelow[],
  dialect: Dialect,
  isNull: (text: string) => boolean,
): boolean {
  let [unlike, alike] = [0, 0]
  for (const [i, name] of first.entries()) {
    const column = below[i]!
    if (isNull(name)) continue
    if (isLikeBelow(name, column, dialect)) alike++
    else if (column.type !== undefined && column.type !== 'STRING') unlike++
  }
  if (unlike > 0) return unlike >= alike
  if (alike > 0) return false
  if (first.some((name, i) => !isNull(name) && holdsValues(below[i]!, dialect))) return true
  const names = first.slice(below[0]?.type === 'INT64' && first[0] === '' ? 1 : 0)
  return names.length > 0 && !names.includes('') && new Set(names).size === names.length
}
