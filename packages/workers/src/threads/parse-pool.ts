/**
 * The pool of parse workers. One per open database, made at its first import and kept for the next.
 *
 * Invariant: no worker is ended while it loads its modules. Node 20 aborts the whole process when a thread is
 * terminated in the middle of `require` of an ES module (`IsGraphAsync`, `CreateRequiredModuleFacade`). The
 * build makes the worker a CommonJS file, of which that is not known; `close` waits until all have loaded
 * nevertheless.
 */
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Piscina } from 'piscina'
import { workersError } from '../errors/index.js'
import { tasksOfWorker, threadYoungGenerationMb } from '../limits.js'
import { unwrapReply } from './error-wire.js'
import type {
  BuildOutcome,
  BuildTask,
  MovedMemory,
  ParseOutcome,
  ParseTask,
  ParseWorkerData,
  Reply,
  WorkerTask,
} from './protocol.js'

/** Loads a CommonJS package in half the time that `import` takes: 10 ms before the first worker starts. */
const require = createRequire(import.meta.url)

/** A worker that has not loaded by then never will; ending it is all that is left. */
const loadingMsMax = 10_000

/** The same where a worker has failed: which of the others there are is not known. */
const loadingMsMaxOfFailed = 500

const aliveMs = 1000

export class ParsePool {
  readonly threads: number
  readonly #pool: Piscina<WorkerTask, Reply<ParseOutcome | BuildOutcome>>
  /** Rejects the tasks under way. */
  readonly #waiting = new Set<(reason: Error) => void>()
  /** How many workers have loaded: word 0, counted up by each. */
  readonly #loaded = new Int32Array(new SharedArrayBuffer(4))
  #failed = false
  /** Memory that has arrived before its outcome, or is waited for, by the task's slot. */
  readonly #moved: (MovedMemory['memory'] | ((memory: ArrayBuffer) => void) | undefined)[] = []

  /** Starts the workers of an import; they load while the caller goes on. */
  static forImports(threads: number): ParsePool {
    return new ParsePool(threads, new URL('./parse-worker.js', import.meta.url))
  }

  /** Starts the workers of a reader, which need to load less. */
  static forReading(threads: number): ParsePool {
    return new ParsePool(threads, new URL('./read-worker.js', import.meta.url))
  }

  private constructor(threads: number, worker: URL) {
    const { Piscina } = require('piscina') as typeof import('piscina')
    this.threads = threads
    this.#pool = new Piscina<WorkerTask, Reply<ParseOutcome | BuildOutcome>>({
      filename: fileURLToPath(worker),
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: tasksOfWorker,
      recordTiming: false,
      resourceLimits: { maxYoungGenerationSizeMb: threadYoungGenerationMb },
      workerData: { loaded: this.#loaded } satisfies ParseWorkerData,
    })
    this.#pool.on('workerCreate', keepView)
    this.#pool.on('message', (message: MovedMemory) => this.#take(message))
    // A worker that fails outside of a task (when it is loaded, say) leaves the tasks it was to run without
    // an answer.
    this.#pool.on('error', (error) => {
      const failure = this.#failedWith(error)
      for (const reject of this.#waiting) reject(failure)
      this.#waiting.clear()
    })
  }

  /** Parses a block. @throws what the worker threw; `MILLRACE_WORKER_FAILED` when it died */
  async run(task: ParseTask): Promise<ParseOutcome> {
    const outcome = (await this.#run(task, task.memory)) as ParseOutcome
    const { batch } = outcome
    if (batch?.kind !== 'columns') return outcome
    return { ...outcome, batch: { ...batch, memory: await this.#memoryOf(task.slot) } }
  }

  /** Builds a unit. @throws as `run` does */
  async build(task: BuildTask): Promise<BuildOutcome> {
    return (await this.#run(task)) as BuildOutcome
  }

  #take({ slot, memory }: MovedMemory): void {
    const waiting = this.#moved[slot]
    if (typeof waiting !== 'function') this.#moved[slot] = memory
    else waiting(memory)
  }

  /** The memory of the slot's batch, which is sent by the time that its outcome is there. */
  async #memoryOf(slot: number): Promise<ArrayBuffer> {
    const there = this.#moved[slot]
    const memory = there instanceof ArrayBuffer ? there : await this.#arrivalOf(slot)
    this.#moved[slot] = undefined
    return memory
  }

  async #arrivalOf(slot: number): Promise<ArrayBuffer> {
    // A message by itself does not keep the process running.
    const alive = setInterval(() => {}, aliveMs)
    const memory = await new Promise<ArrayBuffer>((resolve) => {
      this.#moved[slot] = resolve
    })
    clearInterval(alive)
    return memory
  }

  async #run(task: WorkerTask, moving?: ArrayBuffer): Promise<ParseOutcome | BuildOutcome> {
    let fail: (reason: Error) => void = () => {}
    const failure = new Promise<never>((_, reject) => {
      fail = reject
      this.#waiting.add(reject)
    })
    try {
      const options = moving === undefined ? {} : { transferList: [moving] }
      const answer = this.#pool.run(task, options).catch((error) => {
        throw this.#failedWith(error)
      })
      return unwrapReply(await Promise.race([answer, failure]))
    } finally {
      this.#waiting.delete(fail)
    }
  }

  /** A worker has died: the pool is to be closed, and another one started. */
  get hasFailed(): boolean {
    return this.#failed
  }

  #failedWith(error: unknown): Error {
    this.#failed = true
    const reason = error instanceof Error ? error.message : String(error)
    return workersError('MILLRACE_WORKER_FAILED', { reason }, { cause: error })
  }

  /** Ends the workers. No task may be running. */
  async close(): Promise<void> {
    await this.#whenLoaded()
    await this.#pool.destroy()
  }

  async #whenLoaded(): Promise<void> {
    const giveUpAt = performance.now() + (this.#failed ? loadingMsMaxOfFailed : loadingMsMax)
    while (performance.now() < giveUpAt) {
      const loaded = Atomics.load(this.#loaded, 0)
      if (loaded >= this.threads) return
      await sleep(1)
    }
  }
}

/**
 * Piscina describes every worker anew whenever it gives out a task: an object of six accessors, for each of
 * which V8 makes hidden classes that only its largest collections free. With some thousand blocks they, and
 * what they let the heap grow to, are tens of megabytes. The first description serves as well: it asks the
 * worker. Where Piscina is made otherwise, nothing changes.
 */
function keepView(view: object): void {
  for (const symbol of Object.getOwnPropertySymbols(view)) {
    const worker: unknown = (view as Record<symbol, unknown>)[symbol]
    if (typeof worker !== 'object' || worker === null || !('interface' in worker)) continue
    Object.defineProperty(worker, 'interface', { value: view })
  }
}
