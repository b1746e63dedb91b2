/**
 * The caller's end of the writer thread: starts it, calls it, and notices when it dies.
 *
 * Invariants
 * - A call is settled exactly once: by the writer's reply, or by an error when the thread ends without one.
 * - The thread never keeps the process alive by itself; a pending call does.
 */
import { Worker } from 'node:worker_threads'
import { type Remote, releaseProxy, wrap } from 'comlink/dist/esm/comlink.mjs'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { workersError } from '../errors/index.js'
import { threadYoungGenerationMb } from '../limits.js'
import { unwrapReply } from './error-wire.js'
import type { Reply, WriterCalls } from './protocol.js'

type CallName = keyof WriterCalls
type RemoteMethod = (...values: unknown[]) => Promise<Reply<unknown>>
type ValueOf<Name extends CallName> =
  Awaited<ReturnType<WriterCalls[Name]>> extends Reply<infer T> ? T : never

export class WriterClient {
  /** The thread's number, also when it has ended. */
  readonly threadId: number
  readonly #worker: Worker
  /** Held for as long as the client lives: a proxy that is collected loses its pending calls. */
  readonly #remote: Remote<WriterCalls>
  /**
   * The proxy of each call that was made. Comlink makes one whenever it is asked, and registers it to be told
   * of its end: what is registered outlives every collection but the largest.
   */
  readonly #methods = new Map<CallName, RemoteMethod>()
  #pending = 0
  #death: Error | undefined
  readonly #waiting = new Set<(reason: Error) => void>()

  constructor() {
    this.#worker = new Worker(new URL('./writer-thread.js', import.meta.url), {
      name: 'millrace-writer',
      resourceLimits: { maxYoungGenerationSizeMb: threadYoungGenerationMb },
    })
    this.threadId = this.#worker.threadId
    this.#worker.unref()
    this.#worker.on('error', (error) => this.#died(`it threw ${String(error)}`, error))
    this.#worker.on('exit', (code) => this.#died(`it ended with code ${code}`))
    this.#remote = wrap<WriterCalls>(nodeEndpoint(this.#worker))
  }

  /** Calls the writer thread. @throws what the call threw there, or `MILLRACE_WRITER_DIED` */
  async call<Name extends CallName>(
    name: Name,
    ...parameters: Parameters<WriterCalls[Name]>
  ): Promise<ValueOf<Name>> {
    if (this.#death !== undefined) throw this.#death
    this.#pending += 1
    if (this.#pending === 1) this.#worker.ref()
    let give: ((reason: Error) => void) | undefined
    const death = new Promise<never>((_, reject) => {
      give = reject
      this.#waiting.add(reject)
    })
    try {
      const reply = this.#method(name)(...parameters) as Promise<Reply<ValueOf<Name>>>
      return unwrapReply(await Promise.race([reply, death]))
    } finally {
      if (give !== undefined) this.#waiting.delete(give)
      this.#pending -= 1
      if (this.#pending === 0) this.#worker.unref()
    }
  }

  /**
   * Ends the thread. The store must have been closed by a call before, or is left as a crash would leave it.
   */
  async terminate(): Promise<void> {
    this.#death ??= workersError('MILLRACE_WRITER_DIED', { reason: 'the database is closed' })
    this.#remote[releaseProxy]()
    await this.#worker.terminate()
  }

  #method(name: CallName): RemoteMethod {
    const known = this.#methods.get(name)
    if (known !== undefined) return known
    const method = this.#remote[name] as unknown as RemoteMethod
    this.#methods.set(name, method)
    return method
  }

  #died(reason: string, cause?: unknown): void {
    this.#death ??= workersError('MILLRACE_WRITER_DIED', { reason }, { cause })
    for (const reject of this.#waiting) reject(this.#death)
    this.#waiting.clear()
  }
}
