/**
 * The coordinator: cuts inputs into blocks, keeps the parse workers busy, and passes finished batches to the
 * sink in file order.
 *
 * Runs on the caller's thread and never blocks it: two loops that wait for each other through a bounded
 * queue.
 *
 * ```
 *  dispatch loop:  input → block → free slot → pool.run ──► queue (block order) ──► consume loop: verify, re-parse, errors, sink
 * ```
 *
 * Invariants
 * - A block is dispatched only with a slot in hand, so at most `slotCount` blocks are under way.
 * - The consume loop takes blocks strictly in order. A block counts only if it begins where the one before it
 *   ended; otherwise its worker guessed wrong, and it is parsed again from the known place, in the same slot.
 * - Errors are looked at in that loop only, so the first error is the first in the file, whatever the
 *   workers' timing.
 * - When `run` settles, no task is running and no slot is in use.
 * - It then stands at the beginning of a record (or of what is left of a line that is given up): everything
 *   before is with the receiver, nothing behind. So a coordinator can go on where another has ended.
 */
import { assert } from '@millrace/core/base'
import type { LoadControl, SlotPool } from '../batch/index.js'
import type { ParseJob, ParseOutcome, ParseTask } from '../threads/index.js'
import type { ErrorLog } from './error-log.js'
import type { Availability, ImportInput, OpenInput } from './input.js'
import type { Ledger } from './ledger.js'
import type { BatchReceiver } from './store-receiver.js'
import { untilAborted } from './until-aborted.js'

export interface CoordinatorParts {
  /** The inputs, from the one the ledger stands in. */
  readonly feed: InputSequence
  /** Ends the run after as much; null: when the inputs end. */
  readonly stretch: { readonly bytes: number; readonly ms: number } | null
  readonly job: ParseJob
  readonly slots: SlotPool
  readonly control: LoadControl
  readonly runTask: (task: ParseTask) => Promise<ParseOutcome>
  readonly receiver: BatchReceiver
  readonly errors: ErrorLog
  /** Takes the refused records of an outcome from its slot, before the ledger moves on. */
  readonly onRefused: ((input: ImportInput, outcome: ParseOutcome, slot: number) => Promise<void>) | null
  readonly ledger: Ledger
  readonly onBatch: (rows: number, skipped: number, bytes: number) => void
  readonly signal: AbortSignal | null
}

/** The inputs of a load in their order. */
export interface InputSequence {
  readonly current: OpenInput
  readonly hasNext: boolean
  /** Opens the next one; gives up waiting when `signal` is aborted. */
  next(signal: AbortSignal): Promise<OpenInput | undefined>
}

interface Block {
  readonly source: OpenInput
  readonly start: number
  readonly end: number
  readonly slot: number
  readonly outcome: Promise<ParseOutcome>
}

/** Sums over all tasks. */
export interface CoordinatorTotals {
  rows: number
  skipped: number
  bytes: number
  readMs: number
  scanMs: number
  parseMs: number
  encodeMs: number
  blocksReparsed: number
}

/** The sums before the first task. */
export function noTotals(): CoordinatorTotals {
  return {
    rows: 0,
    skipped: 0,
    bytes: 0,
    readMs: 0,
    scanMs: 0,
    parseMs: 0,
    encodeMs: 0,
    blocksReparsed: 0,
  }
}

export class Coordinator {
  readonly #parts: CoordinatorParts
  /**
   * At most as many as there are slots. Nothing may refer to a block that was taken out: it has its batch.
   */
  readonly #queue: Block[] = []
  #wakeConsumer: (() => void) | undefined
  #dispatched = false
  #ended = false
  /** Blocks that were dispatched and not consumed yet. */
  #underWay = 0
  #whenConsumed: (() => void) | undefined
  readonly #startedAt = performance.now()
  #dispatchedBytes = 0
  /** Aborted by the first reason to stop, which is its reason. */
  readonly #stopping = new AbortController()
  readonly totals = noTotals()

  constructor(parts: CoordinatorParts) {
    this.#parts = parts
  }

  /**
   * Runs the import up to, but not including, its commit.
   * @throws the first error in file order; the reason of the signal when it was aborted; whatever the sink or
   * a worker threw
   */
  async run(): Promise<void> {
    const { signal } = this.#parts
    const onAbort = () => this.#stop(signal?.reason)
    if (signal?.aborted === true) onAbort()
    signal?.addEventListener('abort', onAbort)
    try {
      await Promise.all([
        this.#dispatch().catch((error) => this.#stop(error)),
        this.#consume().catch((error) => this.#stop(error)),
      ])
      await this.#settle()
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
    this.#stopping.signal.throwIfAborted()
  }

  /** All inputs were read to their end; false: the stretch ended before. */
  get ended(): boolean {
    return this.#ended
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted
  }

  /** The first reason to stop wins. Both loops notice at their next step. */
  #stop(reason: unknown): void {
    this.#stopping.abort(reason)
    this.#parts.control.stopTasks()
    this.#wake()
  }

  #wake(): void {
    const wake = this.#wakeConsumer
    this.#wakeConsumer = undefined
    wake?.()
  }

  async #dispatch(): Promise<void> {
    const { feed, ledger } = this.#parts
    const { signal } = this.#stopping
    try {
      let source: OpenInput | undefined = feed.current
      let start = ledger.enter(source)
      while (source !== undefined) {
        const whole = await this.#dispatchBlocks(source, start)
        if (!whole || this.#stopped) return
        // The ring of what cannot be read again is the next input's.
        if (source.input.bytes.kind === 'ring' && feed.hasNext) {
          await untilAborted(this.#consumed(), signal)
        }
        source = await feed.next(signal)
        start = source?.dataStart ?? 0
      }
      this.#ended = true
    } finally {
      this.#dispatched = true
      this.#wake()
    }
  }

  /** Dispatches the blocks of `source` from `from` on; false when the stretch ended before it did. */
  async #dispatchBlocks(source: OpenInput, from: number): Promise<boolean> {
    const { job, slots } = this.#parts
    const { signal } = this.#stopping
    for (let start = from; !this.#stopped; start += job.blockBytes) {
      if (this.#isLongEnough) return false
      const end = start + job.blockBytes
      const slot = await slots.acquire()
      const arrived = source.input.waitFor(end + job.maxRowBytes + 1)
      const there = await untilAborted(this.#unlessLate(arrived), signal).catch((error) => {
        slots.release(slot)
        throw error
      })
      if (this.#stopped || there === null || start >= there.bytes) {
        slots.release(slot)
        if (there === null) return false
        break
      }
      const blockEnd = Math.min(end, there.bytes)
      const outcome = this.#runTask(source, slot, start, blockEnd, start === from)
      // The consumer awaits it in its turn; until then a rejection must not count as unhandled.
      outcome.catch(() => {})
      this.#underWay += 1
      this.#dispatchedBytes += blockEnd - start
      this.#queue.push({ source, start, end: blockEnd, slot, outcome })
      this.#wake()
    }
    return true
  }

  get #isLongEnough(): boolean {
    const { stretch } = this.#parts
    if (stretch === null || this.#dispatchedBytes === 0) return false
    return this.#dispatchedBytes >= stretch.bytes || performance.now() - this.#startedAt >= stretch.ms
  }

  /** What `arrived` becomes; null when the stretch is over before that: a source may be slow. */
  async #unlessLate(arrived: Promise<Availability>): Promise<Availability | null> {
    const { stretch } = this.#parts
    if (stretch === null || this.#dispatchedBytes === 0) return await arrived
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, this.#startedAt + stretch.ms - performance.now(), null)
    })
    arrived.catch(() => {})
    return await Promise.race([arrived, late]).finally(() => clearTimeout(timer))
  }

  /** Resolves when every block that was dispatched is consumed. */
  async #consumed(): Promise<void> {
    if (this.#underWay === 0) return
    await new Promise<void>((resolve) => {
      this.#whenConsumed = resolve
    })
  }

  async #runTask(
    source: OpenInput,
    slot: number,
    start: number,
    end: number,
    exact: boolean,
    midLine = false,
  ): Promise<ParseOutcome> {
    const { job, control, runTask, errors } = this.#parts
    const arrived = source.input.waitFor(end + job.maxRowBytes + 1)
    const there = await untilAborted(arrived, this.#stopping.signal)
    const task = {
      kind: 'parse',
      job,
      slot,
      input: source.input.bytes,
      start,
      exact,
      end,
      inputBytes: there.bytes,
      inputEnded: there.ended,
      midLine,
      order: source.order,
      // More are there already when its turn comes, never fewer.
      errorsKeptMax: errors.room,
    } as const
    return await control.run(slot, async (number) => await runTask({ ...task, number }))
  }

  async #nextBlock(): Promise<Block | undefined> {
    while (!this.#stopped) {
      const block = this.#queue.shift()
      if (block !== undefined) return block
      if (this.#dispatched) return undefined
      await new Promise<void>((resolve) => {
        this.#wakeConsumer = resolve
      })
    }
    return undefined
  }

  async #consume(): Promise<void> {
    const { ledger, slots } = this.#parts
    for (let block = await this.#nextBlock(); block !== undefined; block = await this.#nextBlock()) {
      const { source } = block
      const expected = ledger.enter(source)
      if (expected >= block.end) {
        // A record that began earlier reaches over this whole block.
        await block.outcome.catch(() => {})
        slots.release(block.slot)
      } else {
        await this.#consumeBlock(block, expected)
        source.input.release(ledger.position)
      }
      this.#underWay -= 1
      if (this.#underWay === 0) this.#whenConsumed?.()
    }
  }

  /**
   * Takes all records of one block, batch by batch. Owns the block's slot and gives up whichever it holds at
   * the end.
   */
  async #consumeBlock(block: Block, expected: number): Promise<void> {
    const { slots } = this.#parts
    const { source, end } = block
    let slot = block.slot
    let held = true
    try {
      let outcome = await this.#verified(block, expected)
      for (;;) {
        if (this.#stopped) return
        held = !(await this.#take(source, outcome, slot))
        if (outcome.done) return
        if (!held) slot = await slots.acquire(true)
        held = true
        if (this.#stopped) return
        outcome = await this.#runTask(source, slot, outcome.end, end, true, outcome.midLine)
      }
    } finally {
      if (held) slots.release(slot)
    }
  }

  /**
   * Takes what an outcome brings, and passes its batch on; the rows before an error that stops the load count
   * too. True when there was a batch: the slot is the receiver's, and free again when it has done.
   * @throws the error that stops the load, if this is it
   */
  async #take(source: OpenInput, outcome: ParseOutcome, slot: number): Promise<boolean> {
    const { slots, ledger, errors, receiver, onRefused, onBatch } = this.#parts
    const { input } = source
    const { batch, start, end } = outcome
    this.#count(outcome)
    const failure = errors.add(input.name, ledger, outcome)
    if (outcome.errorCount > 0) await onRefused?.(input, outcome, slot)
    ledger.advance(outcome)
    const bytesBefore = input.sourceBytesAt(start)
    onBatch(outcome.rows, outcome.skipped, input.sourceBytesAt(end) - bytesBefore)
    if (batch !== null) {
      receiver
        .receive(batch, slot)
        .catch((error) => this.#stop(error))
        .finally(() => slots.release(slot))
    }
    if (failure !== null) this.#stop(failure)
    return batch !== null
  }

  /** The outcome of a block that begins at `expected`: the worker's, or a second one from the known place. */
  async #verified(block: Block, expected: number): Promise<ParseOutcome> {
    const outcome = await block.outcome
    if (outcome.start === expected && !this.#parts.ledger.midLine) return outcome
    this.totals.blocksReparsed += 1
    return await this.#runTask(
      block.source,
      block.slot,
      expected,
      block.end,
      true,
      this.#parts.ledger.midLine,
    )
  }

  #count(outcome: ParseOutcome): void {
    const { totals } = this
    totals.rows += outcome.rows
    totals.skipped += outcome.skipped
    totals.bytes += outcome.end - outcome.start
    totals.readMs += outcome.timings.readMs
    totals.scanMs += outcome.timings.scanMs
    totals.parseMs += outcome.timings.parseMs
    totals.encodeMs += outcome.timings.encodeMs
  }

  /** Waits until no task runs and the sink has answered for every slot. */
  async #settle(): Promise<void> {
    const { slots } = this.#parts
    for (let block = this.#queue.shift(); block !== undefined; block = this.#queue.shift()) {
      await block.outcome.catch(() => {})
      slots.release(block.slot)
    }
    const taken: number[] = []
    for (let count = 0; count < slots.slotCount; count++) taken.push(await slots.acquire())
    for (const slot of taken) slots.release(slot)
    assert(
      slots.freeCount === slots.slotCount,
      `${slots.freeCount} of ${slots.slotCount} slots are free again`,
    )
  }
}
