/** What of a table decides how an import of it divides its memory. */
import {
  type Catalog,
  type NodeTable,
  physicalTypeOf,
  relLoadBytesMin,
  requireTableById,
  type Table,
} from '@millrace/core/internal'
import { type KeyLooks, unitPartOf } from './look-up-plan.js'
import type { MemoryPlanRequest } from './memory-request.js'
import { heapBytesOfTable, unitBytesFor } from './worker-memory.js'

/** The node tables at the ends of relationships: one or two, none for nodes. */
function endpointsOf(catalog: Catalog, table: Table): NodeTable[] {
  if (table.kind === 'node') return []
  const ids = new Set([table.fromTableId, table.toTableId])
  return [...ids].map((id) => requireTableById(catalog, id) as NodeTable)
}

/** Bytes of memory for building a unit of relationships. */
export function unitBytesOf(catalog: Catalog, table: Table, memoryBudget: number): number {
  return Math.floor(unitBytesFor(memoryBudget) * unitPartOf(endpointsOf(catalog, table), memoryBudget))
}

/** The table's part of a request for a plan. */
export function targetOf(
  catalog: Catalog,
  table: Table,
  memoryBudget: number,
  keyLooks: KeyLooks,
): Pick<MemoryPlanRequest, 'target' | 'heapBytes'> {
  const endpoints = endpointsOf(catalog, table)
  const heapBytes = heapBytesOfTable(table, endpoints)
  const strings = table.columns.some(({ type }) => physicalTypeOf(type) === 'string')
  if (table.kind === 'node') return { heapBytes, target: { kind: 'node', strings } }
  const unitBytes = unitBytesOf(catalog, table, memoryBudget)
  const [from, to = from] = endpoints
  const loadBytesMin = relLoadBytesMin({
    fromNodes: from!.rowCount,
    toNodes: to!.rowCount,
    types: table.columns.map(({ type }) => type),
    unitBytes,
  })
  return { heapBytes, target: { kind: 'rel', endpoints, keyLooks, strings, unitBytes, loadBytesMin } }
}
