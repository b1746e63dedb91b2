/**
 * Guesses by which format dates and timestamps are written where they are not as ISO 8601 has them.
 *
 * - One format counts for all columns of a file, as it does in a load; with ISO 8601 beside it none is
 *   guessed.
 * - `03/04/2005` may be either of two days. Only a column with a value that is no date in the other order
 *   says which; where no column does, all of them stay texts.
 */
import { type LogicalType, valueOfText } from '@millrace/core/base'
import type { Dialect, DialectOptions } from './dialect.js'
import { plainText, trimPadding } from './reference-values.js'
import type { TemporalFormats } from './temporal-format.js'
import { typeOfUsualShape } from './usual-shapes.js'

const dates = ['%d/%m/%Y', '%m/%d/%Y', '%d.%m.%Y', '%d-%m-%Y', '%m-%d-%Y', '%Y.%m.%d']
const clocks = ['%H:%M:%S', '%H:%M', '%H:%M:%S.%f', '%I:%M:%S %p', '%I:%M %p', '%I:%M:%S.%f %p']
const timestamps = dates.flatMap((date) => clocks.map((clock) => `${date} ${clock}`))

/** The same with day and month exchanged. */
function otherOrder(format: string): string {
  return format.replace(/%[dm]/g, (part) => (part === '%d' ? '%m' : '%d'))
}

const isNumbersOfDate = /^\d{1,4}([./-])\d{1,2}\1\d{1,4}(?:[ T]|$)/i

/**
 * The texts of a column without nulls when all may be dates or timestamps; else none. Most end at the first.
 */
function textsLikeDates(column: ReadonlySet<string>, isNull: (text: string) => boolean): string[] {
  const texts: string[] = []
  for (const each of column) {
    const text = trimPadding(each)
    if (isNull(text)) continue
    if (!isNumbersOfDate.test(text)) return []
    texts.push(text)
  }
  return texts
}

function guessFormat(
  type: LogicalType & ('DATE' | 'TIMESTAMP'),
  formats: readonly string[],
  columns: readonly string[][],
  dialect: Dialect,
): string {
  const option = type === 'DATE' ? 'dateFormat' : 'timestampFormat'
  const areOf = (texts: readonly string[], format: string) =>
    texts.every((text) => {
      const plain = plainText(type, text, { ...dialect, [option]: format })
      return plain !== undefined && valueOfText(type, plain, dialect) !== undefined
    })
  if (columns.some((texts) => areOf(texts, ''))) return ''
  const certain = formats.filter((format) => {
    const other = otherOrder(format)
    const isOther = (texts: readonly string[]) => formats.includes(other) && areOf(texts, other)
    return columns.some((texts) => areOf(texts, format) && !isOther(texts))
  })
  return certain.length === 1 ? certain[0]! : ''
}

/**
 * The formats of the dates and timestamps in `columns`: as `known` says, else as is certain, else the empty
 * text.
 * @param isNull whether a text, without the padding around it, is a null
 */
export function guessFormats(
  columns: readonly ReadonlySet<string>[],
  dialect: Dialect,
  known: DialectOptions,
  isNull: (text: string) => boolean,
): TemporalFormats {
  const like = columns.map((column) => textsLikeDates(column, isNull)).filter(({ length }) => length > 0)
  // What is surely a date of ISO 8601 is no timestamp in any format.
  const open = like.filter((texts) => typeOfUsualShape(texts, dialect) !== 'DATE')
  const guess = (type: 'DATE' | 'TIMESTAMP', formats: readonly string[]) =>
    open.length === 0 ? '' : guessFormat(type, formats, open, dialect)
  return {
    dateFormat: known.dateFormat ?? (open.length < like.length ? '' : guess('DATE', dates)),
    timestampFormat: known.timestampFormat ?? guess('TIMESTAMP', timestamps),
  }
}
