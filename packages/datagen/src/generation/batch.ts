/** Rows as JavaScript values: for programs, at the price of an object a row. */
import type { Column, SqlType, Table } from '../schema/index.js'
import { type Lane, type Source, textBytesMax, textWriter } from '../values/index.js'

/** What a cell can be: arrays hold cells, JSON what it parses to. */
export type Value = string | number | boolean | Date | null | readonly Value[] | object

export type Row = Record<string, Value>

/** Some rows of a table. Values are made when they are asked for, and are the caller's. */
export class Batch {
  readonly table: string
  /** The number of the first row, from 0 on. */
  readonly firstRow: number
  readonly rowCount: number
  readonly columns: readonly string[]
  readonly #values: readonly (readonly Value[])[]

  constructor(table: Table, firstRow: number, values: readonly (readonly Value[])[]) {
    this.table = table.name
    this.firstRow = firstRow
    this.rowCount = values[0]?.length ?? 0
    this.columns = table.columns.map(({ name }) => name)
    this.#values = values
  }

  /** The values of a column, or undefined when there is none of that name. */
  column(name: string): readonly Value[] | undefined {
    return this.#values[this.columns.indexOf(name)]
  }

  /** The rows as objects. */
  rows(): Row[] {
    return Array.from({ length: this.rowCount }, (_, at) =>
      Object.fromEntries(this.columns.map((name, column) => [name, this.#values[column]![at] as Value])),
    )
  }
}

/** Copies what `lane` holds of a column. */
export function columnValues(source: Source, lane: Lane, count: number, { type }: Column): Value[] {
  const read = reader(source, type)
  return Array.from({ length: count }, (_, at) =>
    lane.hasNulls && lane.nulls[at] === 1 ? null : read(lane, at),
  )
}

function reader(source: Source, type: SqlType): (lane: Lane, at: number) => Value {
  const { kind } = source.lane
  if (kind === 'doubles') return (lane, at) => lane.numbers[at] as number
  if (kind === 'numbers') {
    switch (type.kind) {
      case 'boolean':
        return (lane, at) => lane.numbers[at] !== 0
      case 'date':
        return (lane, at) => new Date((lane.numbers[at] as number) * 86_400_000)
      case 'timestamp':
        return (lane, at) => new Date(Math.floor((lane.numbers[at] as number) / 1000))
      case 'integer':
      case 'decimal':
      case 'double': {
        const unit = 10 ** source.scale
        return (lane, at) => (lane.numbers[at] as number) / unit
      }
      default:
        break
    }
  }
  const text = textReader(source, type)
  if (type.kind === 'json') return (lane, at) => JSON.parse(text(lane, at)) as Value
  if (type.kind === 'array') return (lane, at) => parseArray(text(lane, at), type.element as SqlType)
  return text
}

function textReader(source: Source, type: SqlType): (lane: Lane, at: number) => string {
  const write = textWriter(source, type)
  let bytes = Buffer.alloc(256)
  return (lane, at) => {
    const room = textBytesMax(lane, at)
    if (room > bytes.length) bytes = Buffer.alloc(room * 2)
    return bytes.toString('utf8', 0, write(lane, at, bytes, 0))
  }
}

/** `{1,2}`, `{"a b",NULL}`, `{{1},{2}}` as an array. */
function parseArray(text: string, element: SqlType): Value[] {
  const token = /"((?:[^"\\]|\\.)*)"|[^,{}]+/gs
  let at = 0
  const items = (type: SqlType): Value[] => {
    const found: Value[] = []
    for (at++; text[at] !== '}'; at += text[at] === ',' ? 1 : 0) {
      if (text[at] === '{') {
        found.push(items(type.element as SqlType))
        continue
      }
      token.lastIndex = at
      const [whole, quoted] = token.exec(text) as RegExpExecArray
      at += whole.length
      found.push(whole === 'NULL' ? null : elementValue(quoted?.replace(/\\(.)/gs, '$1') ?? whole, type))
    }
    at++
    return found
  }
  return items(element)
}

function elementValue(text: string, { kind }: SqlType): Value {
  if (['integer', 'decimal', 'double'].includes(kind)) return Number(text)
  if (kind === 'boolean') return text === 'true'
  if (kind === 'json') return JSON.parse(text) as Value
  if (kind === 'date' || kind === 'timestamp')
    return new Date(`${text.replace(' ', 'T')}${kind === 'date' ? '' : text.includes('+') ? '' : 'Z'}`)
  return text
}
