/**
 * How a load is stopped, and until when it can be: words of memory that all threads of the load share, used
 * with Atomics only.
 *
 * | word     | holds                                                                                        |
 * |----------|----------------------------------------------------------------------------------------------|
 * | 0        | the load: running; called off (by the caller); committing (by the writer, until it has)      |
 * | 1        | tasks: 1 when those under way are to end                                                     |
 * | 2 + slot | the number of the task that may begin for the slot; 0 when it has begun, or was called off   |
 *
 * Invariants
 * - Either the load is called off or it commits: both take word 0 away from `running`, and only one can.
 * - A task begins only when it has taken its number from its slot's word. So one that was called off before
 *   that touches neither slot nor input, however late its worker comes to it: nobody waits for it.
 * - Long work asks `throwIfStopped` between steps of some milliseconds.
 */

const loadWord = 0
const tasksWord = 1
const firstSlotWord = 2

const running = 0
const calledOff = 1
const committing = 2

/** Ends work whose load is stopped. It never reaches a user: the reason for stopping does. */
export class LoadStopped extends Error {
  constructor() {
    super('the load is stopped')
    this.name = 'LoadStopped'
  }
}

/** The words of a load with so many slots. */
export function newControlWords(slotCount: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer((firstSlotWord + slotCount) * 4))
}

/** For the writer: ends what it does for a load that is called off. @throws LoadStopped */
export function throwIfCalledOff(words: Int32Array): void {
  if (Atomics.load(words, loadWord) === calledOff) throw new LoadStopped()
}

/** For the writer: from here on the load cannot be called off. @throws LoadStopped when it is already */
export function beginCommit(words: Int32Array): void {
  if (Atomics.compareExchange(words, loadWord, running, committing) !== running) throw new LoadStopped()
}

/** For the writer: what was to be committed is, and the load goes on. */
export function endCommit(words: Int32Array): void {
  Atomics.compareExchange(words, loadWord, committing, running)
}

/** For a worker: ends what it does for a load that is stopped. @throws LoadStopped */
export function throwIfStopped(words: Int32Array): void {
  if (Atomics.load(words, tasksWord) !== 0) throw new LoadStopped()
}

/** For a worker: begins a task, unless it was called off. @throws LoadStopped */
export function beginTask(words: Int32Array, slot: number, number: number): void {
  const taken = Atomics.compareExchange(words, firstSlotWord + slot, number, 0)
  if (taken !== number) throw new LoadStopped()
  throwIfStopped(words)
}

/** The caller's end. One per load. */
export class LoadControl {
  readonly words: Int32Array
  #lastNumber = 0
  /** Tasks that may not have begun: by slot, the number and what rejects. */
  readonly #waiting: ({ readonly number: number; readonly reject: (reason: Error) => void } | undefined)[] =
    []

  constructor(slotCount: number) {
    this.words = newControlWords(slotCount)
  }

  /**
   * Runs a task for `slot`, which no other task may be using. When tasks are stopped before it has begun, it
   * rejects at once and the slot is free; when it has begun, it is waited for.
   * @param send sends it to a worker, with its number
   */
  async run<T>(slot: number, send: (number: number) => Promise<T>): Promise<T> {
    if (Atomics.load(this.words, tasksWord) !== 0) throw new LoadStopped()
    this.#lastNumber += 1
    const number = this.#lastNumber
    Atomics.store(this.words, firstSlotWord + slot, number)
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#waiting[slot] = { number, reject }
        send(number).then(resolve, reject)
      })
    } finally {
      if (this.#waiting[slot]?.number === number) this.#waiting[slot] = undefined
    }
  }

  /** Ends tasks under way soon, and those that have not begun at once. */
  stopTasks(): void {
    Atomics.store(this.words, tasksWord, 1)
    for (const [slot, waiting] of this.#waiting.entries()) {
      if (waiting === undefined) continue
      const taken = Atomics.compareExchange(this.words, firstSlotWord + slot, waiting.number, 0)
      if (taken === waiting.number) waiting.reject(new LoadStopped())
    }
  }

  /** Tasks may run again. None is under way. */
  allowTasks(): void {
    Atomics.store(this.words, tasksWord, 0)
  }

  /** Calls the load off. False: it is being committed, and will be. */
  callOff(): boolean {
    return Atomics.compareExchange(this.words, loadWord, running, calledOff) !== committing
  }
}
