/**
 * A schema as the generator works with it: checked, complete, with every shorthand written out. It is made of
 * plain values, so that it can be sent to workers.
 */
import type { SqlType } from './sql-type.js'

export interface Schema {
  readonly name: string
  readonly encoding: string
  /** The locale of names and addresses, as faker names it: `en`, `de`, `fr_CA`. */
  readonly locale: string
  /** The moment that generated times end at, in microseconds since 1970. */
  readonly nowMicros: number
  readonly extensions: readonly string[]
  readonly types: readonly CustomType[]
  readonly sequences: readonly Sequence[]
  readonly tables: readonly Table[]
}

export interface CustomType {
  readonly name: string
  readonly kind: 'enum' | 'composite' | 'domain'
  readonly type: SqlType
}

export interface Sequence {
  readonly name: string
  readonly start: number
  readonly increment: number
  readonly min?: number
  readonly max?: number
  readonly cache: number
  readonly cycle: boolean
}

export interface Table {
  readonly name: string
  /** Where the table stands in the schema, for messages. */
  readonly path: string
  readonly comment?: string
  readonly columns: readonly Column[]
  readonly primaryKey: readonly string[]
  /** Of the constraint; set where there is a primary key. */
  readonly primaryKeyName?: string
  readonly foreignKeys: readonly ForeignKey[]
  readonly uniques: readonly UniqueConstraint[]
  readonly checks: readonly CheckConstraint[]
  readonly indexes: readonly Index[]
  readonly rowCount?: number
  /** False: the table has as many rows at every scale. */
  readonly scaled: boolean
}

export interface Column {
  readonly name: string
  readonly path: string
  readonly type: SqlType
  readonly nullable: boolean
  /** SQL, as it is written behind DEFAULT. */
  readonly default?: string
  readonly comment?: string
  /** The sequence that a serial type counts with. */
  readonly ownSequence?: string
  /** Filled from this sequence. */
  readonly sequence?: string
  readonly options: GeneratorOptions
}

/** How a column's values are made: what the schema says, nothing added. */
export interface GeneratorOptions {
  readonly generator?: string
  readonly min?: number | string
  readonly max?: number | string
  readonly values?: readonly Scalar[]
  readonly weights?: readonly number[]
  readonly pattern?: string
  readonly template?: string
  readonly start?: number | string
  readonly end?: string
  readonly increment?: number
  readonly timePattern?: string
  readonly peakHours?: readonly number[]
  readonly sorted?: boolean
  /** Times lie on a grid of this many microseconds from the start on. */
  readonly intervalMicros?: number
  readonly distribution?: Distribution
  /** Numbers within the range that a check constraint rules out. */
  readonly except?: readonly number[]
  readonly nullFraction?: number
  readonly trueFraction?: number
  readonly after?: { readonly column: string; readonly min?: number | string; readonly max?: number | string }
  readonly rules?: readonly Rule[]
  readonly formula?: string
  readonly copy?: { readonly foreignKey: string; readonly column: string }
  readonly lengthMin?: number
  readonly lengthMax?: number
  readonly words?: number
  readonly sentences?: number
  readonly paragraphs?: number
  readonly decimals?: number
  readonly domain?: string
  readonly format?: string
  readonly element?: GeneratorOptions
  readonly fields?: Readonly<Record<string, GeneratorOptions & { readonly type?: string }>>
  readonly value?: Scalar
}

export type Scalar = string | number | boolean | null

export interface Distribution {
  readonly type: 'uniform' | 'normal' | 'lognormal' | 'poisson' | 'zipf' | 'exponential' | 'even'
  readonly mean?: number
  readonly deviation?: number
  readonly exponent?: number
  readonly min?: number
  readonly max?: number
}

/** The first rule whose conditions all hold says how the value is made. */
export interface Rule {
  readonly when: readonly Condition[]
  readonly options: GeneratorOptions
}

export interface Condition {
  readonly column: string
  readonly test: 'in' | 'notIn' | 'less' | 'greater' | 'atMost' | 'atLeast' | 'isNull' | 'notNull'
  readonly values: readonly Scalar[]
}

export interface ForeignKey {
  readonly name: string
  readonly path: string
  readonly columns: readonly string[]
  readonly table: string
  readonly referenced: readonly string[]
  readonly onDelete?: string
  readonly onUpdate?: string
  readonly distribution?: Distribution
}

export interface UniqueConstraint {
  readonly name: string
  readonly path: string
  readonly columns: readonly string[]
}

export interface CheckConstraint {
  readonly name: string
  readonly path: string
  readonly expression: string
}

export interface Index {
  readonly name: string
  readonly columns: readonly string[]
  readonly unique: boolean
  readonly method?: string
  /** A partial index: the rows that are in it, in SQL. If it is unique, all rows of the table are. */
  readonly where?: string
}
