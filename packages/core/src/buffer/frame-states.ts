/**
 * The state of a frame: one Int32 word, changed only with `Atomics`, so that every thread agrees without a
 * lock.
 *
 * ```
 *   bits 30–29: state          bits 28–0: version, grows by one whenever the frame's content may have changed
 *
 *                 tryLockFree                        unlock
 *   ┌─────────┐ ──────────────► ┌────────┐ ───────────────────────► ┌──────────┐
 *   │ evicted │                 │ locked │                          │ unlocked │
 *   └─────────┘ ◄────────────── └────────┘ ◄─────────────────────── └──────────┘
 *                 evict          ▲           tryLockHeld             │        ▲
 *                                │                         tryMark   │        │ clearMark
 *                                │ tryLockMarked                     ▼        │ (a reader used it)
 *                                │                                  ┌──────────┐
 *                                └───────────────────────────────── │  marked  │
 *                                  (tryLockHeld too)                └──────────┘
 * ```
 *
 * | state    | what holds                                                                                    |
 * |----------|-----------------------------------------------------------------------------------------------|
 * | evicted  | the frame holds no page; anyone may lock it to fill it                                         |
 * | locked   | exactly one thread may write the frame and its page number; nobody copies from it              |
 * | unlocked | the frame holds a verified page; anyone may copy from it                                       |
 * | marked   | as unlocked, and it is the next to be replaced unless a reader uses it first (second chance)   |
 *
 * Invariants
 * - Readers never lock. They copy optimistically: `beginRead`, copy, `endRead`. The copy counts only when
 *   `endRead` says so.
 * - The version changes on every arrow that leaves `locked`, so a frame that was replaced during a copy is
 *   always noticed. It wraps after 2^29 changes of one frame; a copy of one page is never that slow.
 * - The page number of a frame is written only while it is locked.
 *
 * Source: Leis et al., "Virtual-Memory Assisted Buffer Management" (vmcache), SIGMOD 2023; there the states
 * are per page of virtual memory, here per frame, since JavaScript cannot map pages.
 */

/** States as they stand in bits 30–29. Fresh shared memory is all zero: every frame is evicted. */
export const frameState = { evicted: 0, locked: 1, marked: 2, unlocked: 3 } as const

const versionBits = 29
const versionMask = (1 << versionBits) - 1

/** The state in a word. */
export function stateOf(word: number): number {
  return word >>> versionBits
}

/** The version in a word. */
export function versionOf(word: number): number {
  return word & versionMask
}

function wordOf(state: number, version: number): number {
  return (state << versionBits) | (version & versionMask)
}

/** evicted → locked. */
export function tryLockFree(states: Int32Array, frame: number, word: number): boolean {
  if (stateOf(word) !== frameState.evicted) return false
  return Atomics.compareExchange(states, frame, word, wordOf(frameState.locked, versionOf(word))) === word
}

/** marked → locked: the frame lost its second chance. */
export function tryLockMarked(states: Int32Array, frame: number, word: number): boolean {
  if (stateOf(word) !== frameState.marked) return false
  return Atomics.compareExchange(states, frame, word, wordOf(frameState.locked, versionOf(word))) === word
}

/** unlocked or marked → locked: its page is about to become invalid. */
export function tryLockHeld(states: Int32Array, frame: number, word: number): boolean {
  const state = stateOf(word)
  if (state !== frameState.unlocked && state !== frameState.marked) return false
  return Atomics.compareExchange(states, frame, word, wordOf(frameState.locked, versionOf(word))) === word
}

/** unlocked → marked: the sweep came by. */
export function tryMark(states: Int32Array, frame: number, word: number): boolean {
  if (stateOf(word) !== frameState.unlocked) return false
  return Atomics.compareExchange(states, frame, word, wordOf(frameState.marked, versionOf(word))) === word
}

/** marked → unlocked: a reader used it. Another thread may have been quicker; both outcomes are fine. */
export function clearMark(states: Int32Array, frame: number, word: number): void {
  if (stateOf(word) !== frameState.marked) return
  Atomics.compareExchange(states, frame, word, wordOf(frameState.unlocked, versionOf(word)))
}

/** locked → unlocked, with a new version: the frame holds a page now. Only the thread that locked it. */
export function unlock(states: Int32Array, frame: number): void {
  const version = versionOf(Atomics.load(states, frame)) + 1
  Atomics.store(states, frame, wordOf(frameState.unlocked, version))
}

/** locked → evicted, with a new version: the frame is empty now. Only the thread that locked it. */
export function evict(states: Int32Array, frame: number): void {
  const version = versionOf(Atomics.load(states, frame)) + 1
  Atomics.store(states, frame, wordOf(frameState.evicted, version))
}

/** The word to hand to `endRead`, or −1 when the frame cannot be copied from now. */
export function beginRead(states: Int32Array, frame: number): number {
  const word = Atomics.load(states, frame)
  const state = stateOf(word)
  return state === frameState.unlocked || state === frameState.marked ? word : -1
}

/**
 * True when the frame did not change since `beginRead` returned `word`, so that what was copied is whole.
 * The check is a read-modify-write, not a load: on weakly ordered processors a load could be done before the
 * copy's own.
 */
export function endRead(states: Int32Array, frame: number, word: number): boolean {
  const now = Atomics.compareExchange(states, frame, word, word)
  if (now === word) {
    clearMark(states, frame, word)
    return true
  }
  // Only the mark may differ: it says nothing about the content.
  const state = stateOf(now)
  return versionOf(now) === versionOf(word) && (state === frameState.unlocked || state === frameState.marked)
}
