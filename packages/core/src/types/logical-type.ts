/**
 * The logical types a column can have, and how each is held while it moves.
 *
 * | type          | physical lane | unit or range                                                           |
 * |---------------|---------------|-------------------------------------------------------------------------|
 * | INT64         | int           | −2^63 … 2^63 − 1                                                        |
 * | INT32         | int           | −2^31 … 2^31 − 1                                                        |
 * | INT16, INT8   | int           | −2^15 … 2^15 − 1, −128 … 127                                            |
 * | UINT32, 16, 8 | int           | 0 … 2^32 − 1, 65,535, 255                                               |
 * | UINT64        | int           | 0 … 2^64 − 1; the lane is the value − 2^63, so that lanes sort as values |
 * | DOUBLE        | double        | IEEE 754 binary64                                                       |
 * | FLOAT         | double        | IEEE 754 binary32, widened                                              |
 * | DECIMAL(p, s) | int           | p ≤ 18: the value × 10^s, at most p digits                              |
 * | DECIMAL(p, s) | string        | p ≤ 38: 16 bytes, the value × 10^s + 2^127, the highest byte first      |
 * | BOOL          | int           | 0 or 1                                                                  |
 * | STRING        | string        | UTF-8 bytes                                                             |
 * | JSON          | string        | UTF-8 bytes that are a JSON text                                        |
 * | BLOB          | string        | any bytes                                                               |
 * | UUID          | string        | 16 bytes, in the order in which they are written                        |
 * | DATE          | int           | days since 1970-01-01 (proleptic Gregorian)                             |
 * | TIME          | int           | microseconds since midnight, below a day                                |
 * | TIMESTAMP     | int           | microseconds since 1970-01-01T00:00:00Z                                 |
 * | INTERVAL      | string        | 20 bytes: see `values/interval.ts`                                      |
 * | T[]           | string        | a list of any of these: see `values/list.ts`                            |
 *
 * A lane is 8 bytes wide in every column buffer (see `column/column-buffer.ts`), whatever the type. Of every
 * type the lanes, or the bytes they refer to, sort as the values do.
 */

/** How values of a type are held in an 8-byte lane: a signed integer, a double, or a reference to bytes. */
export type PhysicalType = 'int' | 'double' | 'string'

/** The types that are a name alone, with their codes in files (zero is never valid) and physical lanes. */
export const namedTypes = {
  INT64: { code: 1, physical: 'int' },
  INT32: { code: 2, physical: 'int' },
  DOUBLE: { code: 3, physical: 'double' },
  BOOL: { code: 4, physical: 'int' },
  STRING: { code: 5, physical: 'string' },
  DATE: { code: 6, physical: 'int' },
  TIMESTAMP: { code: 7, physical: 'int' },
  INT16: { code: 8, physical: 'int' },
  INT8: { code: 9, physical: 'int' },
  UINT64: { code: 10, physical: 'int' },
  UINT32: { code: 11, physical: 'int' },
  UINT16: { code: 12, physical: 'int' },
  UINT8: { code: 13, physical: 'int' },
  FLOAT: { code: 14, physical: 'double' },
  TIME: { code: 15, physical: 'int' },
  INTERVAL: { code: 16, physical: 'string' },
  UUID: { code: 17, physical: 'string' },
  BLOB: { code: 18, physical: 'string' },
  JSON: { code: 19, physical: 'string' },
} as const satisfies Record<string, { code: number; physical: PhysicalType }>

/** A type that is a name alone. */
export type NamedType = keyof typeof namedTypes

/** Precision (digits in all, 1 … 38) and scale (digits behind the point, 0 … precision). */
export type DecimalType = `DECIMAL(${number},${number})`

/** A list of values of the type before the brackets. */
export type ListType = `${string}[]`

/** A column's type as written in a statement, without spaces. */
export type LogicalType = NamedType | DecimalType | ListType

/** Codes of the types that have parameters. */
export const parameterCodes = { decimal: 20, list: 21 } as const

/** Digits of a DECIMAL in an int lane, and of any. */
export const decimalIntDigitsMax = 18
export const decimalDigitsMax = 38

/** Lists in lists: brackets behind a type. */
export const listDepthMax = 4

/** All type names, in the order of their codes. */
export const namedTypeNames = Object.keys(namedTypes) as NamedType[]

export interface DecimalShape {
  readonly precision: number
  readonly scale: number
}

const decimalPattern = /^DECIMAL\((\d{1,2}),(\d{1,2})\)$/
const shapes = new Map<string, DecimalShape | null>()

/** Precision and scale of `type` when it is a DECIMAL within the limits; null for every other type. */
export function decimalShape(type: string): DecimalShape | null {
  if (!type.startsWith('DECIMAL(')) return null
  let shape = shapes.get(type)
  if (shape === undefined) {
    const match = decimalPattern.exec(type)
    const [precision, scale] = [Number(match?.[1]), Number(match?.[2])]
    const isOne = precision >= 1 && precision <= decimalDigitsMax && scale <= precision
    shape = isOne ? { precision, scale } : null
    shapes.set(type, shape)
  }
  return shape
}

export function decimalType(precision: number, scale: number): DecimalType {
  return `DECIMAL(${precision},${scale})`
}

export function isListType(type: string): type is ListType {
  return type.endsWith('[]')
}

/** The type of the items of a list. */
export function itemTypeOf(type: ListType): LogicalType {
  return type.slice(0, -2) as LogicalType
}

function isNamedType(type: string): type is NamedType {
  return Object.hasOwn(namedTypes, type)
}

/** The physical lane of `type`. */
export function physicalTypeOf(type: LogicalType): PhysicalType {
  if (isNamedType(type)) return namedTypes[type].physical
  const shape = decimalShape(type)
  return shape !== null && shape.precision <= decimalIntDigitsMax ? 'int' : 'string'
}

/** True when `type` is held as bytes that are no text: everything in a string lane but STRING and JSON. */
export function isBytesType(type: LogicalType): boolean {
  return type !== 'STRING' && type !== 'JSON' && physicalTypeOf(type) === 'string'
}

/** The code of `type` in files; what else it takes to know the type follows it (see `typeBytes`). */
export function typeCode(type: LogicalType): number {
  if (isNamedType(type)) return namedTypes[type].code
  return isListType(type) ? parameterCodes.list : parameterCodes.decimal
}

/**
 * `type` as it stands in files: its code; behind that of a DECIMAL precision and scale; behind that of a list
 * the type of its items.
 */
export function typeBytes(type: LogicalType): number[] {
  if (isListType(type)) return [parameterCodes.list, ...typeBytes(itemTypeOf(type))]
  const shape = decimalShape(type)
  return shape === null ? [typeCode(type)] : [parameterCodes.decimal, shape.precision, shape.scale]
}

/** The type that begins with `code`, and goes on with what `next` gives; undefined when there is none. */
export function typeOfBytes(code: number, next: () => number, depth = 0): LogicalType | undefined {
  if (code === parameterCodes.decimal) {
    const type = decimalType(next(), next())
    return decimalShape(type) === null ? undefined : type
  }
  if (code === parameterCodes.list) {
    const item = depth < listDepthMax ? typeOfBytes(next(), next, depth + 1) : undefined
    return item === undefined ? undefined : `${item}[]`
  }
  return namedTypeOf(code)
}

const namedTypesByCode = new Map<number, NamedType>(
  namedTypeNames.map((name) => [namedTypes[name].code, name]),
)

/** The type whose code is all there is of it; undefined when there is none, or more belongs to it. */
export function namedTypeOf(code: number): LogicalType | undefined {
  return namedTypesByCode.get(code)
}

/** Types that may be the primary key of a node table. */
export const keyTypes: readonly LogicalType[] = [
  ...(['INT64', 'INT32', 'INT16', 'INT8', 'UINT64', 'UINT32', 'UINT16', 'UINT8'] as const),
  ...(['STRING', 'UUID', 'DATE', 'TIMESTAMP'] as const),
]
