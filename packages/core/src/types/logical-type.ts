/**
 * The logical types a column can have, and how each is held while it moves.
 *
 * | type      | physical lane | unit or range                                                     |
 * |-----------|---------------|-------------------------------------------------------------------|
 * | INT64     | int           | −2^63 … 2^63 − 1                                                  |
 * | INT32     | int           | −2^31 … 2^31 − 1                                                  |
 * | DOUBLE    | double        | IEEE 754 binary64                                                 |
 * | BOOL      | int           | 0 or 1                                                            |
 * | STRING    | string        | UTF-8 bytes                                                       |
 * | DATE      | int           | days since 1970-01-01 (proleptic Gregorian)                       |
 * | TIMESTAMP | int           | microseconds since 1970-01-01T00:00:00Z                           |
 *
 * A lane is 8 bytes wide in every column buffer (see `column/column-buffer.ts`), whatever the type.
 */

/** A column's type as written in a statement. */
export type LogicalType = 'INT64' | 'INT32' | 'DOUBLE' | 'BOOL' | 'STRING' | 'DATE' | 'TIMESTAMP'

/** How values of a type are held in an 8-byte lane: a signed integer, a double, or a reference to bytes. */
export type PhysicalType = 'int' | 'double' | 'string'

/** Every logical type with its code in files (zero is never valid) and its physical lane. */
export const logicalTypes = {
  INT64: { code: 1, physical: 'int' },
  INT32: { code: 2, physical: 'int' },
  DOUBLE: { code: 3, physical: 'double' },
  BOOL: { code: 4, physical: 'int' },
  STRING: { code: 5, physical: 'string' },
  DATE: { code: 6, physical: 'int' },
  TIMESTAMP: { code: 7, physical: 'int' },
} as const satisfies Record<LogicalType, { code: number; physical: PhysicalType }>

/** All type names, in the order of their codes. */
export const logicalTypeNames = Object.keys(logicalTypes) as LogicalType[]

/** The physical lane of `type`. */
export function physicalTypeOf(type: LogicalType): PhysicalType {
  return logicalTypes[type].physical
}

/** The type whose code is `code`, or undefined when no type has it. */
export function logicalTypeFromCode(code: number): LogicalType | undefined {
  return logicalTypeNames.find((name) => logicalTypes[name].code === code)
}

/** Types that may be the primary key of a node table. */
export const keyTypes: readonly LogicalType[] = ['INT64', 'INT32', 'STRING', 'DATE', 'TIMESTAMP']
