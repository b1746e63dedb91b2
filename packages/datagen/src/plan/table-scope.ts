/**
 * The columns of one table as sources, for rows that are read together. The table itself has one scope; each
 * foreign key has one of the table it refers to, since it reads other rows.
 */
import { schemaError, unsatisfiable } from '../errors/index.js'
import { type Key, streamKey } from '../random/index.js'
import type { Column, ForeignKey, SqlType, Table } from '../schema/index.js'
import {
  ApartChooser,
  BesideChooser,
  BracketSource,
  CaseSource,
  type Chooser,
  ChosenRows,
  Combination,
  EarlierRows,
  EvenChooser,
  LookUpSource,
  NormalChooser,
  NullSource,
  nullTest,
  OwnRows,
  type ParentRows,
  RangeSource,
  RowChooser,
  type Source,
  UniformChooser,
  UniqueChooser,
  ZipfChooser,
} from '../values/index.js'
import { columnGenerator, withNulls } from './column-generator.js'
import { counterOf } from './counters.js'
import type { Beside, DecidedKey } from './foreign-keys.js'
import { type ColumnContext, noColumn } from './generator.js'
import type { PlanView } from './plan-view.js'
import type { ProjectedColumn } from './projection.js'
import type { Choice } from './uniqueness.js'

export interface TypedSource {
  readonly source: Source
  readonly type: SqlType
}

export class TableScope {
  readonly #plan: PlanView
  readonly #table: Table
  /** Columns that wait for this scope, as `table.column`: none of them may be needed again. */
  readonly #trail: readonly string[]
  readonly #sources = new Map<string, TypedSource>()
  readonly #open: string[] = []
  readonly #parents = new Map<DecidedKey, { readonly rows: ParentRows; readonly scope: TableScope }>()
  readonly #combinations = new Map<string, Combination>()

  constructor(plan: PlanView, table: Table, trail: readonly string[] = []) {
    this.#plan = plan
    this.#table = table
    this.#trail = trail
  }

  /** The source of a column, and its type. */
  column(name: string): TypedSource {
    const made = this.#sources.get(name)
    if (made !== undefined) return made
    const column = this.#table.columns.find((candidate) => candidate.name === name)
    if (column === undefined) {
      const known = this.#table.columns.map((candidate) => candidate.name)
      throw noColumn(name, known, this.#table.path)
    }
    const place = `${this.#table.name}.${name}`
    if (this.#open.includes(name) || this.#trail.includes(place)) {
      const circle = [...this.#trail, ...this.#open.map((open) => `${this.#table.name}.${open}`), place].join(
        ' → ',
      )
      throw unsatisfiable(
        column.path,
        `its values depend on themselves: ${circle}`,
        'Take one of the dependencies away.',
      )
    }
    this.#open.push(name)
    try {
      const source = this.#make(column)
      const typed = { source, type: column.type }
      this.#sources.set(name, typed)
      return typed
    } finally {
      this.#open.pop()
    }
  }

  #make(column: Column): Source {
    const { keys, nullColumns } = this.#plan.decidedKeys(this.#table)
    if (nullColumns.has(column.name)) return this.#nothing(column)
    const key = keys.find(({ columns }) => columns.includes(column.name))
    if (key !== undefined) {
      const source = this.#referring(column, key)
      if (source !== undefined) return source
    }
    const context = this.context(column)
    if (context.options.copy !== undefined) return this.#copied(column, context)
    const generator = counterOf(column, context, this.#plan.schema) ?? columnGenerator(context)
    const choice = this.#plan.choices(this.#table).get(column.name)
    const chooser = choice === undefined ? undefined : this.#chooser(choice)
    const source = generator.source(generator.domain === Number.POSITIVE_INFINITY ? undefined : chooser)
    const fraction = context.options.nullFraction ?? 0
    if (fraction > 0 && !column.nullable) {
      throw schemaError(
        `${column.path}.null_fraction`,
        `it is ${fraction}, but the column is not nullable`,
        '0, or nullable: true',
      )
    }
    return this.#neverNull(column, withNulls(context, source))
  }

  /** Where what a value is made of is NULL, a column that may not be has a value of its type. */
  #neverNull(column: Column, source: Source): Source {
    const context = this.context(column)
    const { after, formula, copy, rules, ...options } = context.options
    if (column.nullable || [after, formula, copy, rules].every((given) => given === undefined)) return source
    if (rules?.some((rule) => rule.options.value === null)) {
      throw schemaError(
        `${column.path}.rules`,
        'a rule makes NULL, but the column is not nullable',
        'nullable: true',
      )
    }
    const other = columnGenerator({
      ...context,
      options,
      key: (purpose) => context.key(`other/${purpose}`),
    }).source()
    return new CaseSource([{ test: nullTest(source), source: other }], source)
  }

  /** A column of a projection. */
  projected(column: ProjectedColumn): TypedSource {
    if (column.kind === 'column') return this.#listed(this.column(column.name))
    const type: SqlType = { kind: 'integer', ddl: 'bigint' }
    const ownRow = new RangeSource(new RowChooser(), 1)
    if (column.kind === 'row') return { source: ownRow, type }
    const key = this.#plan
      .decidedKeys(this.#table)
      .keys.find(({ key: candidate }) => candidate.name === column.foreignKey)
    if (key === undefined || this.#plan.rowsOf(key.parent) === 0)
      return { source: new NullSource('numbers'), type }
    const { rows, scope } = this.#parentOf(key)
    const parent = column.column === undefined ? { source: ownRow, type } : scope.column(column.column)
    return { source: new LookUpSource(rows, parent.source, true), type: parent.type }
  }

  /** Arrays of one dimension with the brackets of lists. */
  #listed({ source, type }: TypedSource): TypedSource {
    const isList = type.kind === 'array' && type.element?.kind !== 'array' && source.lane.kind === 'text'
    return { source: isList ? new BracketSource(source) : source, type }
  }

  /** NULL in every row, as the column's own values would be kept. */
  #nothing(column: Column): Source {
    const { source } = { source: columnGenerator(this.context(column)).source() }
    return new NullSource(source.lane.kind === 'pool' ? 'text' : source.lane.kind, source.scale)
  }

  /** What a generator of the column may know. */
  context(column: Column): ColumnContext {
    const plan = this.#plan
    const table = this.#table
    const { seed, pools, schema } = plan
    return {
      table: table.name,
      name: column.name,
      path: column.path,
      type: column.type,
      options: plan.options(table).byColumn.get(column.name) ?? {},
      rows: plan.rowsOf(table),
      unique: plan.isInUniqueSet(table, column.name),
      nowMicros: schema.nowMicros,
      locale: schema.locale,
      pools,
      types: plan.types,
      key: (purpose) => streamKey(seed, table.name, column.name, purpose),
      sharedKey: (purpose) => streamKey(seed, table.name, 'row', purpose),
      columns: table.columns.map(({ name }) => name),
      sibling: (name) => this.column(name),
      siblingMadeBy: (generator) => this.#madeBy(generator, column.name),
    }
  }

  #madeBy(generator: string, asking: string): TypedSource | undefined {
    const options = this.#plan.options(this.#table).byColumn
    const found = this.#table.columns.find(
      ({ name }) => name !== asking && options.get(name)?.generator === generator,
    )
    return found === undefined || this.#open.includes(found.name) ? undefined : this.column(found.name)
  }

  #chooser({ group, sizes, digit }: Choice): Chooser {
    const key = streamKey(this.#plan.seed, this.#table.name, 'unique', group)
    if (sizes.length === 1) return new UniqueChooser(key, sizes[0] as number)
    const combination = this.#combinations.get(group) ?? new Combination(key, sizes)
    this.#combinations.set(group, combination)
    return combination.chooser(digit)
  }

  /** A column of a foreign key; undefined when its own generator must do, there being nothing to refer to. */
  #referring(column: Column, key: DecidedKey): Source | undefined {
    const isEmpty = this.#plan.rowsOf(key.parent) === 0
    if (isEmpty) {
      if (column.nullable) return this.#nothing(column)
      if (this.#plan.rowsOf(this.#table) === 0) return undefined
      const nullable = key.columns.some(
        (name) => this.#table.columns.find((other) => other.name === name)?.nullable,
      )
      if (nullable) return undefined
      throw unsatisfiable(
        key.key.path,
        `${key.columns.join(', ')} of ${this.#table.name} must refer to a row of ${key.parent.name}, which has none`,
        `Give ${key.parent.name} rows, make the column nullable, or give ${this.#table.name} none.`,
      )
    }
    const { rows, scope } = this.#parentOf(key)
    const referenced = key.key.referenced[key.key.columns.indexOf(column.name)] as string
    const { source, type } = scope.column(referenced)
    this.#checkRoom(column, key, { referenced, source, type })
    return new LookUpSource(rows, source, column.nullable)
  }

  /** A key whose type is narrower than what it refers to must hold all values there, nevertheless. */
  #checkRoom(
    { type }: Column,
    { key, parent }: DecidedKey,
    { referenced, source, type: wider }: TypedSource & { readonly referenced: string },
  ): void {
    const problem = (most: string) => `${parent.name}.${referenced} has ${most}, more than ${type.ddl} holds`
    if (type.length !== undefined && (wider.length ?? Number.POSITIVE_INFINITY) > type.length) {
      if (source.lengthMax <= type.length) return
      const most = Number.isFinite(source.lengthMax)
        ? ` of up to ${source.lengthMax} characters`
        : ' of any length'
      throw schemaError(key.path, problem(`texts${most}`), `a column of type ${wider.ddl}`)
    }
    if (type.max === undefined || (wider.max ?? 0) <= type.max) return
    const options = this.#plan.options(parent).byColumn.get(referenced)
    const rows = this.#plan.rowsOf(parent)
    const counts = wider.serial === true || options?.generator === 'serial'
    const last = counts
      ? Number(options?.start ?? 1) + (options?.increment ?? 1) * (rows - 1)
      : Number(options?.max ?? 1e6)
    if (last > type.max)
      throw schemaError(key.path, problem(`values up to ${last}`), `a column of type ${wider.ddl}`)
  }

  /** A column of the row that a foreign key refers to. */
  #copied(column: Column, context: ColumnContext): Source {
    const { foreignKey, column: name } = context.options.copy!
    const { keys } = this.#plan.decidedKeys(this.#table)
    const key = keys.find(
      ({ key: candidate }) => candidate.name === foreignKey || candidate.columns[0] === foreignKey,
    )
    if (key === undefined || this.#plan.rowsOf(key.parent) === 0) return this.#nothing(column)
    const { rows, scope } = this.#parentOf(key)
    const known = key.parent.columns.map((other) => other.name)
    if (!known.includes(name)) throw noColumn(name, known, `${column.path}.copy.column`)
    const { source, type } = scope.column(name)
    if (
      type.kind !== column.type.kind ||
      (source.lane.kind === 'numbers' && type.scale !== column.type.scale)
    ) {
      throw schemaError(
        `${column.path}.copy`,
        `${key.parent.name}.${name} is ${type.ddl}`,
        `a column of type ${column.type.ddl}`,
      )
    }
    return this.#neverNull(column, new LookUpSource(rows, source, column.nullable))
  }

  #parentOf(key: DecidedKey): { readonly rows: ParentRows; readonly scope: TableScope } {
    const made = this.#parents.get(key)
    if (made !== undefined) return made
    const trail = [...this.#trail, ...this.#open.map((name) => `${this.#table.name}.${name}`)]
    const parent = { rows: this.#rowsOf(key), scope: new TableScope(this.#plan, key.parent, trail) }
    this.#parents.set(key, parent)
    return parent
  }

  #rowsOf({ key, parent, columns, kind, beside, apartFrom }: DecidedKey): ParentRows {
    if (kind === 'own') return new OwnRows()
    const plan = this.#plan
    const size = plan.rowsOf(parent)
    const streamOf = (purpose: string) => streamKey(plan.seed, this.#table.name, columns.join('+'), purpose)
    const found = this.#table.columns.filter(({ name }) => columns.includes(name))
    const isNullable = found.some(({ nullable }) => nullable)
    const fraction = Math.max(
      0,
      ...found.map(({ name }) => plan.options(this.#table).byColumn.get(name)?.nullFraction ?? 0),
    )
    if (fraction > 0 && !isNullable) {
      throw schemaError(
        `${found[0]?.path}.null_fraction`,
        `it is ${fraction}, but the column is not nullable`,
        '0, or nullable: true',
      )
    }
    const nullsOf = fraction > 0 ? { nullsOf: { key: streamOf('null'), fraction } } : {}
    const choice = plan.choices(this.#table).get(columns.join('+'))
    if (parent.name === this.#table.name) {
      const unique = choice === undefined ? {} : { uniqueRows: size }
      return new EarlierRows(streamOf('parent'), { ...nullsOf, isNullable, ...unique })
    }
    if (beside !== undefined)
      return new ChosenRows(this.#beside(streamOf('parent'), parent, beside), size, nullsOf.nullsOf)
    const others = apartFrom === undefined ? size : size - 1
    if (others === 0) throw noOther(key, apartFrom as DecidedKey)
    const chosen = choice === undefined ? this.#free(streamOf('parent'), others, key) : this.#chooser(choice)
    const chooser =
      apartFrom === undefined ? chosen : new ApartChooser(chosen, this.#parentOf(apartFrom).rows)
    return new ChosenRows(chooser, size, nullsOf.nullsOf)
  }

  /** A row of `parent` that goes with the row that another key has chosen. */
  #beside(key: Key, parent: Table, { other, owner, links }: Beside): Chooser {
    const plan = this.#plan
    const isEven = ({ table, key: link }: Beside['links'][number]) =>
      !plan.choices(table).has(link.columns.join('+')) &&
      plan.decidedKeys(table).keys.some((decided) => decided.key === link && decided.columns === link.columns)
    const bound = links.find((link) => !isEven(link))
    if (bound !== undefined) {
      throw unsatisfiable(
        bound.key.path,
        `the rows of ${bound.table.name} are to be divided evenly, but another key or constraint decides them`,
        'Let another column of the constraint be unique, for example a serial one.',
      )
    }
    const sizes = {
      size: plan.rowsOf(owner),
      otherRows: plan.rowsOf(other.parent),
      rows: plan.rowsOf(parent),
    }
    if (sizes.rows < sizes.size) {
      throw unsatisfiable(
        links[1]!.key.path,
        `${parent.name} has ${sizes.rows} rows, too few for each of the ${sizes.size} of ${owner.name}`,
        `Give ${parent.name} at least as many rows as ${owner.name}.`,
      )
    }
    return new BesideChooser(key, this.#parentOf(other).rows, sizes)
  }

  /** A parent's row by the distribution that the schema asks for. */
  #free(key: ReturnType<typeof streamKey>, size: number, foreign: DecidedKey['key']): Chooser {
    const column = foreign.columns[0] as string
    const distribution =
      foreign.distribution ?? this.#plan.options(this.#table).byColumn.get(column)?.distribution
    switch (distribution?.type) {
      case 'zipf':
        return new ZipfChooser(key, size, distribution.exponent ?? 1)
      case 'normal':
        return new NormalChooser(key, size)
      case 'even':
        return new EvenChooser(size, this.#plan.rowsOf(this.#table))
      case undefined:
      case 'uniform':
        return new UniformChooser(key, size)
      default:
        throw schemaError(
          `${foreign.path}.distribution`,
          `it is ${distribution!.type}`,
          'uniform, zipf, normal or even',
        )
    }
  }
}

function noOther(key: ForeignKey, { columns }: DecidedKey) {
  return unsatisfiable(
    key.path,
    `${key.columns[0]} must differ from ${columns[0]}, but ${key.table} has one row`,
    `Give ${key.table} more rows.`,
  )
}
