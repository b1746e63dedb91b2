/**
 * The batch slots of an import, which are also its credits: a block is dispatched only with a free slot in
 * hand, and that is the whole of back-pressure and the whole of the memory bound.
 *
 * Owned by the coordinator, on the caller's thread. The bytes are shared; who may touch a slot is said in
 * `threads/protocol.ts`. They are taken when they are first asked for: batches of plain columns bring memory
 * of their own, and a slot is the right to as much.
 */
import { assert, type MemoryBudget } from '@millrace/core/base'
import { FixedDeque, FixedStack } from 'mnemonist'

type Waiter = (slot: number) => void

/**
 * Calls that wait for a slot at once, at most: the dispatcher and the continuation of the block whose turn it
 * is.
 */
const waitersMax = 4

export class SlotPool {
  #shared: SharedArrayBuffer | undefined
  readonly slotBytes: number
  readonly slotCount: number
  readonly #free: FixedStack<number>
  readonly #waiting = new FixedDeque<Waiter>(Array, waitersMax)
  #waitedMs = 0

  /**
   * @param earlier the memory of slots that are not used any more; taken again when it is of the right size
   * @throws MillraceError `MILLRACE_MEMORY_BUDGET` when the slots do not fit into `budget`
   */
  constructor(slotCount: number, slotBytes: number, budget: MemoryBudget, earlier?: SharedArrayBuffer) {
    const bytes = slotCount * slotBytes
    budget.reserve(bytes, 'batch slots')
    const fits = earlier !== undefined && earlier.byteLength >= bytes && earlier.byteLength <= bytes * 2
    if (fits) this.#shared = earlier
    this.slotBytes = slotBytes
    this.slotCount = slotCount
    this.#free = new FixedStack<number>(Array, slotCount)
    for (let slot = slotCount - 1; slot >= 0; slot--) this.#free.push(slot)
  }

  /** The slots' memory. */
  get shared(): SharedArrayBuffer {
    this.#shared ??= new SharedArrayBuffer(this.slotCount * this.slotBytes)
    return this.#shared
  }

  /** Milliseconds spent waiting for a free slot so far. */
  get waitedMs(): number {
    return this.#waitedMs
  }

  /** Slots nobody holds. */
  get freeCount(): number {
    return this.#free.size
  }

  /**
   * Takes a slot, waiting for one when there is none. `first` goes before others that wait: the block whose
   * turn it is must never wait behind blocks that wait for it.
   */
  async acquire(first = false): Promise<number> {
    const slot = this.#free.pop()
    if (slot !== undefined) return slot
    const startedAt = performance.now()
    const given = await new Promise<number>((resolve) => {
      if (first) this.#waiting.unshift(resolve)
      else this.#waiting.push(resolve)
    })
    this.#waitedMs += performance.now() - startedAt
    return given
  }

  /** Gives a slot back, to whoever waits first. */
  release(slot: number): void {
    assert(slot >= 0 && slot < this.slotCount, `slot ${slot} of ${this.slotCount}`)
    const waiter = this.#waiting.shift()
    if (waiter !== undefined) waiter(slot)
    else this.#free.push(slot)
  }
}
