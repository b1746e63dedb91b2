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
 */
import { assert } from '@millrace/core/internal'
import { FixedDeque } from 'mnemonist'
import type { SlotPool } from '../batch/index.js'
import type { ParseJob, ParseOutcome, ParseTask } from '../threads/index.js'
import type { ErrorLog } from './error-log.js'
import type { OpenInput } from './input.js'
import type { Ledger } from './ledger.js'
import type { BatchReceiver } from './store-receiver.js'
import { untilAborted } from './until-aborted.js'

export interface CoordinatorParts {
  /** Opens the inputs one after the other; gives up waiting when `signal` is aborted. */
  readonly inputs: (signal: AbortSignal) => AsyncIterable<OpenInput>
  readonly job: ParseJob
  readonly slots: SlotPool
  readonly runTask: (task: ParseTask) => Promise<ParseOutcome>
  readonly receiver: BatchReceiver
  readonly errors: ErrorLog
  readonly ledger: Ledger
  readonly onBatch: (rows: number, skipped: number, bytes: number) => void
  readonly signal: AbortSignal | null
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

export class Coordinator {
  readonly #parts: CoordinatorParts
  readonly #queue: FixedDeque<Block>
  #wakeConsumer: (() => void) | undefined
  #dispatched = false
  /** Aborted by the first reason to stop, which is its reason. */
  readonly #stopping = new AbortController()
  readonly totals: CoordinatorTotals = {
    rows: 0,
    skipped: 0,
    bytes: 0,
    readMs: 0,
    scanMs: 0,
    parseMs: 0,
    encodeMs: 0,
    blocksReparsed: 0,
  }

  constructor(parts: CoordinatorParts) {
    this.#parts = parts
    this.#queue = new FixedDeque<Block>(Array, parts.slots.slotCount)
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

  get #stopped(): boolean {
    return this.#stopping.signal.aborted
  }

  /** The first reason to stop wins. Both loops notice at their next step. */
  #stop(reason: unknown): void {
    this.#stopping.abort(reason)
    this.#wake()
  }

  #wake(): void {
    const wake = this.#wakeConsumer
    this.#wakeConsumer = undefined
    wake?.()
  }

  async #dispatch(): Promise<void> {
    const { inputs, job, slots } = this.#parts
    const { signal } = this.#stopping
    try {
      for await (const source of inputs(signal)) {
        for (let start = source.dataStart; !this.#stopped; start += job.blockBytes) {
          const end = start + job.blockBytes
          const slot = await slots.acquire()
          const there = await untilAborted(source.input.waitFor(end + job.maxRowBytes + 1), signal).catch(
            (error) => {
              slots.release(slot)
              throw error
            },
          )
          if (this.#stopped || start >= there.bytes) {
            slots.release(slot)
            break
          }
          const blockEnd = Math.min(end, there.bytes)
          const exact = start === source.dataStart
          const outcome = this.#runTask(source, slot, start, blockEnd, exact)
          // The consumer awaits it in its turn; until then a rejection must not count as unhandled.
          outcome.catch(() => {})
          this.#queue.push({ source, start, end: blockEnd, slot, outcome })
          this.#wake()
        }
        if (this.#stopped) return
      }
    } finally {
      this.#dispatched = true
      this.#wake()
    }
  }

  async #runTask(
    source: OpenInput,
    slot: number,
    start: number,
    end: number,
    exact: boolean,
    midLine = false,
  ): Promise<ParseOutcome> {
    const { job, runTask } = this.#parts
    const arrived = source.input.waitFor(end + job.maxRowBytes + 1)
    const there = await untilAborted(arrived, this.#stopping.signal)
    return await runTask({
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
    })
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
        continue
      }
      await this.#consumeBlock(block, expected)
      source.input.release(ledger.position)
    }
  }

  /**
   * Takes all records of one block, batch by batch. Owns the block's slot and gives up whichever it holds at
   * the end.
   */
  async #consumeBlock(block: Block, expected: number): Promise<void> {
    const { slots, ledger, errors, receiver } = this.#parts
    const { source, end } = block
    let slot = block.slot
    let held = true
    try {
      let outcome = await this.#verified(block, expected)
      for (;;) {
        if (this.#stopped) return
        this.#count(outcome)
        errors.add(source.input.name, ledger, outcome)
        const batch = outcome.batch
        ledger.advance(outcome)
        this.#parts.onBatch(outcome.rows, outcome.skipped, outcome.end - outcome.start)
        if (batch !== null) {
          const used = slot
          held = false
          receiver
            .receive(batch, used)
            .catch((error) => this.#stop(error))
            .finally(() => slots.release(used))
        }
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
