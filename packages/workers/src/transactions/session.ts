/**
 * The transaction that BEGIN, COMMIT and ROLLBACK make of the statements between them: all statements of one
 * database object belong to it, until it ends.
 */
import { misplaced } from './misplaced.js'
import type { OpenTransaction } from './open-transaction.js'
import type { WriteQueue } from './write-queue.js'

export interface SessionHost {
  readonly queue: WriteQueue
  /** @throws MillraceError `MILLRACE_CLOSED`, `MILLRACE_READ_ONLY` */
  open(readOnly: boolean): OpenTransaction
}

export class Session {
  readonly #host: SessionHost
  #open: OpenTransaction | undefined
  #isBeginning = false
  /** Lets the next in the queue write. */
  #leave: (() => void) | undefined

  constructor(host: SessionHost) {
    this.#host = host
  }

  /** The open transaction. */
  get transaction(): OpenTransaction | undefined {
    return this.#open
  }

  /** BEGIN TRANSACTION: one that writes waits until those before it have ended. */
  async begin(readOnly: boolean): Promise<void> {
    this.refuseWithin('BEGIN TRANSACTION')
    this.#isBeginning = true
    try {
      if (readOnly) this.#open = this.#host.open(true)
      else await this.#enter()
    } finally {
      this.#isBeginning = false
    }
  }

  #enter(): Promise<void> {
    return new Promise((begun, failed) => {
      const whole = this.#host.queue.exclusive(async () => {
        this.#open = this.#host.open(false)
        const left = new Promise<void>((leave) => {
          this.#leave = leave
        })
        begun()
        await left
      })
      whole.catch(failed)
    })
  }

  /** COMMIT and ROLLBACK. */
  async end(how: 'commit' | 'rollback'): Promise<void> {
    const transaction = this.#open
    if (transaction === undefined) {
      throw misplaced(`${how.toUpperCase()} without a transaction`, 'Write BEGIN TRANSACTION first.')
    }
    this.#open = undefined
    try {
      if (how === 'commit') await transaction.commit()
      else await transaction.rollback()
    } finally {
      this.#leave?.()
      this.#leave = undefined
    }
  }

  /** Leaves nothing of a transaction that was not committed. */
  async close(): Promise<void> {
    if (this.#open !== undefined) await this.end('rollback')
  }

  /** @throws MillraceError `MILLRACE_TRANSACTION` while a transaction is open, or about to be */
  refuseWithin(what: string): void {
    if (this.#open === undefined && !this.#isBeginning) return
    throw misplaced(`${what} within a transaction`, 'Write COMMIT or ROLLBACK first.')
  }
}
