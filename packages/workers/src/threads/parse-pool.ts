/** The pool of parse workers. One per open database, made at its first import and kept for the next. */
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { workersError } from '../errors/index.js'
import { unwrapReply } from './error-wire.js'
import type { ParseOutcome, ParseTask, Reply } from './protocol.js'

export class ParsePool {
  readonly threads: number
  readonly #pool: Piscina<ParseTask, Reply<ParseOutcome>>
  /** Rejects the tasks under way. */
  readonly #waiting = new Set<(reason: Error) => void>()

  constructor(threads: number) {
    this.threads = threads
    this.#pool = new Piscina<ParseTask, Reply<ParseOutcome>>({
      filename: fileURLToPath(new URL('./parse-worker.js', import.meta.url)),
      minThreads: threads,
      maxThreads: threads,
      recordTiming: false,
    })
    // A worker that fails outside of a task (when it is loaded, say) leaves the tasks it was to run without
    // an answer.
    this.#pool.on('error', (error) => {
      const failure = workerFailure(error)
      for (const reject of this.#waiting) reject(failure)
      this.#waiting.clear()
    })
  }

  /** Runs one task. @throws what the worker threw; `MILLRACE_WORKER_FAILED` when it died */
  async run(task: ParseTask): Promise<ParseOutcome> {
    let fail: (reason: Error) => void = () => {}
    const failure = new Promise<never>((_, reject) => {
      fail = reject
      this.#waiting.add(reject)
    })
    try {
      const answer = this.#pool.run(task).catch((error) => {
        throw workerFailure(error)
      })
      return unwrapReply(await Promise.race([answer, failure]))
    } finally {
      this.#waiting.delete(fail)
    }
  }

  /** Ends the workers. No task may be running. */
  async close(): Promise<void> {
    await this.#pool.destroy()
  }
}

function workerFailure(error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error)
  return workersError('MILLRACE_WORKER_FAILED', { reason }, { cause: error })
}
