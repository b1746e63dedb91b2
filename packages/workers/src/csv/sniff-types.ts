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
/** Types of days and times. */
export const times: readonly LogicalType[] = ['DATE', 'TIMESTAMP', 'TIME']

/** `1`, `y` and `n` are truth values to whoever says that a column has them, but also much else. */
export const truthWords = /^(?:true|false|t|f|yes|no)$/i

/**
 * A time of day as clocks show it. `1:30` and `2:1` are times to whoever says so, but also scores and ratios.
 */
const clockTime = /^(?:\d\d:\d\d|\d{1,2}:\d\d:\d\d(?:\.\d+)?)$/

/** Whether the import would read `text` as a value of `type`, which is as good a guess as any. */
export function isOfType(type: LogicalType, text: string, dialect: Dialect): boolean {
  if (type === 'TIME' && !clockTime.test(text)) return false
  const plain = plainText(type, text, dialect)
  return plain !== undefined && valueOfText(type, plain, dialect) !== undefined
}

function isWholeNumber(text: string, dialect: Dialect): boolean {
  return /^[+-]?\d+$/.test(plainText('INT64', text, dialect) ?? '')
}

/** Truth values in words; `t` or `NO` alone may be a code: a letter, a country. */
function areTruthWords(texts: readonly string[]): boolean {
  if (!texts.every((text) => truthWords.test(text))) return false
  const words = new Set(texts.map((text) => text.toLowerCase()))
  return words.size > 1 || words.has('true') || words.has('false')
}

/**
 * `4E8` as parts and products are called: who writes numbers so has a point, or a sign before the exponent.
 */
const partNumber = /^\d+e\d+$/i

/** Numbers of two parts of which `1.1` is another than `1.10`: versions. */
function areVersions(values: readonly string[]): boolean {
  const all = new Set(values)
  const hasTwin = (text: string) => /\.\d+0$/.test(text) && all.has(text.slice(0, -1))
  return values.some(hasTwin) && values.every((text) => /^\d{1,3}\.\d{1,3}$/.test(text))
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
  if (usual !== undefined) return usual === 'DOUBLE' && areVersions(values) ? 'STRING' : usual
  const fits = (type: LogicalType) => values.every((text) => isOfType(type, text, dialect))
  // A number with leading zeros or a plus is a code (a ZIP, a telephone number): as a number it would lose
  // them.
  if (values.some((text) => /^(?:-?0\d|\+)/.test(text))) return times.find(fits) ?? 'STRING'
  if (values.every((text) => partNumber.test(text))) return 'STRING'
  // As doubles, different whole numbers that no integer holds would become the same.
  if (values.every((text) => isWholeNumber(text, dialect))) return wholeNumbers.find(fits) ?? 'STRING'
  return others.find((type) => (type === 'BOOL' ? areTruthWords(values) : fits(type))) ?? 'STRING'
}
