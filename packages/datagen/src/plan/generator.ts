/**
 * What a column's values are made by, before it is known whether they must be unique.
 *
 * A generator knows how many values it can tell apart (its domain). Given a chooser it makes the value that
 * the chooser says; without one it chooses for itself.
 */
import { schemaError, unsatisfiable } from '../errors/index.js'
import type { PoolSource } from '../pools/index.js'
import type { Key } from '../random/index.js'
import type { GeneratorOptions, SqlType } from '../schema/index.js'
import type { Chooser, Source } from '../values/index.js'
import { domainOptions } from './column-options.js'

export interface Generator {
  /**
   * Values that can be chosen: 0 when they cannot be told apart, Infinity when no two rows share one anyway.
   */
  readonly domain: number
  /**
   * A small part of the domain is as good as all of it, and looks better: numbers behind names stay short.
   */
  readonly compact?: boolean
  source(chooser?: Chooser): Source
}

/** What there is to know of the column that values are made for. */
export interface ColumnContext {
  readonly table: string
  readonly name: string
  readonly path: string
  readonly type: SqlType
  readonly options: GeneratorOptions
  /** Rows of the table. */
  readonly rows: number
  readonly unique: boolean
  readonly nowMicros: number
  readonly locale: string
  readonly pools: PoolSource
  /** Types that the schema names. */
  readonly types: ReadonlyMap<string, SqlType>
  /** The column is an array in an array: so many of its rows, one after the other, are of one length. */
  readonly arraysInArray?: number | undefined
  /** What is made is part of a JSON value: arrays are JSON's. */
  readonly isInJson?: boolean
  /** The key of one stream of random numbers of this column. */
  key(purpose: string): Key
  /** The key of a stream that columns of the table share: what belongs to one person of the row. */
  sharedKey(purpose: string): Key
  /** The names of all columns of the table. */
  readonly columns: readonly string[]
  /** Another column of the same row. */
  sibling(name: string): { readonly source: Source; readonly type: SqlType }
  /** A column of the same row whose values the named generator makes. */
  siblingMadeBy(generator: string): { readonly source: Source; readonly type: SqlType } | undefined
}

/** The same column, asked for something else: an element of its arrays, a field of its objects. */
export function within(
  context: ColumnContext,
  part: string,
  type: SqlType,
  options: GeneratorOptions,
): ColumnContext {
  return {
    ...context,
    path: `${context.path}.${part}`,
    type,
    options: domainOptions(type, options, context.nowMicros),
    unique: false,
    arraysInArray: undefined,
    key: (purpose) => context.key(`${part}/${purpose}`),
  }
}

/** That a column which the schema names at `path` is not there. */
export function noColumn(name: string, known: readonly string[], path: string) {
  return schemaError(path, `there is no column ${name}`, `one of ${known.join(', ')}`)
}

/** A generator whose values cannot be told apart. */
export function ofSource(make: () => Source): Generator {
  return { domain: 0, source: make }
}

/** The smallest and the largest value, whole numbers of the lane's unit. */
export interface Bounds {
  readonly min: number
  readonly max: number
}

/** @throws MillraceError `MILLRACE_DATAGEN_UNSATISFIABLE` when nothing lies between the bounds */
export function checkBounds(
  { min, max }: Bounds,
  context: ColumnContext,
  shown: (value: number) => string,
): void {
  if (min <= max) return
  throw unsatisfiable(
    context.path,
    `no value of type ${context.type.ddl} lies between ${shown(min)} and ${shown(max)}`,
    'Widen min and max, or correct the check constraint they come from.',
  )
}
