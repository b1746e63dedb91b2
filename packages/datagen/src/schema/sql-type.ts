/**
 * PostgreSQL's types by name: what a column may be declared as, and what kind of value that means. Pure.
 *
 * A type is known by its `kind`, which decides how values are made and written; `ddl` is how it is declared.
 */
export type TypeKind =
  | 'integer'
  | 'decimal'
  | 'double'
  | 'boolean'
  | 'text'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'interval'
  | 'uuid'
  | 'json'
  | 'bytea'
  | 'inet'
  | 'macaddr'
  | 'enum'
  | 'composite'
  | 'array'

export interface SqlType {
  readonly kind: TypeKind
  /** As it stands in CREATE TABLE; a serial type as the integer type beneath it. */
  readonly ddl: string
  /** Integers: the smallest and largest value. */
  readonly min?: number
  readonly max?: number
  /** The column counts up by itself, from a sequence of its own. */
  readonly serial?: boolean
  /** The column counts as an identity; whether values of its own may be given. */
  readonly identity?: 'ALWAYS' | 'BY DEFAULT'
  /** Texts: the most characters; absent: any number. */
  readonly length?: number
  /** Texts: filled up with blanks to `length`, as `char(n)` is. */
  readonly fixed?: boolean
  /** Decimals: digits in all, and behind the point. */
  readonly precision?: number
  readonly scale?: number
  /** Doubles: 32 bits wide. */
  readonly single?: boolean
  /** Times: with a time zone. */
  readonly zoned?: boolean
  /** Digits behind the second. */
  readonly secondDigits?: number
  /** Enums: the values in order. Composites: the fields. Arrays: the type of an element. */
  readonly values?: readonly string[]
  readonly fields?: readonly { readonly name: string; readonly type: SqlType }[]
  readonly element?: SqlType
  /** Domains: the declaration of the type beneath. */
  readonly base?: string
  /** Domains: what a value must fulfil, in SQL, with VALUE for it. */
  readonly check?: string
}

const integerTypes: Record<string, { ddl: string; bytes: 2 | 4 | 8; serial?: boolean }> = {
  smallint: { ddl: 'smallint', bytes: 2 },
  int2: { ddl: 'smallint', bytes: 2 },
  integer: { ddl: 'integer', bytes: 4 },
  int: { ddl: 'integer', bytes: 4 },
  int4: { ddl: 'integer', bytes: 4 },
  bigint: { ddl: 'bigint', bytes: 8 },
  int8: { ddl: 'bigint', bytes: 8 },
  smallserial: { ddl: 'smallint', bytes: 2, serial: true },
  serial2: { ddl: 'smallint', bytes: 2, serial: true },
  serial: { ddl: 'integer', bytes: 4, serial: true },
  serial4: { ddl: 'integer', bytes: 4, serial: true },
  bigserial: { ddl: 'bigint', bytes: 8, serial: true },
  serial8: { ddl: 'bigint', bytes: 8, serial: true },
}

/** Integers of eight bytes are made up to 2^53: beyond it JavaScript's numbers are not exact. */
const integerRanges = {
  2: { min: -32_768, max: 32_767 },
  4: { min: -2_147_483_648, max: 2_147_483_647 },
  8: { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER },
} as const

const plainTypes: Record<string, SqlType> = {
  real: { kind: 'double', ddl: 'real', single: true },
  float4: { kind: 'double', ddl: 'real', single: true },
  'double precision': { kind: 'double', ddl: 'double precision' },
  double: { kind: 'double', ddl: 'double precision' },
  float: { kind: 'double', ddl: 'double precision' },
  float8: { kind: 'double', ddl: 'double precision' },
  boolean: { kind: 'boolean', ddl: 'boolean' },
  bool: { kind: 'boolean', ddl: 'boolean' },
  text: { kind: 'text', ddl: 'text' },
  string: { kind: 'text', ddl: 'text' },
  citext: { kind: 'text', ddl: 'citext' },
  name: { kind: 'text', ddl: 'name', length: 63 },
  tsvector: { kind: 'text', ddl: 'tsvector' },
  varchar: { kind: 'text', ddl: 'character varying' },
  'character varying': { kind: 'text', ddl: 'character varying' },
  date: { kind: 'date', ddl: 'date' },
  uuid: { kind: 'uuid', ddl: 'uuid' },
  json: { kind: 'json', ddl: 'json' },
  jsonb: { kind: 'json', ddl: 'jsonb' },
  bytea: { kind: 'bytea', ddl: 'bytea' },
  inet: { kind: 'inet', ddl: 'inet' },
  cidr: { kind: 'inet', ddl: 'cidr' },
  macaddr: { kind: 'macaddr', ddl: 'macaddr' },
  interval: { kind: 'interval', ddl: 'interval' },
}

/** Types that take numbers in parentheses. */
function parameterised(name: string, numbers: readonly number[]): SqlType | undefined {
  const [first, second] = numbers
  const shown = numbers.length === 0 ? '' : `(${numbers.join(',')})`
  if (/^(?:varchar|character varying)$/.test(name) && numbers.length === 1 && first! >= 1) {
    return { kind: 'text', ddl: `character varying${shown}`, length: first! }
  }
  if (/^(?:char|character|bpchar)$/.test(name) && numbers.length <= 1 && (first ?? 1) >= 1) {
    return { kind: 'text', ddl: `character${shown}`, length: first ?? 1, fixed: true }
  }
  if (/^(?:numeric|decimal|money)$/.test(name) && numbers.length <= 2) {
    if (name === 'money') return { kind: 'decimal', ddl: 'money', precision: 12, scale: 2 }
    if (first === undefined) return { kind: 'decimal', ddl: 'numeric' }
    if (first < 1 || (second ?? 0) > first) return undefined
    return { kind: 'decimal', ddl: `numeric${shown}`, precision: first, scale: second ?? 0 }
  }
  if (name === 'float' && numbers.length === 1) return plainTypes[first! <= 24 ? 'real' : 'float8']
  return undefined
}

/** `timestamp(3) with time zone` and its kin. */
function timeType(name: string): SqlType | undefined {
  const match =
    /^(timestamptz|timetz|timestamp|time|datetime)\s*(?:\(\s*([0-6])\s*\))?\s*(with(?:out)? time zone)?$/.exec(
      name,
    )
  if (match === null) return undefined
  const [, word = '', digits, zone] = match
  const zoned = word.endsWith('tz') || zone === 'with time zone'
  const kind = word === 'time' || word === 'timetz' ? 'time' : 'timestamp'
  const precision = digits === undefined ? '' : `(${digits})`
  return {
    kind,
    ddl: `${kind}${precision} ${zoned ? 'with' : 'without'} time zone`,
    zoned,
    ...(digits !== undefined && { secondDigits: Number(digits) }),
  }
}

/** `bigint generated always as identity`, which counts as a serial type does. */
function identityType(name: string): SqlType | undefined {
  const [, base = '', kind] = /^(\w+) generated (always|by default) as identity$/.exec(name) ?? []
  const integer = Object.hasOwn(integerTypes, base) ? integerTypes[base] : undefined
  if (integer === undefined || integer.serial === true) return undefined
  const identity = kind === 'always' ? 'ALWAYS' : 'BY DEFAULT'
  return { kind: 'integer', ddl: integer.ddl, ...integerRanges[integer.bytes], serial: true, identity }
}

/**
 * The type that `text` names; undefined when there is none. `custom` are the schema's own types, by name.
 */
export function parseSqlType(text: string, custom: ReadonlyMap<string, SqlType>): SqlType | undefined {
  const trimmed = text.trim()
  const array = /^(.*?)\s*(?:\[\s*\d*\s*\]|\sarray)$/is.exec(trimmed)
  if (array !== null) {
    const element = parseSqlType(array[1] as string, custom)
    if (element === undefined || element.serial === true) return undefined
    return { kind: 'array', ddl: `${element.ddl}[]`, element }
  }
  const own = custom.get(trimmed)
  if (own !== undefined) return own
  const name = trimmed.toLowerCase().replace(/\s+/g, ' ')
  const integer = Object.hasOwn(integerTypes, name) ? integerTypes[name] : undefined
  if (integer !== undefined) {
    const { ddl, bytes, serial } = integer
    return { kind: 'integer', ddl, ...integerRanges[bytes], ...(serial === true && { serial: true }) }
  }
  if (Object.hasOwn(plainTypes, name)) return plainTypes[name]
  const call = /^([a-z ]+?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?$/.exec(name)
  const numbers = call === null ? [] : [call[2], call[3]].flatMap((digits) => digits ?? []).map(Number)
  return (
    timeType(name) ??
    identityType(name) ??
    (call === null ? undefined : parameterised(call[1] as string, numbers))
  )
}

/** The types that a schema can name, for messages. */
export const typesExpected =
  'a PostgreSQL type such as integer, bigint, serial, bigint generated always as identity, numeric(10,2), double precision, boolean, varchar(255), text, ' +
  'date, time, timestamp, timestamptz, interval, uuid, json, jsonb, bytea, inet, cidr, macaddr, an array of one ' +
  '(text[]), or a name of custom_types'
