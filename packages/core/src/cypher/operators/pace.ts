/**
 * How a query that gives no rows for long lets other work in: batches without rows.
 *
 * - A batch without rows says only that now is a good moment, or, with `until`, that nothing can be done
 *   before something has happened. Every operator passes it on as it is, at once, and whoever drives the
 *   query lets the event loop turn (`result/turn.ts`).
 * - Whatever makes batches, or works long on one, asks `isDue` about every thousand rows, never for each.
 */
import type { Batch } from '../vectors/vector.js'

/** Work between two turns of the event loop. */
export const turnMs = 10

/** Rows that are looked up or written one by one between two looks at the clock. */
export const rowsBetweenLooks = 64

/** See above. Operators tell it by its rows. */
export const pause: Batch = { rows: 0, columns: [] }

export class Pace {
  readonly #workMs: number
  #due: number

  /** @param workMs milliseconds of work between two turns */
  constructor(workMs: number = turnMs) {
    this.#workMs = workMs
    this.#due = performance.now() + workMs
  }

  /** True when the event loop should turn; the next time is then some milliseconds off. */
  isDue(): boolean {
    const now = performance.now()
    if (now < this.#due) return false
    this.#due = now + this.#workMs
    return true
  }

  /** The query goes on after a while that was not its own. */
  resume(): void {
    this.#due = performance.now() + this.#workMs
  }
}
