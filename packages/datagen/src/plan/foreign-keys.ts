/**
 * Which foreign key decides which columns of a table, and what becomes of those that cannot decide.
 *
 * A column that several foreign keys share gets its value from one of them: the one with the most columns.
 * The others hold because what they refer to is referred to by the row that was chosen, too; or because the
 * rows of both parents are divided evenly among those of a third table, so that rows of the same share are
 * known; or their remaining columns are NULL; or, within one table, the row refers to itself.
 */
import { unsatisfiable } from '../errors/index.js'
import type { ForeignKey, Schema, Table } from '../schema/index.js'
import { factsOfCheck } from './check-parser.js'

export interface DecidedKey {
  readonly key: ForeignKey
  readonly parent: Table
  /** The columns that get their values from the parent's row. */
  readonly columns: readonly string[]
  /** `own`: each row refers to itself, since the rest of the key is decided elsewhere. */
  readonly kind: 'chosen' | 'own'
  /** The rest of the key is decided by another one, whose rows and those of this key belong together. */
  readonly beside?: Beside
  /** A check constraint asks that this key never refers to the row that the other one refers to. */
  readonly apartFrom?: DecidedKey
}

/**
 * Two keys that share columns, each of whose parents has its rows evenly divided among those of one table.
 */
export interface Beside {
  readonly other: DecidedKey
  readonly owner: Table
  /** The foreign keys of both parents to that table, which must be free to choose. */
  readonly links: readonly { readonly table: Table; readonly key: ForeignKey }[]
}

export interface DecidedKeys {
  readonly keys: readonly DecidedKey[]
  /** Columns that can only be NULL. */
  readonly nullColumns: ReadonlySet<string>
}

/** @throws MillraceError `MILLRACE_DATAGEN_UNSATISFIABLE` for keys that contradict each other */
export function decideForeignKeys(table: Table, schema: Schema): DecidedKeys {
  const tables = new Map(schema.tables.map((other) => [other.name, other]))
  const keys: DecidedKey[] = []
  const nullColumns = new Set<string>()
  const decided = new Map<string, ForeignKey>()
  const ordered = [...table.foreignKeys].sort((a, b) => rank(b, table) - rank(a, table))
  for (const key of ordered) {
    const parent = tables.get(key.table) as Table
    const taken = key.columns.filter((name) => decided.has(name))
    const free = key.columns.filter((name) => !decided.has(name))
    const intoKey = key.table === table.name && key.columns.some((name) => table.primaryKey.includes(name))
    if (taken.length === 0 && !intoKey) {
      const apartFrom = parent === table ? undefined : keys.find((other) => mustDiffer(other, key, table))
      keys.push({ key, parent, columns: key.columns, kind: 'chosen', ...(apartFrom && { apartFrom }) })
      for (const name of key.columns) decided.set(name, key)
      continue
    }
    if (free.length === 0 && follows(key, decided, tables)) continue
    const beside = besideOf(key, taken, { keys, tables })
    if (beside !== undefined && free.length > 0) {
      keys.push({ key, parent, columns: free, kind: 'chosen', beside })
      for (const name of free) decided.set(name, key)
      continue
    }
    const optional = free.filter((name) => isNullable(table, name))
    if (optional.length > 0) {
      for (const name of optional) nullColumns.add(name)
      continue
    }
    const isSame =
      key.table === table.name && taken.every((name) => key.referenced[key.columns.indexOf(name)] === name)
    const shared = key.columns.filter((name) => key.referenced[key.columns.indexOf(name)] === name)
    if (isSame || (intoKey && shared.length > 0)) {
      const own = free.filter((name) => !shared.includes(name))
      keys.push({ key, parent, columns: own, kind: 'own' })
      for (const name of own) decided.set(name, key)
      continue
    }
    throw unsatisfiable(
      key.path,
      `the foreign keys of ${table.name} contradict each other in ${taken.join(', ') || key.columns.join(', ')}`,
      'Make the other columns of one of them nullable, let one foreign key hold all columns of the other, or divide ' +
        'both parents evenly (distribution: even) among the table that they share.',
    )
  }
  return { keys, nullColumns }
}

/** Both keys have one column and refer to the same one, and a check says that they differ: `a <> b`. */
function mustDiffer({ key: other }: DecidedKey, key: ForeignKey, table: Table): boolean {
  if (key.columns.length !== 1 || other.columns.length !== 1) return false
  if (key.table !== other.table || key.referenced[0] !== other.referenced[0]) return false
  const names = table.columns.map(({ name }) => name)
  const pair = [key.columns[0], other.columns[0]]
  return table.checks.some(({ expression }) =>
    factsOfCheck(expression, names)?.some(
      (fact) =>
        fact.kind === 'order' &&
        fact.operator === '<>' &&
        pair.includes(fact.column) &&
        pair.includes(fact.other),
    ),
  )
}

function isNullable(table: Table, name: string): boolean {
  return table.columns.find((column) => column.name === name)?.nullable === true
}

/** Keys with more columns first; of a table's keys to itself those that touch its primary key last. */
function rank(key: ForeignKey, table: Table): number {
  const intoKey = key.table === table.name && key.columns.some((name) => table.primaryKey.includes(name))
  return key.columns.length - (intoKey ? 1000 : 0)
}

/** The row that another key has chosen refers, with the same values, to what this key refers to. */
function follows(
  key: ForeignKey,
  decided: ReadonlyMap<string, ForeignKey>,
  tables: ReadonlyMap<string, Table>,
): boolean {
  const deciders = new Set(key.columns.map((name) => decided.get(name) as ForeignKey))
  const [decider] = deciders
  if (deciders.size !== 1 || decider === undefined) return false
  const parent = tables.get(decider.table) as Table
  const there = key.columns.map((name) => decider.referenced[decider.columns.indexOf(name)] as string)
  if (key.table === parent.name && there.every((name, at) => name === key.referenced[at])) return true
  return parent.foreignKeys.some((other) => {
    if (other.table !== key.table || other.columns.length !== there.length) return false
    return there.every((name, at) => other.referenced[other.columns.indexOf(name)] === key.referenced[at])
  })
}

/** How `key` goes with the one key that has decided its columns `taken`; undefined if it does not. */
function besideOf(
  key: ForeignKey,
  taken: readonly string[],
  { keys, tables }: { readonly keys: readonly DecidedKey[]; readonly tables: ReadonlyMap<string, Table> },
): Beside | undefined {
  const other = keys.find(({ columns }) => taken.every((name) => columns.includes(name)))
  if (taken.length === 0 || other === undefined || other.beside !== undefined || other.kind === 'own')
    return undefined
  const [theirs, ours] = [other.key, key].map((from) => {
    const parent = tables.get(from.table) as Table
    const columns = taken.map((name) => from.referenced[from.columns.indexOf(name)] as string)
    return evenKeyOf(parent, columns)
  })
  if (theirs === undefined || ours === undefined || theirs.key.table !== ours.key.table) return undefined
  if (theirs.referenced.some((name, at) => name !== ours.referenced[at])) return undefined
  return { other, owner: tables.get(ours.key.table) as Table, links: [theirs, ours] }
}

/** The foreign key of `table` with just `columns` that divides its rows evenly, and what each refers to. */
function evenKeyOf(table: Table, columns: readonly string[]) {
  const key = table.foreignKeys.find(
    (candidate) =>
      candidate.columns.length === columns.length &&
      columns.every((name) => candidate.columns.includes(name) && !isNullable(table, name)) &&
      candidate.distribution?.type === 'even',
  )
  if (key === undefined || key.table === table.name) return undefined
  return {
    table,
    key,
    referenced: columns.map((name) => key.referenced[key.columns.indexOf(name)] as string),
  }
}
