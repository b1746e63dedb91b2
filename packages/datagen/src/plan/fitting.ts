/**
 * What fitting the options of columns to check constraints works with: options while they are put together,
 * and which of them say how values look, so that nothing need be guessed from a name.
 */
import type { Column, GeneratorOptions, Scalar } from '../schema/index.js'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Options while they are put together. */
export type Options = Mutable<GeneratorOptions>

export const deciding = [
  ...[
    'generator',
    'min',
    'max',
    'values',
    'value',
    'pattern',
    'template',
    'start',
    'end',
    'distribution',
    'after',
    'rules',
  ],
  ...[
    'formula',
    'copy',
    'lengthMin',
    'lengthMax',
    'words',
    'sentences',
    'paragraphs',
    'timePattern',
    'sorted',
    'intervalMicros',
  ],
] as const

/** The schema says how the column's values look. */
export function decides(options: GeneratorOptions): boolean {
  return deciding.some((name) => options[name] !== undefined)
}

/** What of a column decides how a fact fits it. */
export type Fitted = Pick<Column, 'name' | 'type' | 'options'> & { readonly nullable?: boolean }

export interface FactContext {
  readonly options: Map<string, Options>
  readonly nowMicros: number
  /** Columns whose values are those of another table's rows, with what they refer to. */
  readonly referring: ReadonlyMap<string, Column>
  /** Columns of numbers that a check has set a bound of. */
  readonly bounded: Set<string>
  /** The two columns never hold the same value. */
  readonly differ: (column: string, other: string) => boolean
}

/** The values that the schema lists itself; undefined when it lists none. */
export function listed({ values, value }: GeneratorOptions): readonly Scalar[] | undefined {
  if (values !== undefined) return values
  return value === undefined ? undefined : [value]
}

/** What a number of the column's type is a multiple of. */
export function unitOf({ type, options: own }: Fitted): number {
  if (type.kind === 'integer') return 1
  return 10 ** -Math.min(type.scale ?? own.decimals ?? (type.kind === 'decimal' ? 2 : 3), 15)
}
