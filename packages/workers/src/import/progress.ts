import type { ImportProgress } from './result.js'

/** Rows between two reports, at most. */
export const progressRowsMax = 100_000

/**
 * Turns finished batches into reports: one at least every `progressRowsMax` rows, every number monotone.
 * Runs on the caller's thread.
 */
export class ProgressReporter {
  readonly #report: (progress: ImportProgress) => void
  readonly #bytesTotal: number | undefined
  readonly #bytesBefore: number
  readonly #startedAt = performance.now()
  #rows = 0
  #skipped = 0
  #bytes = 0

  /** @param bytesBefore bytes that were loaded before, and are not to be loaded now */
  constructor(report: (progress: ImportProgress) => void, bytesTotal: number | undefined, bytesBefore = 0) {
    this.#report = report
    this.#bytesTotal = bytesTotal
    this.#bytesBefore = bytesBefore
    this.#bytes = bytesBefore
  }

  /** Adds a batch. A batch of more than `progressRowsMax` rows is reported in steps. */
  add(rows: number, skipped: number, bytes: number): void {
    const steps = Math.max(1, Math.ceil((rows + skipped) / progressRowsMax))
    const base = { rows: this.#rows, skipped: this.#skipped, bytes: this.#bytes }
    for (let step = 1; step <= steps; step++) {
      this.#rows = base.rows + Math.floor((rows * step) / steps)
      this.#skipped = base.skipped + Math.floor((skipped * step) / steps)
      this.#bytes = base.bytes + Math.floor((bytes * step) / steps)
      this.#report(this.#current())
    }
  }

  #current(): ImportProgress {
    const seconds = Math.max((performance.now() - this.#startedAt) / 1000, 1e-6)
    const shared = {
      rowsProcessed: this.#rows,
      rowsSkipped: this.#skipped,
      bytesProcessed: this.#bytes,
      rowsPerSecond: Math.round((this.#rows + this.#skipped) / seconds),
    }
    if (this.#bytesTotal === undefined) return shared
    const left = Math.max(0, this.#bytesTotal - this.#bytes)
    const done = this.#bytes - this.#bytesBefore
    const etaSeconds = done === 0 ? {} : { etaSeconds: (left * seconds) / done }
    return { ...shared, bytesTotal: this.#bytesTotal, ...etaSeconds }
  }
}
