/**
 * Plans of statements that were run lately: reading and planning a short statement takes longer than running
 * it. A plan holds for as long as the tables are what they were.
 */
import type { Catalog } from '@millrace/core/internal'
import { type ExternalSources, type Prepared, prepare } from '@millrace/core/query'
import { plansKeptMax, plansKeptTextMax } from '../limits.js'

interface Kept {
  readonly tables: Catalog['tables']
  readonly prepared: Prepared
}

export class PlanCache {
  /** Oldest use first. */
  readonly #kept = new Map<string, Kept>()

  /**
   * A plan that holds what was found in files is not kept: they may be others the next time.
   * @param sources what finds files that the statement reads
   * @throws MillraceError what `prepare` throws
   */
  prepare(statement: string, catalog: Catalog, sources: ExternalSources): Prepared {
    const known = this.#kept.get(statement)
    if (known?.tables === catalog.tables) {
      this.#kept.delete(statement)
      this.#kept.set(statement, known)
      return known.prepared
    }
    const prepared = prepare(statement, catalog, sources)
    if (isKept(prepared) && statement.length <= plansKeptTextMax) {
      this.#kept.delete(statement)
      if (this.#kept.size === plansKeptMax) this.#kept.delete(this.#kept.keys().next().value!)
      this.#kept.set(statement, { tables: catalog.tables, prepared })
    }
    return prepared
  }
}

function isKept(prepared: Prepared): boolean {
  return prepared.kind === 'query' && !prepared.plan.isExternal
}
