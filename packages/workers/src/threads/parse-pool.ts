/** The pool of parse workers. One per open database, made at its first import and kept for the next. */
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { workersError } from '../errors/index.js'
import { fromErrorWire } from './error-wire.js'
import type { ParseOutcome, ParseTask, Reply } from './protocol.js'

export class ParsePool {
  readonly threads: number
  readonly #pool: Piscina<ParseTask, Reply<ParseOutcome>>

  constructor(threads: number) {
    this.threads = threads
    this.#pool = new Piscina<ParseTask, Reply<ParseOutcome>>({
      filename: fileURLToPath(new URL('./parse-worker.js', import.meta.url)),
      minThreads: threads,
      maxThreads: threads,
      recordTiming: false,
    })
    // Errors of workers reach the caller through their task.
    this.#pool.on('error', () => {})
  }

  /** Runs one task. @throws what the worker threw; `MILLRACE_WORKER_FAILED` when it died */
  async run(task: ParseTask): Promise<ParseOutcome> {
    let reply: Reply<ParseOutcome>
    try {
      reply = await this.#pool.run(task)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw workersError('MILLRACE_WORKER_FAILED', { reason }, { cause: error })
    }
    if (reply.ok) return reply.value
    throw fromErrorWire(reply.error)
  }

  /** Ends the workers. No task may be running. */
  async close(): Promise<void> {
    await this.#pool.destroy()
  }
}
