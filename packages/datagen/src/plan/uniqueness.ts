/**
 * How the unique columns of a table are kept unique, by construction.
 *
 * What chooses values independently of the rest is a unit: a column, or the columns of a foreign key, which
 * choose a row of the parent together. Of each primary key and unique constraint one unit is made unique by
 * itself, if it has values enough; else all of them together, by a permutation of their combinations. A unit
 * is decided once: a second constraint finds it decided, and takes others.
 */
import { unsatisfiable } from '../errors/index.js'
import { indexColumn, type Table } from '../schema/index.js'

export interface Unit {
  readonly id: string
  readonly columns: readonly string[]
  /** Values that can be told apart: 0 for none, Infinity when all rows differ anyway. */
  readonly domain: number
  readonly compact: boolean
  /** A foreign key: it rather stays as it is, if something else can be unique. */
  readonly isForeignKey: boolean
  /** One of its columns may be NULL: rows that refer to none are no doubles. */
  readonly isNullable: boolean
  /** What it chooses from depends on what this other unit chooses: only both together can be unique. */
  readonly besideUnit?: string
  /** Columns that are NULL in every row. */
  readonly nullColumns: readonly string[]
}

/** How a unit chooses: alone, or as one digit of a combination. */
export interface Choice {
  /** Choices of one group are digits of the same combination. */
  readonly group: string
  readonly sizes: readonly number[]
  readonly digit: number
}

/** Unique constraints of any kind: sets of columns, with the place that messages name. */
export function uniqueSets(table: Table): { readonly columns: readonly string[]; readonly path: string }[] {
  const key =
    table.primaryKey.length === 0 ? [] : [{ columns: table.primaryKey, path: `${table.path}.primary_key` }]
  const indexes = table.indexes
    .filter(({ unique }) => unique)
    .map(({ columns }) => ({ columns: columns.map(indexColumn), path: `${table.path}.indexes` }))
  return [...key, ...table.uniques, ...indexes]
}

/**
 * The choices of a table's units, by unit.
 * @param rows of the table
 * @param unitOf the unit of a column
 * @throws MillraceError `MILLRACE_DATAGEN_UNSATISFIABLE` when there are fewer combinations than rows
 */
export function planUniqueness(
  table: Table,
  rows: number,
  unitOf: (column: string) => Unit,
): Map<string, Choice> {
  const choices = new Map<string, Choice>()
  /** Groups of units that differ in every row. */
  const uniqueGroups: (readonly string[])[] = []
  // Small constraints first: what they decide serves the larger ones.
  const sets = uniqueSets(table).toSorted((a, b) => a.columns.length - b.columns.length)
  for (const { columns, path } of sets) {
    const units = [...new Map(columns.map((name) => unitOf(name)).map((unit) => [unit.id, unit])).values()]
    // Some columns of a foreign key may be the same for different rows of the parent.
    const whole = units.filter((unit) => unit.columns.every((name) => columns.includes(name)))
    if (whole.some(({ domain }) => domain === Number.POSITIVE_INFINITY)) continue
    // NULL is no double of NULL.
    if (units.some(({ nullColumns }) => nullColumns.some((name) => columns.includes(name)))) continue
    if (uniqueGroups.some((group) => group.every((id) => whole.some((unit) => unit.id === id)))) continue
    const isOpen = ({ id, domain }: Unit) => !choices.has(id) && domain > 0
    const free = whole.filter(
      (unit) =>
        isOpen(unit) &&
        (unit.besideUnit === undefined ||
          whole.some((other) => other.id === unit.besideUnit && isOpen(other))),
    )
    const [only] = units
    if (
      units.length === 1 &&
      only!.isForeignKey &&
      only!.isNullable &&
      only!.domain < rows &&
      free.length === 1
    ) {
      // There are not rows enough to refer to: the rest refers to none.
      choices.set(only!.id, { group: only!.id, sizes: [rows], digit: 0 })
      uniqueGroups.push([only!.id])
      continue
    }
    const alone = free
      .filter((unit) => unit.domain >= rows && unit.besideUnit === undefined)
      .toSorted(byPreference)[0]
    const chosen = alone !== undefined && (!alone.isForeignKey || free.length === 1) ? [alone] : free
    const sizes = chosen.map((unit) => sizeOf(unit, rows))
    const combinations = sizes.reduce((product, size) => product * size, 1)
    // One row is unique whatever it holds.
    if (chosen.length === 0 && rows === 1) continue
    if (combinations < rows || chosen.length === 0)
      throw tooFew(table, { columns, path, rows, combinations, chosen })
    const group = chosen.map(({ id }) => id).join('+')
    for (const [digit, unit] of chosen.entries()) choices.set(unit.id, { group, sizes, digit })
    uniqueGroups.push(chosen.map(({ id }) => id))
  }
  return choices
}

/** What can be unique by itself: columns before foreign keys, the largest domain first. */
function byPreference(a: Unit, b: Unit): number {
  return Number(a.isForeignKey) - Number(b.isForeignKey) || b.domain - a.domain
}

function sizeOf(unit: Unit, rows: number): number {
  return unit.compact ? Math.min(unit.domain, Math.max(1, rows)) : unit.domain
}

function tooFew(
  table: Table,
  found: {
    readonly columns: readonly string[]
    readonly path: string
    readonly rows: number
    readonly combinations: number
    readonly chosen: readonly Unit[]
  },
) {
  const { columns, path, rows, combinations, chosen } = found
  const names = columns.join(', ')
  const count =
    chosen.length === 0
      ? 'no values that can be told apart'
      : `only ${combinations.toLocaleString('en-US')} different values`
  return unsatisfiable(
    path,
    `${names} must be unique in ${rows.toLocaleString('en-US')} rows of ${table.name}, but there are ${count}`,
    'Lower the number of rows, raise that of the tables referred to, or widen the range of values.',
  )
}
