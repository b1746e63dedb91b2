/**
 * Functions of strings. Positions and lengths count characters (code points); positions begin at 1, as in
 * Kùzu. They work row by row on JavaScript strings: where speed matters, filter before.
 */
import { isListType, itemTypeOf } from '../../../types/index.js'
import { decodeList } from '../../../values/index.js'
import {
  nullVector,
  numberVector,
  type StringVector,
  stringVector,
  textAt,
  valueAt,
  type WorkVector,
} from '../../vectors/vector.js'
import {
  type Compiled,
  expectCount,
  expectInteger,
  expectType,
  type FunctionDefinition,
} from '../definition.js'
import { isOpen, type ValueType } from '../types.js'
import { TextRoom } from './text-room.js'

type RowArgument = string | number

/** A function of one row's values, none of them null. */
function rowwise(
  types: readonly ValueType[],
  required: number,
  compute: (...args: RowArgument[]) => string,
): FunctionDefinition {
  return {
    resolve(args, site) {
      expectCount(args, required, types.length, site)
      types.forEach((type, index) => {
        if (type === 'INT64') expectInteger(args, index, site)
        else expectType(args, index, [type], site)
      })
      return 'STRING'
    },
    compile(args) {
      return (batch) => {
        const vectors = args.map((argument) => argument.evaluate(batch))
        const texts: (string | null)[] = []
        const room = new TextRoom()
        for (let row = 0; row < batch.rows; row++) {
          const values = vectors.map((vector) => valueAt(vector, row))
          const text = values.includes(null)
            ? null
            : compute(...values.map((value) => (typeof value === 'string' ? value : Number(value))))
          room.take(text?.length ?? 0)
          texts.push(text)
        }
        return stringVector(texts)
      }
    },
  }
}

/** Characters `start` … `start + length − 1`, counted from 1. */
function substring(text: string, start: number, length = Number.POSITIVE_INFINITY): string {
  const from = Math.max(start - 1, 0)
  return [...text].slice(from, Math.max(from, start - 1 + length)).join('')
}

function left(text: string, count: number): string {
  return [...text].slice(0, count).join('')
}

function right(text: string, count: number): string {
  return count <= 0 ? '' : [...text].slice(-count).join('')
}

/** Looks at how long the result will be before it is made: a few short texts can ask for terabytes. */
function replace(text: string, from: string, to: string): string {
  if (from === '') return text
  if (to.length > from.length) {
    let count = 0
    for (let at = text.indexOf(from); at !== -1; at = text.indexOf(from, at + from.length)) count++
    new TextRoom().take(text.length + count * (to.length - from.length))
  }
  return text.replaceAll(from, () => to)
}

const textOnly: readonly ValueType[] = ['STRING']

/**
 * Length in characters, without making strings: bytes that continue a character are not counted. Of a BLOB in
 * bytes, of a list in items.
 */
const size: FunctionDefinition = {
  resolve(args, site) {
    expectCount(args, 1, 1, site)
    if (!isListType(args[0]!.type)) expectType(args, 0, ['STRING', 'JSON', 'BLOB', 'LIST'], site)
    return 'INT64'
  },
  compile([operand]) {
    return (batch) => {
      const vector = operand!.evaluate(batch)
      const values = new Float64Array(batch.rows)
      for (let row = 0; row < batch.rows; row++)
        values[row] = vector.nulls?.[row] === 1 ? 0 : sizeAt(vector, row)
      return numberVector('INT64', values, vector.nulls)
    }
  },
}

function sizeAt(vector: WorkVector, row: number): number {
  if (vector.kind === 'list') return vector.values[row]!.length
  if (vector.kind !== 'string') return 0
  const { type } = vector
  if (isListType(type)) return decodeList(itemTypeOf(type), textAt(vector, row)).length
  const entry = vector.codes === null ? row : vector.codes[row]!
  if (type === 'BLOB') return vector.offsets[entry + 1]! - vector.offsets[entry]!
  let characters = 0
  for (let at = vector.offsets[entry]!; at < vector.offsets[entry + 1]!; at++) {
    if ((vector.bytes[at]! & 0xc0) !== 0x80) characters++
  }
  return characters
}

/** `concat(a, b, …)`: a NULL counts as nothing. */
const concat: FunctionDefinition = {
  resolve(args, site) {
    expectCount(args, 1, 64, site)
    args.forEach((_, index) => {
      expectType(args, index, textOnly, site)
    })
    return 'STRING'
  },
  compile(args: readonly Compiled[]) {
    return (batch) => {
      if (args.every((argument) => isOpen(argument.type))) return nullVector(batch.rows)
      const vectors = args.map((argument) => argument.evaluate(batch))
      const texts: string[] = []
      const room = new TextRoom()
      for (let row = 0; row < batch.rows; row++) {
        const parts = vectors.map((vector) =>
          vector.kind !== 'string' || vector.nulls?.[row] === 1 ? '' : textAt(vector as StringVector, row),
        )
        room.take(parts.reduce((sum, { length }) => sum + length, 0))
        texts.push(parts.join(''))
      }
      return stringVector(texts)
    }
  },
}

export const textFunctions: Readonly<Record<string, FunctionDefinition>> = {
  lower: rowwise(textOnly, 1, (text) => String(text).toLowerCase()),
  tolower: rowwise(textOnly, 1, (text) => String(text).toLowerCase()),
  lcase: rowwise(textOnly, 1, (text) => String(text).toLowerCase()),
  upper: rowwise(textOnly, 1, (text) => String(text).toUpperCase()),
  toupper: rowwise(textOnly, 1, (text) => String(text).toUpperCase()),
  ucase: rowwise(textOnly, 1, (text) => String(text).toUpperCase()),
  trim: rowwise(textOnly, 1, (text) => String(text).trim()),
  ltrim: rowwise(textOnly, 1, (text) => String(text).trimStart()),
  rtrim: rowwise(textOnly, 1, (text) => String(text).trimEnd()),
  reverse: rowwise(textOnly, 1, (text) => [...String(text)].reverse().join('')),
  replace: rowwise(['STRING', 'STRING', 'STRING'], 3, (text, from, to) =>
    replace(String(text), String(from), String(to)),
  ),
  substring: rowwise(['STRING', 'INT64', 'INT64'], 2, (text, start, length) =>
    substring(String(text), Number(start), length === undefined ? undefined : Number(length)),
  ),
  substr: rowwise(['STRING', 'INT64', 'INT64'], 2, (text, start, length) =>
    substring(String(text), Number(start), length === undefined ? undefined : Number(length)),
  ),
  left: rowwise(['STRING', 'INT64'], 2, (text, count) => left(String(text), Number(count))),
  right: rowwise(['STRING', 'INT64'], 2, (text, count) => right(String(text), Number(count))),
  concat,
  size,
  length: size,
}
