/**
 * Makes segments of a delta: the change that puts them in the place of the tables as they were. Nothing is
 * visible before that change is committed; `abort` gives back the pages until then.
 *
 * Runs on the writer thread, and takes `mergeBytesMax` bytes of memory at most.
 */
import type { Catalog, CatalogChange, Table } from '../../catalog/index.js'
import type { GraphState } from '../../delta/index.js'
import type { PageStore } from '../../index/index.js'
import { mergeBytesMax } from '../../limits.js'
import { MergeContext } from './merge-context.js'
import { mergeNodes } from './merge-nodes.js'
import { mergeRels } from './merge-rels.js'

export interface Merge {
  readonly change: Extract<CatalogChange, { kind: 'replaceTables' }>
  /** Gives the pages back. */
  abort(): void
}

/** @throws MillraceError as the store does when it cannot write; then nothing is left behind */
export function mergeDelta(store: PageStore, { catalog, delta }: GraphState): Merge {
  const context = new MergeContext(store, mergeBytesMax)
  try {
    const tables: Table[] = []
    for (const table of catalog.tables) {
      const written = table.kind === 'node' ? delta.nodes(table.id) : undefined
      if (table.kind === 'node' && written !== undefined) tables.push(mergeNodes(context, table, written))
    }
    const withNodes = replaced(catalog, tables)
    for (const table of catalog.tables) {
      const written = table.kind === 'rel' ? delta.rels(table.id) : undefined
      if (table.kind === 'rel' && written !== undefined) {
        tables.push(mergeRels(context, withNodes, table, written))
      }
    }
    return { change: { kind: 'replaceTables', tables }, abort: () => context.ledger.freeAll() }
  } catch (error) {
    context.ledger.freeAll()
    throw error
  } finally {
    context.close()
  }
}

function replaced(catalog: Catalog, tables: readonly Table[]): Catalog {
  return {
    ...catalog,
    tables: catalog.tables.map((table) => tables.find(({ id }) => id === table.id) ?? table),
  }
}
