/**
 * Notices statements that would have changed something, but never ran: `query` was given them, and nobody has
 * awaited the result, asked it for rows, or closed it. A slip of the pen that would otherwise go unnoticed.
 *
 * - Of each such statement a warning of the process is made, once: when its result is collected, or when the
 *   database is closed.
 */
import type { QueryRunOptions } from '@millrace/core/query'
import { workersError } from '../errors/index.js'

const excerptCharactersMax = 80

interface Waiting {
  readonly statement: string
}

export class ForgottenStatements {
  readonly #waiting = new Set<Waiting>()

  /** What the run of a statement calls, so that it is not forgotten unnoticed. */
  watch(statement: string): Required<Pick<QueryRunOptions, 'onBegin' | 'onClose' | 'onForgotten'>> {
    const waiting: Waiting = { statement }
    this.#waiting.add(waiting)
    const remembered = (): void => {
      this.#waiting.delete(waiting)
    }
    return { onBegin: remembered, onClose: remembered, onForgotten: () => this.#warn(waiting) }
  }

  /** Warns of those that can no longer run. */
  report(): void {
    for (const waiting of this.#waiting) this.#warn(waiting)
  }

  #warn(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting)) return
    const line = waiting.statement.replaceAll(/\s+/g, ' ').trim()
    const isLong = line.length > excerptCharactersMax
    const statement = isLong ? `${line.slice(0, excerptCharactersMax)}…` : line
    process.emitWarning(workersError('MILLRACE_NOT_RUN', { statement }))
  }
}
