/**
 * One run of a query: begun once, its rows given once, and what it holds let go of once. Results are what
 * asks for it (`query-result.ts`, `pending-query.ts`); several may, for the same rows.
 *
 * ```
 *   waiting ──begin──► begun: the first batch is there ──batches──► given ──┐
 *      └──────────────────┴───────────── close, the last holder lost ───────┴──► ended
 * ```
 *
 * Invariants
 * - Nothing runs before it is begun; it goes on only as far as batches are asked for, the first one ahead.
 * - It runs on the calling thread and lets other work of the event loop in about every 10 ms, also while it
 *   gives no rows.
 * - Ending early (break, `close`, a signal), an error, and reaching the end all release what it holds, once.
 *   `close` and signals are heeded at the next turn.
 * - It knows none of its holders, so that they can be collected; when all are, it ends.
 */
import { MillraceError } from '../../errors/index.js'
import type { RefusedRows } from '../external.js'
import { turnMs } from '../operators/pace.js'
import type { ResultBatch } from './result-batch.js'
import { turn } from './turn.js'
import type { Int64Mode } from './values.js'

export type ResultStart = () => Iterable<ResultBatch> | Promise<Iterable<ResultBatch>>

export interface QueryRunOptions {
  readonly int64: Int64Mode
  /** End the query with their reason when one of them is aborted. */
  readonly signals?: readonly AbortSignal[]
  /** What has been left out of rows from outside. */
  readonly refused?: () => readonly RefusedRows[]
  /** Called when it is begun. */
  readonly onBegin?: () => void
  /** Called once, when it has ended in whichever way. */
  readonly onClose?: () => void
  /** Called when it was never begun nor closed, and nobody is left who could. `onClose` follows. */
  readonly onForgotten?: () => void
}

/**
 * When the event loop last turned for a query of this thread. Of all queries: many short ones, each asked for
 * when the one before has ended, would otherwise let nothing else in.
 */
let turnBegan = performance.now()

const noRows: ResultBatch = { rows: 0, columns: [] }

/** Tells runs of holders that nothing refers to any more. */
const lostHolders = new FinalizationRegistry<QueryRun>((run) => run.lostHolder())

/**
 * Holders made since the event loop last turned. Most runs end before it turns again; watching them all would
 * be a sixth of the work of a short query.
 */
let newHolders: { readonly holder: object; readonly run: QueryRun }[] = []

function watchNewHolders(): void {
  for (const { holder, run } of newHolders) run.watch(holder)
  newHolders = []
}

export class QueryRun {
  readonly #start: ResultStart
  readonly #options: QueryRunOptions
  #holders = 0
  #begun: Promise<void> | undefined
  /** What is to come of the query. */
  #rest: Iterator<ResultBatch> | undefined
  /** The first batch, until it is asked for. */
  #ahead: ResultBatch | undefined
  #isGiven = false
  #isClosing = false
  #hasEnded = false

  constructor(start: ResultStart, options: QueryRunOptions) {
    this.#start = start
    this.#options = options
  }

  get int64(): Int64Mode {
    return this.#options.int64
  }

  get refused(): readonly RefusedRows[] {
    return this.#options.refused?.() ?? []
  }

  /** The run goes on as long as `holder` can be reached, or another one. */
  heldBy(holder: object): void {
    this.#holders++
    if (newHolders.push({ holder, run: this }) === 1) setImmediate(watchNewHolders).unref()
  }

  watch(holder: object): void {
    if (!this.#hasEnded) lostHolders.register(holder, this, this)
  }

  lostHolder(): void {
    if (--this.#holders > 0) return
    if (this.#begun === undefined && !this.#hasEnded) this.#options.onForgotten?.()
    // Nobody is left to hear of an error.
    this.close().catch(() => {})
  }

  /**
   * Begins the run, unless that was done, and resolves when its first batch, or its end, is there.
   * @throws MillraceError `MILLRACE_ARGUMENT` when it was closed before; what the query throws
   */
  begin(): Promise<void> {
    this.#begun ??= this.#begin()
    return this.#begun
  }

  async #begin(): Promise<void> {
    if (this.#isClosing) throw askedInVain('asking after close()')
    this.#options.onBegin?.()
    try {
      this.#throwIfAborted()
      if (performance.now() - turnBegan > turnMs) await this.#turn(noRows)
      const batches = await this.#start()
      this.#rest = batches[Symbol.iterator]()
      this.#ahead = await this.#next()
    } catch (error) {
      this.#end()
      throw error
    }
  }

  /**
   * All batches that have rows. Whoever iterates must refer to a holder meanwhile.
   * @throws MillraceError `MILLRACE_ARGUMENT` at once when they were asked for before, or it was closed; what
   * the query throws, while iterating
   */
  batches(): AsyncGenerator<ResultBatch> {
    if (this.#isGiven) throw askedInVain('asking again')
    if (this.#isClosing) throw askedInVain('asking after close()')
    this.#isGiven = true
    return this.#give()
  }

  async *#give(): AsyncGenerator<ResultBatch> {
    try {
      await this.begin()
      let batch = this.#ahead
      this.#ahead = undefined
      while (batch !== undefined && !this.#isClosing) {
        // Whoever asks may have taken its time since the batch before, or since the query was begun.
        this.#throwIfAborted()
        yield batch
        this.#throwIfAborted()
        batch = await this.#next()
      }
    } finally {
      this.#isClosing = true
      this.#end()
    }
  }

  /** The next batch that has rows; undefined at the end, which lets go of everything. */
  async #next(): Promise<ResultBatch | undefined> {
    while (!this.#isClosing) {
      const step = this.#rest!.next()
      if (step.done === true) break
      const batch = step.value
      if (batch.rows === 0 || performance.now() - turnBegan > turnMs) await this.#turn(batch)
      this.#throwIfAborted()
      if (batch.rows > 0) return this.#isClosing ? undefined : batch
    }
    this.#end()
    return undefined
  }

  async #turn(batch: ResultBatch): Promise<void> {
    await turn(batch, this.#options.signals ?? [])
    turnBegan = performance.now()
  }

  #throwIfAborted(): void {
    for (const signal of this.#options.signals ?? []) signal.throwIfAborted()
  }

  /** Ends the run, finished or not. Safe to call again. */
  async close(): Promise<void> {
    this.#isClosing = true
    // What is only being begun cannot be let go of yet.
    await this.#begun?.catch(() => {})
    this.#end()
  }

  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    lostHolders.unregister(this)
    try {
      this.#rest?.return?.()
    } finally {
      this.#options.onClose?.()
    }
  }
}

function askedInVain(value: string): MillraceError {
  return new MillraceError('MILLRACE_ARGUMENT', {
    what: 'rows of a result',
    value,
    expected: 'asking once: keep them with toArray(), or run the query again',
  })
}
