/** The order in which tables are written: each after those it refers to, as far as circles allow. */
import type { Schema, Table } from '../schema/index.js'

/**
 * Tables in dependency order, otherwise in that of the schema. A circle is broken at a foreign key whose
 * columns are nullable, where it has one.
 */
export function tablesInOrder(schema: Schema): Table[] {
  const left = [...schema.tables]
  const done = new Set<string>()
  const ordered: Table[] = []
  const waits = (table: Table, onlyNeeded: boolean) =>
    table.foreignKeys.some(({ table: parent, columns }) => {
      if (parent === table.name || done.has(parent)) return false
      const isNullable = columns.some(
        (name) => table.columns.find((column) => column.name === name)?.nullable === true,
      )
      return !(onlyNeeded && isNullable)
    })
  while (left.length > 0) {
    const free = left.findIndex((table) => !waits(table, false))
    const willing = free === -1 ? left.findIndex((table) => !waits(table, true)) : free
    const [next] = left.splice(Math.max(0, willing), 1) as [Table]
    ordered.push(next)
    done.add(next.name)
  }
  return ordered
}
