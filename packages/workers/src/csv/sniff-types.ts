/**
 * Which type the texts of a column have. A guess must not lose anything that the texts say: where a type
 * would read different texts as the same value, they stay texts.
 */
import { type LogicalType, valueOfText } from '@millrace/core/base'
import type { Dialect } from './dialect.js'
import { plainText, trimPadding } from './reference-values.js'
import { typeOfUsualShape } from './usual-shapes.js'

/** From the narrowest to the widest; a column gets the first that all its values fit. */
const wholeNumbers = ['INT64', 'UINT64'] as const
const others = ['DOUBLE', 'BOOL', 'DATE', 'TIMESTAMP', 'TIME'] as const
const times: readonly LogicalType[] = ['DATE', 'TIMESTAMP', 'TIME']

/** `1`, `y` and `n` are truth values to whoever says that a column has them, but also much else. */
const truthWords = /^(?:true|false|t|f|yes|no)$/i

/**
 * A time of day as clocks show it. `1:30` and `2:1` are times to whoever says so, but also scores and ratios.
 */
const clockTime = /^(?:\d\d:\d\d|\d{1,2}:\d\d:\d\d(?:\.\d+)?)$/

/** Whether the import would read `text` as a value of `type`, which is as good a guess as any. */
function isOfType(type: LogicalType, text: string, dialect: Dialect): boolean {
  if (type === 'TIME' && !clockTime.test(text)) return false
  const plain = plainText(type, text, dialect)
  return plain !== undefined && valueOfText(type, plain, dialect) !== undefined
}

function isWholeNumber(text: string, dialect: Dialect): boolean {
  return /^[+-]?\d+$/.test(plainText('INT64', text, dialect) ?? '')
}

/** Truth values in words; `t` or `f` alone may be a code. */
function areTruthWords(texts: readonly string[]): boolean {
  if (!texts.every((text) => truthWords.test(text))) return false
  return texts.some(({ length }) => length > 1) || new Set(texts.map((text) => text.toLowerCase())).size > 1
}

/**
 * The type of a column with these texts; undefined when all of them are null.
 * @param isNull whether a text, without the padding around it, is a null
 */
export function guessType(
  texts: readonly string[],
  dialect: Dialect,
  isNull: (text: string) => boolean,
): LogicalType | undefined {
  const values = texts.map(trimPadding).filter((text) => !isNull(text))
  if (values.length === 0) return undefined
  const usual = typeOfUsualShape(values, dialect)
  if (usual !== undefined) return usual
  const fits = (type: LogicalType) => values.every((text) => isOfType(type, text, dialect))
  // A number with leading zeros or a plus is a code (a ZIP, a telephone number): as a number it would lose
  // them.
  if (values.some((text) => /^(?:-?0\d|\+)/.test(text))) return times.find(fits) ?? 'STRING'
  // As doubles, different whole numbers that no integer holds would become the same.
  if (values.every((text) => isWholeNumber(text, dialect))) return wholeNumbers.find(fits) ?? 'STRING'
  return others.find((type) => (type === 'BOOL' ? areTruthWords(values) : fits(type))) ?? 'STRING'
}

/** Kinds of values between which a header is told from data. */
function kindOf(text: string, dialect: Dialect): 'number' | 'time' | 'text' {
  if (isOfType('DOUBLE', text, dialect)) return 'number'
  return times.some((type) => isOfType(type, text, dialect)) ? 'time' : 'text'
}

/** What stands below the first record in a column. */
export interface ColumnBelow {
  /** Undefined where all is null. */
  readonly type: LogicalType | undefined
  readonly texts: ReadonlySet<string>
}

function isLikeBelow(name: string, { type, texts }: ColumnBelow, dialect: Dialect): boolean {
  const kind = kindOf(name, dialect)
  if (type === undefined) return kind !== 'text'
  // A number is a value where other values are numbers, too; above nothing but words it may be a name.
  if (type === 'STRING') return kind !== 'text' && [...texts].some((text) => kindOf(text, dialect) === kind)
  if (type === 'BOOL') return isOfType(type, name, dialect)
  return kind === (times.includes(type) ? 'time' : 'number')
}

/**
 * Whether the first record names the columns: it is something else than the values below. Where these are
 * texts, it may be either; then names are distinct and none is left out, but for that of an index.
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
  const names = first.slice(below[0]?.type === 'INT64' && first[0] === '' ? 1 : 0)
  return alike === 0 && names.length > 0 && !names.includes('') && new Set(names).size === names.length
}
