/** The names types go by in statements and options. */
import {
  decimalDigitsMax,
  decimalShape,
  decimalType,
  type LogicalType,
  listDepthMax,
  namedTypeNames,
} from './logical-type.js'

const aliases: Readonly<Record<string, LogicalType>> = {
  INT: 'INT32',
  INTEGER: 'INT32',
  INT4: 'INT32',
  BIGINT: 'INT64',
  LONG: 'INT64',
  SMALLINT: 'INT16',
  INT2: 'INT16',
  SHORT: 'INT16',
  TINYINT: 'INT8',
  UTINYINT: 'UINT8',
  USMALLINT: 'UINT16',
  UINTEGER: 'UINT32',
  UINT: 'UINT32',
  UBIGINT: 'UINT64',
  FLOAT4: 'FLOAT',
  FLOAT32: 'FLOAT',
  REAL: 'FLOAT',
  FLOAT8: 'DOUBLE',
  FLOAT64: 'DOUBLE',
  BOOLEAN: 'BOOL',
  TEXT: 'STRING',
  VARCHAR: 'STRING',
  BYTEA: 'BLOB',
  BINARY: 'BLOB',
  VARBINARY: 'BLOB',
  DATETIME: 'TIMESTAMP',
}

const decimalNames: readonly string[] = ['DECIMAL', 'NUMERIC', 'DEC']

/** A DECIMAL without digits, as Kùzu and DuckDB have it. */
const decimalDefault = decimalType(18, 3)

const hints: Readonly<Record<string, string>> = {
  SERIAL: 'Give the table a key column of its own; id(a) numbers rows in file order.',
  INT128: 'Write DECIMAL(38,0).',
  HUGEINT: 'Write DECIMAL(38,0).',
  LIST: 'Write the type of the items with brackets behind it: INT64[].',
  ARRAY: 'Write the type of the items with brackets behind it: INT64[].',
  MAP: 'Keep it as JSON.',
  STRUCT: 'Keep it as JSON.',
}

/** Why a text names no type. Without a hint the name is not known at all. */
export interface UnknownType {
  readonly name: string
  readonly what: string
  readonly hint?: string
}

const typePattern = /^\s*([A-Z_]\w*)\s*(?:\(([^)]*)\))?\s*((?:\[\s*\d*\s*\]\s*)*)$/

/** The type that `text` names, in any case: `INT64`, `DECIMAL(9,2)`, `STRING[]`; or why there is none. */
export function typeOfName(text: string): LogicalType | UnknownType {
  const [, base, parameters, brackets = ''] = typePattern.exec(text.toUpperCase()) ?? []
  const refuse = (what: string, hint: string): UnknownType => ({ name: text, what, hint })
  if (base === undefined)
    return refuse(`There is no type ${text}`, 'See docs/import.md for the types there are.')
  if (/\d/.test(brackets)) return refuse(`${text} is a list of fixed length`, 'Leave the length out.')
  const depth = brackets.split('[').length - 1
  if (depth > listDepthMax) {
    return refuse(`${text} is a list in too many lists`, `At most ${listDepthMax} are possible.`)
  }
  const isDecimal = decimalNames.includes(base)
  if (parameters !== undefined && !isDecimal)
    return refuse(`${base} takes no parameters`, `Write ${base} alone.`)
  const item = isDecimal ? decimalOf(parameters) : plainType(base)
  return typeof item === 'string' ? (`${item}${'[]'.repeat(depth)}` as LogicalType) : { ...item, name: text }
}

function plainType(base: string): LogicalType | UnknownType {
  const type = namedTypeNames.find((candidate) => candidate === base)
  if (type !== undefined) return type
  if (Object.hasOwn(aliases, base)) return aliases[base]!
  const unknown = { name: base, what: `There is no type ${base}` }
  return Object.hasOwn(hints, base) ? { ...unknown, hint: hints[base]! } : unknown
}

function decimalOf(parameters: string | undefined): LogicalType | UnknownType {
  if (parameters === undefined) return decimalDefault
  const [precision = '', scale = '0', ...others] = parameters.split(',').map((part) => part.trim())
  const type = decimalType(Number(precision), Number(scale))
  const isDigits = [precision, scale].every((part) => /^\d{1,2}$/.test(part))
  if (isDigits && others.length === 0 && decimalShape(type) !== null) return type
  const hint = `Write DECIMAL(digits, digits behind the point), with 1 to ${decimalDigitsMax} digits in all.`
  return { name: 'DECIMAL', what: `There is no type DECIMAL(${parameters})`, hint }
}
