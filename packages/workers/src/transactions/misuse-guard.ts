/**
 * Notices what would wait for itself: a write of the database within the function of `db.transaction`, which
 * would stand behind the transaction that waits for it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { workersError } from '../errors/index.js'

interface Scope {
  isOpen: boolean
}

export class MisuseGuard {
  readonly #scopes = new AsyncLocalStorage<Scope>()

  /** Runs the function of a transaction. */
  async within<T>(action: () => Promise<T>): Promise<T> {
    const scope: Scope = { isOpen: true }
    try {
      return await this.#scopes.run(scope, action)
    } finally {
      scope.isOpen = false
    }
  }

  /** @throws MillraceError `MILLRACE_TRANSACTION` when called from within such a function */
  check(): void {
    if (this.#scopes.getStore()?.isOpen !== true) return
    throw workersError('MILLRACE_TRANSACTION', {
      what: 'A write of the database within the function of its transaction would wait for itself',
      hint: 'Use the transaction that the function was given: tx.run, tx.query, tx.copyFrom.',
    })
  }
}
