/**
 * Makes segments of a delta: the change that puts them in the place of the tables as they were. Nothing is
 * visible before that change is committed; `abort` gives back the pages until then.
 *
 * Runs on the writer thread, within the bytes that it is given. Where they do not suffice for a single
 * column of a row group, it takes `mergeBytesMax` at most: without it the log could never be let go of.
 */
import type { Catalog, CatalogChange, Table } from '../../catalog/index.js'
import type { GraphState } from '../../delta/index.js'
import { isMillraceError } from '../../errors/index.js'
import type { PageStore } from '../../index/index.js'
import { mergeBytesMax } from '../../limits.js'
import { Allowance, type Compaction } from './compaction.js'
import { MergeContext } from './merge-context.js'
import { canBeCompacted, mergeNodes } from './merge-nodes.js'
import { canRunsBeCompacted, mergeRels } from './merge-rels.js'

export interface Merge {
  readonly change: Extract<CatalogChange, { kind: 'replaceTables' }>
  /** Gives the pages back. */
  abort(): void
}

export interface MergeOptions {
  /** What is done besides. Default: nothing. */
  readonly compaction?: Compaction
  /** Bytes of memory that it should keep to. Default `mergeBytesMax`. */
  readonly budgetBytes?: number
}

/** True when a merge with this compaction may change something. */
export function isMergeDue({ catalog, delta }: GraphState, compaction: Compaction): boolean {
  if (!delta.isEmpty) return true
  if (compaction === 'none') return false
  return catalog.tables.some((table) =>
    table.kind === 'node' ? canBeCompacted(table) : canRunsBeCompacted(table),
  )
}

/** @throws MillraceError as the store does when it cannot write; then nothing is left behind */
export function mergeDelta(store: PageStore, state: GraphState, options: MergeOptions = {}): Merge {
  const { compaction = 'none', budgetBytes = mergeBytesMax } = options
  try {
    return merge(store, state, compaction, budgetBytes)
  } catch (error) {
    if (budgetBytes >= mergeBytesMax || !isMillraceError(error, 'MILLRACE_MEMORY_BUDGET')) throw error
    return merge(store, state, compaction, mergeBytesMax)
  }
}

function merge(
  store: PageStore,
  { catalog, delta }: GraphState,
  compaction: Compaction,
  budgetBytes: number,
): Merge {
  const context = new MergeContext(store, budgetBytes)
  const allowance = new Allowance(compaction)
  try {
    const tables: Table[] = []
    const take = (table: Table | null) => {
      if (table !== null) tables.push(table)
    }
    for (const table of catalog.tables) {
      if (table.kind !== 'node') continue
      const written = delta.nodes(table.id)
      if (written !== undefined || (compaction !== 'none' && canBeCompacted(table))) {
        take(mergeNodes(context, table, written, allowance))
      }
    }
    const withNodes = replaced(catalog, tables)
    for (const table of catalog.tables) {
      if (table.kind !== 'rel') continue
      const written = delta.rels(table.id)
      if (written !== undefined || (compaction !== 'none' && canRunsBeCompacted(table))) {
        take(mergeRels(context, withNodes, table, written, allowance))
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
