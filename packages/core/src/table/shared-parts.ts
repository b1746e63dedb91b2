/**
 * Work that several threads share out among themselves: in parts, each done by whichever thread comes first.
 *
 * Invariants
 * - The three words are used with Atomics only, and are zero at first. What a thread wrote while it did a
 *   part is seen by all threads for which `run` has returned true.
 * - A thread that fails says so: none waits for ever.
 */

/** Words of shared memory that the parts of one piece of work need. */
export const partsWords = 3

const nextWord = 0
const doneWord = 1
const failedWord = 2

/** How long a thread waits for the others before it does without what they do. */
const waitMsMax = 60_000

/** How long it waits until it asks again whether it is to stop: a thread that has died says nothing. */
const checkMs = 20

export class SharedParts {
  readonly #words: Int32Array
  readonly #parts: number
  readonly #check: () => void

  /** @param check throws when the work is to stop, whatever the other threads do */
  constructor(words: Int32Array, parts: number, check: () => void) {
    this.#words = words
    this.#parts = parts
    this.#check = check
  }

  /**
   * Does parts until there is none left, then waits for the other threads'.
   * @param work does a part; false: it cannot be done, by nobody
   * @returns whether all parts are done
   * @throws what `work` or `check` throws; the other threads' `run` returns false then
   */
  run(work: (part: number) => boolean): boolean {
    const words = this.#words
    try {
      for (;;) {
        const part = Atomics.add(words, nextWord, 1)
        if (part >= this.#parts || Atomics.load(words, failedWord) !== 0) break
        this.#check()
        if (!work(part)) Atomics.store(words, failedWord, 1)
        this.#countDone()
      }
    } catch (error) {
      Atomics.store(words, failedWord, 1)
      this.#countDone()
      throw error
    }
    return this.#wait()
  }

  #countDone(): void {
    Atomics.add(this.#words, doneWord, 1)
    Atomics.notify(this.#words, doneWord)
  }

  #wait(): boolean {
    const giveUpAt = performance.now() + waitMsMax
    for (;;) {
      const done = Atomics.load(this.#words, doneWord)
      if (Atomics.load(this.#words, failedWord) !== 0) return false
      if (done >= this.#parts) return true
      this.#check()
      const left = giveUpAt - performance.now()
      if (left <= 0) return false
      Atomics.wait(this.#words, doneWord, done, Math.min(left, checkMs))
    }
  }
}
