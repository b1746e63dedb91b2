/**
 * A schema with its numbers of rows and its seed: all that decides what every row holds. Each thread makes a
 * plan of its own from the same schema; pools are drawn by the first.
 */
import { schemaError } from '../errors/index.js'
import { tableRowsMax } from '../limits.js'
import type { PoolSource } from '../pools/index.js'
import type { Schema, SqlType, Table } from '../schema/index.js'
import { columnGenerator } from './column-generator.js'
import { type ColumnOptions, columnOptions } from './column-options.js'
import { counterOf, isCountedKey } from './counters.js'
import { type DecidedKeys, decideForeignKeys } from './foreign-keys.js'
import type { PlanView } from './plan-view.js'
import type { Projection } from './projection.js'
import { TableScope, type TypedSource } from './table-scope.js'
import { type Choice, planUniqueness, type Unit, uniqueSets } from './uniqueness.js'

/** What decides the rows, besides the schema. */
export interface PlanSettings {
  readonly seed: number
  /** Rows of tables by name. */
  readonly rows: Readonly<Record<string, number>>
}

export class SchemaPlan implements PlanView {
  readonly schema: Schema
  readonly seed: number
  readonly pools: PoolSource
  readonly types: ReadonlyMap<string, SqlType>
  readonly #rows: Readonly<Record<string, number>>
  readonly #options = new Map<Table, ColumnOptions>()
  readonly #keys = new Map<Table, DecidedKeys>()
  readonly #choices = new Map<Table, Map<string, Choice>>()
  readonly #uniqueColumns = new Map<Table, ReadonlySet<string>>()

  constructor(schema: Schema, settings: PlanSettings, pools: PoolSource) {
    this.schema = schema
    this.seed = settings.seed
    this.pools = pools
    this.types = new Map(schema.types.map(({ name, type }) => [name, type]))
    this.#rows = settings.rows
    for (const table of schema.tables) {
      if (this.rowsOf(table) <= tableRowsMax) continue
      throw schemaError(
        `${table.path}.row_count`,
        `it is ${this.rowsOf(table)}`,
        `at most ${tableRowsMax} rows`,
      )
    }
  }

  rowsOf(table: Table): number {
    return this.#rows[table.name] ?? 0
  }

  options(table: Table): ColumnOptions {
    return kept(this.#options, table, () => {
      const options = columnOptions(table, this.schema.nowMicros, this.decidedKeys(table).keys)
      const byColumn = new Map(options.byColumn)
      for (const column of table.columns) {
        const isCounted = isCountedKey(column, table.primaryKey) && this.#isFree(table, column.name)
        if (isCounted) byColumn.set(column.name, { ...column.options, generator: 'serial' })
      }
      return { ...options, byColumn }
    })
  }

  decidedKeys(table: Table): DecidedKeys {
    return kept(this.#keys, table, () => decideForeignKeys(table, this.schema))
  }

  choices(table: Table): Map<string, Choice> {
    const found = this.#choices.get(table)
    if (found !== undefined) return found
    // Columns that are looked at meanwhile are not kept; they need no choice.
    this.#choices.set(table, new Map())
    const rows = this.rowsOf(table)
    const scope = new TableScope(this, table)
    const choices =
      rows === 0 ? new Map() : planUniqueness(table, rows, (name) => this.#unitOf(table, name, scope))
    this.#choices.set(table, choices)
    return choices
  }

  /** The column takes part in a unique constraint. */
  isInUniqueSet(table: Table, name: string): boolean {
    return kept(
      this.#uniqueColumns,
      table,
      () => new Set(uniqueSets(table).flatMap(({ columns }) => columns)),
    ).has(name)
  }

  /** The sources of a table's columns, in the order of the columns. */
  sources(table: Table): TypedSource[] {
    const scope = new TableScope(this, table)
    return table.columns.map(({ name }) => scope.column(name))
  }

  /** The sources of a projection of a table. */
  projected(table: Table, { columns }: Projection): TypedSource[] {
    const scope = new TableScope(this, table)
    return columns.map((column) => scope.projected(column))
  }

  #isFree(table: Table, column: string): boolean {
    return !table.foreignKeys.some(({ columns }) => columns.includes(column))
  }

  #unitOf(table: Table, name: string, scope: TableScope): Unit {
    const { keys, nullColumns } = this.decidedKeys(table)
    const key = keys.find(({ columns }) => columns.includes(name))
    const single = { id: name, columns: [name], compact: false, isForeignKey: false, isNullable: false }
    if (nullColumns.has(name)) return { ...single, domain: 0, nullColumns: [name] }
    if (key !== undefined) {
      const nullable = key.columns.filter(
        (column) => table.columns.find((other) => other.name === column)?.nullable,
      )
      const { apartFrom } = key
      const rows = this.rowsOf(key.parent) - (apartFrom === undefined ? 0 : 1)
      const domain = key.kind === 'own' || key.beside !== undefined ? 0 : rows
      return {
        id: key.columns.join('+'),
        columns: key.columns,
        domain,
        compact: false,
        isForeignKey: true,
        ...(apartFrom !== undefined && { besideUnit: apartFrom.columns.join('+') }),
        isNullable: nullable.length > 0,
        nullColumns: this.rowsOf(key.parent) === 0 ? nullable : [],
      }
    }
    const column = table.columns.find((candidate) => candidate.name === name)!
    const context = scope.context(column)
    // Rows that refer to the same row copy the same value.
    if (context.options.copy !== undefined) return { ...single, domain: 0, nullColumns: [] }
    const generator = counterOf(column, context, this.schema) ?? columnGenerator(context)
    const { domain, compact = false } = generator
    return { ...single, domain, compact, nullColumns: context.options.value === null ? [name] : [] }
  }
}

function kept<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
