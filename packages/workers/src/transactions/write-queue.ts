/**
 * Who writes when: one after the other, in the order in which they came. Statements that wait together share
 * a commit, and with it a sync.
 *
 * ```
 *   statement, statement, statement │ import │ statement │ transaction …
 *   └────────── one commit ────────┘                └─ alone, until it ends
 * ```
 *
 * Invariants
 * - A statement sees what those before it in its group wrote; it is settled when the group's commit is, and
 *   fails with it.
 * - A statement that fails itself takes back what it wrote, and nothing else of the group.
 */
import type { WriteTransaction } from '@millrace/core/internal'
import { groupBytesMax, groupStatementsMax } from '../limits.js'

/** What the queue needs to commit a group of statements. */
export interface GroupHost {
  /** A transaction above what is committed now. @throws when nothing can be written (any more) */
  begin(): WriteTransaction
  commit(transaction: WriteTransaction): Promise<void>
}

interface StatementJob {
  readonly kind: 'statement'
  /** Runs the statement; the result settles the promise once its group is committed. */
  readonly run: (transaction: WriteTransaction) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

type Job = StatementJob | { readonly kind: 'exclusive'; readonly run: () => Promise<void> }

export class WriteQueue {
  readonly #host: GroupHost
  readonly #jobs: Job[] = []
  #working: Promise<void> | undefined

  constructor(host: GroupHost) {
    this.#host = host
  }

  /** Runs `action` alone, when everything before it has ended. */
  exclusive<T>(action: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#add({ kind: 'exclusive', run: () => action().then(resolve, reject) })
    })
  }

  /** Runs a statement that commits by itself; resolves when it is durable. */
  statement<T>(run: (transaction: WriteTransaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#add({ kind: 'statement', run, resolve: resolve as (value: unknown) => void, reject })
    })
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working
  }

  #add(job: Job): void {
    this.#jobs.push(job)
    this.#working ??= this.#work()
  }

  async #work(): Promise<void> {
    // Whoever asks in the same turn belongs to the same group.
    await Promise.resolve()
    for (let next = this.#jobs[0]; next !== undefined; next = this.#jobs[0]) {
      if (next.kind === 'exclusive') {
        this.#jobs.shift()
        await next.run()
      } else await this.#group()
    }
    this.#working = undefined
  }

  async #group(): Promise<void> {
    const done: { readonly job: StatementJob; readonly value: unknown }[] = []
    let transaction: WriteTransaction
    try {
      transaction = this.#host.begin()
    } catch (error) {
      ;(this.#jobs.shift() as StatementJob).reject(error)
      return
    }
    for (let taken = 0; taken < groupStatementsMax && transaction.bytes < groupBytesMax; taken++) {
      const job = this.#jobs[0]
      if (job?.kind !== 'statement') break
      this.#jobs.shift()
      const savepoint = transaction.savepoint()
      try {
        done.push({ job, value: await job.run(transaction) })
      } catch (error) {
        transaction.rollbackTo(savepoint)
        job.reject(error)
      }
    }
    try {
      await this.#host.commit(transaction)
      for (const { job, value } of done) job.resolve(value)
    } catch (error) {
      for (const { job } of done) job.reject(error)
    }
  }
}
