/** Threads that work in lock-step on one memory, whose first two words are where they meet. */

/**
 * The source of `meet()`, in a thread that has `memory` and `threads`: it returns when all threads have
 * called it once more.
 */
export const meeting = `
  const words = new Int32Array(memory.buffer)
  let arrived = 0
  function meet() {
    arrived += threads
    Atomics.add(words, 0, 1)
    for (let turn = 0; Atomics.load(words, 0) < arrived; turn++) {
      // Where there is one processor the others need it to arrive.
      if (turn > 10_000) Atomics.wait(words, 1, 0, 1)
    }
  }
`

/** Numbers 0 … 2^32 − 1 (xorshift). */
export function randomOf(start: number): () => number {
  let state = start | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}
