/**
 * Rows of a query as CSV that the import reads back: commas, `\n`, no header. Texts stand in quotes, always;
 * NULL is a text without them that nothing else writes. Pure.
 */
import { isListType, type LogicalType } from '../../types/index.js'
import { textOfItem, textOfValue } from '../../values/index.js'
import { type Lane, laneOf, typeOfConstant } from '../expression/constants.js'
import type { Constant } from '../expression/expression.js'
import { isOpen, type ValueType } from '../expression/types.js'
import { type ListVector, textAt, type Vector } from '../vectors/vector.js'
import type { ResultBatch, ResultVector } from './result-batch.js'

/** How NULL is written. No value is: of those that stand without quotes none has a backslash first. */
export const csvOfNull = '\\N'

/** Characters after which a part of a batch is given out. */
const partCharacters = 64 * 1024

/**
 * The rows of `batch`, in parts of some 64 Ki characters, or of one row.
 * @param types of the columns: no nodes and relationships
 */
export function* csvOfBatch(batch: ResultBatch, types: readonly ValueType[]): Generator<string> {
  const fields = batch.columns.map((vector, i) => fieldReader(vector, types[i]!))
  let text = ''
  for (let row = 0; row < batch.rows; row++) {
    for (let i = 0; i < fields.length; i++) text += `${i === 0 ? '' : ','}${fields[i]!(row)}`
    text += '\n'
    if (text.length < partCharacters) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

type FieldReader = (row: number) => string

function fieldReader(vector: ResultVector, type: ValueType): FieldReader {
  if (vector.kind === 'entity') throw new TypeError('nodes and relationships have no text in CSV')
  const read = valueReader(vector, isOpen(type) ? vector.type : type)
  const { nulls } = vector
  return nulls === null ? read : (row) => (nulls[row] === 1 ? csvOfNull : read(row))
}

function valueReader(vector: Vector | ListVector, type: ValueType): FieldReader {
  if (vector.kind === 'list') return (row) => quoted(textOfItems(vector.values[row]!, vector.itemType))
  const { kind } = vector
  const write = writerOf(type)
  if (kind === 'string') return (row) => write(textAt(vector, row))
  const { values } = vector
  return (row) => write(values[row]!)
}

/** What writes values that are lanes. Numbers, dates and the like have nothing to quote. */
function writerOf(type: ValueType): (lane: Lane) => string {
  if (type === 'STRING') return (lane) => quoted(lane as string)
  const isQuoted = type === 'JSON' || isListType(type)
  const textOf = (lane: Lane) => textOfValue(type as LogicalType, lane)
  return isQuoted ? (lane) => quoted(textOf(lane)) : textOf
}

/** A list that the query made, of lanes, or, where it is written out, of constants. */
function textOfItems(items: readonly unknown[], itemType: ValueType | undefined): string {
  const texts = items.map((item) => {
    if (item === null) return 'NULL'
    if (Array.isArray(item)) return textOfItems(item, undefined)
    const type = itemType ?? typeOfConstant(item as Constant)
    const lane = itemType === undefined ? laneOf(item as Constant)! : (item as Lane)
    return textOfItem(type as LogicalType, lane)
  })
  return `[${texts.join(',')}]`
}

function quoted(text: string): string {
  return `"${text.includes('"') ? text.replaceAll('"', '""') : text}"`
}
