/**
 * What must hold of a relationship table's segments before anything follows them: a page with a right
 * checksum may still have been made by somebody else.
 */
import type { Catalog, RelTable } from '../catalog/index.js'

/** Nodes of the tables that the relationships join. */
export interface NodeCounts {
  readonly from: number
  readonly to: number
}

/**
 * Nodes that the relationships of `table` may join. A table can be read without the tables it joins; then
 * nothing is known of them.
 */
export function nodeCountsOf(catalog: Catalog, table: RelTable): NodeCounts {
  const count = (id: number) =>
    catalog.tables.find((each) => each.id === id)?.rowCount ?? Number.POSITIVE_INFINITY
  return { from: count(table.fromTableId), to: count(table.toTableId) }
}

/** What is wrong with the starts of a group of `rows` relationships, or null. */
export function problemOfStarts(starts: Float64Array, rows: number): string | null {
  if (starts[0] !== 0) return `they begin with ${starts[0]}`
  for (let node = 1; node < starts.length; node++) {
    if (!(starts[node]! >= starts[node - 1]!)) return `they descend at lane ${node}`
  }
  const last = starts[starts.length - 1]
  return last === rows ? null : `they end with ${last}, there are ${rows} relationships`
}

/** What is wrong with offsets or positions that must be below `count`, or null. */
export function problemOfOffsets(values: Float64Array, count: number): string | null {
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    if (!(value >= 0 && value < count)) return `one is ${value} of ${count}`
  }
  return null
}
