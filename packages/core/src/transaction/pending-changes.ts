/**
 * The changes of a transaction that makes, drops or fills tables: made one after the other above the store,
 * seen by nobody else, and committed together.
 *
 * Invariants
 * - The store's state does not change while there are pending changes: one transaction writes at a time.
 * - The pages that changes reach are the store's again after `rollback`, and the catalog's after `commit`.
 *
 * Lives on the writer thread.
 */
import { applyChange, type Catalog, type CatalogChange, changedPages } from '../catalog/index.js'
import { applyToState, checkChange, type GraphState, stateOf } from '../delta/index.js'
import type { Extent } from '../format/index.js'
import type { Store } from '../store.js'
import type { VersionsInUse } from '../store-options.js'
import { mergeDelta, type RelStore } from '../table/index.js'

export class PendingChanges {
  readonly #store: Store
  readonly #releaseDelta: () => void
  readonly #changes: CatalogChange[] = []
  readonly #pages: Extent[] = []
  #state: GraphState

  constructor(store: Store) {
    this.#store = store
    this.#releaseDelta = store.delta.hold()
    this.#state = { catalog: store.catalog, delta: store.delta }
  }

  /** The catalog as the transaction sees it. */
  get catalog(): Catalog {
    return this.#state.catalog
  }

  /** What a load of this transaction needs of the store. */
  get loadStore(): RelStore {
    const store = this.#store
    return {
      path: store.path,
      fileSystem: store.fileSystem,
      reader: store.reader,
      catalog: this.#state.catalog,
      allocate: (pages) => store.allocate(pages),
      free: (firstPage, pages) => store.free(firstPage, pages),
      writePages: (firstPage, bytes) => store.writePages(firstPage, bytes),
    }
  }

  /**
   * Makes one more change: it is not visible to others, and not durable, before `commit`.
   * @throws MillraceError what `checkChange` throws; then it was not made
   */
  add(change: CatalogChange): void {
    checkChange(this.#state, change)
    const { added } = changedPages(this.#state.catalog, change)
    this.#state = applyToState(this.#state, change)
    this.#changes.push(change)
    for (const extent of added) this.#pages.push(extent)
  }

  /**
   * Makes segments of all small writes, committed ones included: loads see segments only.
   * @returns the change that did so; null when there were no small writes
   * @throws MillraceError as the store does when it cannot write; then nothing was done
   */
  merge(): CatalogChange | null {
    if (this.#state.delta.isEmpty) return null
    const { change } = mergeDelta(this.#store, this.#state, { budgetBytes: this.#store.mergeBytes })
    const { added } = changedPages(this.#state.catalog, change)
    this.#state = stateOf(applyChange(this.#state.catalog, change))
    this.#changes.push(change)
    for (const extent of added) this.#pages.push(extent)
    return change
  }

  /**
   * Commits all changes as one. When it throws anything but `MILLRACE_IN_DOUBT`, nothing was committed, and
   * the changes are still to be rolled back.
   * @returns the encoded change, for the catalogs of other threads; null when there was none
   * @throws MillraceError what `Store.commit` throws
   */
  commit(options: VersionsInUse = {}): Uint8Array | null {
    this.#releaseDelta()
    if (this.#changes.length === 0) return null
    return this.#store.commit({ kind: 'several', changes: this.#changes }, options)
  }

  /** Gives back what the changes took. */
  rollback(): void {
    this.#releaseDelta()
    for (const { first, pages } of this.#pages) this.#store.free(first, pages)
    this.#pages.length = 0
  }
}
