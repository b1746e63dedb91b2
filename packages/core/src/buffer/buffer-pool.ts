/**
 * The buffer pool: verified copies of pages, in one SharedArrayBuffer that every thread attaches to.
 *
 * ```
 * | header | states: i32 × frames | pages: i32 × frames | hands: i32 × sets | … | frames: pageBytes × frames |
 * ```
 *
 * Invariants
 * - Set-associative: page p can only lie in the `ways` frames of set p mod sets. So a lookup reads at most
 *   `ways` words, and no shared hash table has to be kept consistent.
 * - A frame's content and page number change only while its state is locked (`frame-states.ts`).
 * - A frame that holds a page holds its verified bytes as they are in the file, until `invalidate`.
 * - The same page may lie in two frames of its set for a while (two threads loaded it at once); pages are
 *   immutable, so both are right, and `invalidate` clears all.
 * - Nobody waits for another thread: a frame that cannot be locked is passed over, a page that cannot be
 *   copied is a miss.
 *
 * The memory belongs to whoever called `create`, and is reserved from a budget there. Any thread may call
 * anything.
 */
import { assert, MillraceError } from '../errors/index.js'
import { pageBytes } from '../limits.js'
import {
  beginRead,
  endRead,
  evict,
  frameState,
  stateOf,
  tryLockFree,
  tryLockHeld,
  tryLockMarked,
  tryMark,
  unlock,
} from './frame-states.js'

/** Frames of a set. */
const ways = 8

/** Header words. */
const headerWords = { magic: 0, sets: 1 } as const
const headerBytes = 64
const wordBytes = Int32Array.BYTES_PER_ELEMENT
/** 'MPOL': an attached buffer is a pool. */
const poolMagic = 0x4c4f504d

/** Attempts to lock a frame whose page becomes invalid, before its holder is taken for dead. */
const lockAttemptsMax = 1 << 22

interface Layout {
  readonly frames: number
  readonly pagesAt: number
  readonly handsAt: number
  readonly framesAt: number
  readonly bytes: number
}

function layoutOf(sets: number): Layout {
  const frames = sets * ways
  const pagesAt = headerBytes + frames * wordBytes
  const handsAt = pagesAt + frames * wordBytes
  const framesAt = Math.ceil((handsAt + sets * wordBytes) / pageBytes) * pageBytes
  return { frames, pagesAt, handsAt, framesAt, bytes: framesAt + frames * pageBytes }
}

/** The smallest pool there is. */
export const poolBytesMin = layoutOf(1).bytes

export class BufferPool {
  readonly shared: SharedArrayBuffer
  /** Frames of this pool. */
  readonly frames: number
  readonly #sets: number
  readonly #states: Int32Array
  readonly #pages: Int32Array
  readonly #hands: Int32Array
  readonly #bytes: Uint8Array

  private constructor(shared: SharedArrayBuffer, sets: number) {
    const layout = layoutOf(sets)
    this.shared = shared
    this.frames = layout.frames
    this.#sets = sets
    this.#states = new Int32Array(shared, headerBytes, layout.frames)
    this.#pages = new Int32Array(shared, layout.pagesAt, layout.frames)
    this.#hands = new Int32Array(shared, layout.handsAt, sets)
    this.#bytes = new Uint8Array(shared, layout.framesAt, layout.frames * pageBytes)
  }

  /**
   * Makes a pool that takes at most `bytes` bytes, all of it at once. The caller has reserved them from its
   * budget.
   * @throws MillraceError `MILLRACE_ARGUMENT` when not even one set of frames fits
   */
  static create(bytes: number): BufferPool {
    let sets = Math.floor(bytes / (ways * pageBytes))
    while (sets > 0 && layoutOf(sets).bytes > bytes) sets--
    if (sets < 1) {
      throw new MillraceError('MILLRACE_ARGUMENT', {
        what: 'The size of the buffer pool',
        value: bytes,
        expected: `at least ${poolBytesMin} bytes`,
      })
    }
    const shared = new SharedArrayBuffer(layoutOf(sets).bytes)
    const header = new Int32Array(shared, 0, headerBytes / wordBytes)
    header[headerWords.magic] = poolMagic
    header[headerWords.sets] = sets
    return new BufferPool(shared, sets)
  }

  /** The pool that another thread created in `shared`. */
  static attach(shared: SharedArrayBuffer): BufferPool {
    const header = new Int32Array(shared, 0, headerBytes / wordBytes)
    const sets = header[headerWords.sets]!
    assert(header[headerWords.magic] === poolMagic, 'the shared memory is a buffer pool')
    assert(
      layoutOf(sets).bytes === shared.byteLength,
      `a pool of ${sets} sets has ${shared.byteLength} bytes`,
    )
    return new BufferPool(shared, sets)
  }

  #firstFrameOf(page: number): number {
    return (page % this.#sets) * ways
  }

  /**
   * Copies bytes [`offset`, `offset` + `length`) of `page` to `into` at `at`, if the pool holds it.
   * @returns false when it does not, or when another thread changed the frame meanwhile; `into` is
   * unspecified there then
   */
  copy(page: number, offset: number, length: number, into: Uint8Array, at: number): boolean {
    const first = this.#firstFrameOf(page)
    for (let frame = first; frame < first + ways; frame++) {
      if (Atomics.load(this.#pages, frame) !== (page | 0)) continue
      const word = beginRead(this.#states, frame)
      // Read again: only between beginRead and endRead does the number belong to the content.
      if (word === -1 || Atomics.load(this.#pages, frame) !== (page | 0)) continue
      const start = frame * pageBytes + offset
      into.set(this.#bytes.subarray(start, start + length), at)
      if (endRead(this.#states, frame, word)) return true
    }
    return false
  }

  /** True when the pool holds `page` at this moment. */
  has(page: number): boolean {
    const first = this.#firstFrameOf(page)
    for (let frame = first; frame < first + ways; frame++) {
      if (Atomics.load(this.#pages, frame) === (page | 0) && beginRead(this.#states, frame) !== -1)
        return true
    }
    return false
  }

  /**
   * Keeps a copy of `content`, the verified bytes of `page`. Does nothing when every frame of its set is
   * locked.
   */
  put(page: number, content: Uint8Array): void {
    assert(content.length === pageBytes, `a page has ${pageBytes} bytes, not ${content.length}`)
    if (this.has(page)) return
    const frame = this.#lockVictim(page)
    if (frame === -1) return
    Atomics.store(this.#pages, frame, page | 0)
    this.#bytes.set(content, frame * pageBytes)
    unlock(this.#states, frame)
    // On probation until it is read again: so one long scan does not push out what others come back to.
    tryMark(this.#states, frame, Atomics.load(this.#states, frame))
  }

  /**
   * Second chance inside the page's set: an evicted frame, else one found marked; those found unlocked are
   * marked.
   */
  #lockVictim(page: number): number {
    const first = this.#firstFrameOf(page)
    const set = first / ways
    const states = this.#states
    // Two rounds and one step: the first round may only mark, the second finds a marked one unless readers
    // use all.
    for (let step = 0; step <= 2 * ways; step++) {
      const hand = Atomics.add(this.#hands, set, 1)
      const frame = first + (hand & (ways - 1))
      const word = Atomics.load(states, frame)
      if (tryLockFree(states, frame, word) || tryLockMarked(states, frame, word)) return frame
      tryMark(states, frame, word)
    }
    return -1
  }

  /**
   * Forgets the pages [`firstPage`, `firstPage` + `pages`): to be called before they are written again.
   * The caller knows that nobody reads them any more, so no thread is loading one of them.
   */
  invalidate(firstPage: number, pages: number): void {
    if (pages < this.#sets) {
      for (let page = firstPage; page < firstPage + pages; page++) {
        const first = this.#firstFrameOf(page)
        for (let frame = first; frame < first + ways; frame++) {
          if (Atomics.load(this.#pages, frame) === (page | 0)) this.#empty(frame)
        }
      }
      return
    }
    for (let frame = 0; frame < this.frames; frame++) {
      const page = Atomics.load(this.#pages, frame) >>> 0
      if (page >= firstPage && page < firstPage + pages) this.#empty(frame)
    }
  }

  /**
   * A locked frame is being filled with another page, or its thread was terminated: then it stays locked for
   * ever and is never copied from. So giving up after many attempts is safe.
   */
  #empty(frame: number): void {
    const states = this.#states
    for (let attempt = 0; attempt < lockAttemptsMax; attempt++) {
      const word = Atomics.load(states, frame)
      if (stateOf(word) === frameState.evicted) return
      if (!tryLockHeld(states, frame, word)) continue
      Atomics.store(this.#pages, frame, 0)
      evict(states, frame)
      return
    }
  }
}

assert((ways & (ways - 1)) === 0, `${ways} ways are a power of two`)
