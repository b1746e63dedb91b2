import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pageBytes } from '../limits.js'
import { BufferPool, poolBytesMin } from './buffer-pool.js'
import {
  beginRead,
  clearMark,
  endRead,
  evict,
  frameState,
  stateOf,
  tryLockFree,
  tryLockHeld,
  tryLockMarked,
  tryMark,
  unlock,
  versionOf,
} from './frame-states.js'

function pageOf(page: number, generation = 0): Uint8Array {
  const content = new Uint8Array(pageBytes)
  new DataView(content.buffer).setUint32(0, page)
  return content.fill((page * 31 + generation) & 0xff, 4)
}

function copyOf(pool: BufferPool, page: number): Uint8Array | null {
  const into = new Uint8Array(pageBytes)
  return pool.copy(page, 0, pageBytes, into, 0) ? into : null
}

describe('a frame', () => {
  it('takes only the arrows that are drawn', () => {
    const states = new Int32Array(new SharedArrayBuffer(4))
    const word = () => Atomics.load(states, 0)
    const state = () => stateOf(word())
    expect(state()).toBe(frameState.evicted)
    expect([tryMark, tryLockMarked, tryLockHeld].map((arrow) => arrow(states, 0, word()))).toEqual([
      false,
      false,
      false,
    ])
    expect(tryLockFree(states, 0, word())).toBe(true)
    expect([tryMark, tryLockMarked, tryLockHeld, tryLockFree].some((arrow) => arrow(states, 0, word()))).toBe(
      false,
    )
    expect(beginRead(states, 0)).toBe(-1)
    unlock(states, 0)
    expect([tryLockFree, tryLockMarked].some((arrow) => arrow(states, 0, word()))).toBe(false)
    expect(tryMark(states, 0, word())).toBe(true)
    expect(state()).toBe(frameState.marked)
    clearMark(states, 0, word())
    expect(state()).toBe(frameState.unlocked)
    tryMark(states, 0, word())
    expect(tryLockMarked(states, 0, word())).toBe(true)
    evict(states, 0)
    expect(state()).toBe(frameState.evicted)
    expect(versionOf(word())).toBe(2)
  })

  it('gives a read its second chance, and refuses one that overlapped a change', () => {
    const states = new Int32Array(new SharedArrayBuffer(4))
    tryLockFree(states, 0, 0)
    unlock(states, 0)
    const word = beginRead(states, 0)
    tryMark(states, 0, word)
    expect(endRead(states, 0, word)).toBe(true)
    const marked = beginRead(states, 0)
    expect(endRead(states, 0, marked)).toBe(true)
    expect(stateOf(Atomics.load(states, 0))).toBe(frameState.unlocked)
    const before = beginRead(states, 0)
    tryLockHeld(states, 0, before)
    expect(endRead(states, 0, before)).toBe(false)
    unlock(states, 0)
    expect(endRead(states, 0, before)).toBe(false)
  })

  it('has versions that wrap without touching the state', () => {
    const states = new Int32Array(new SharedArrayBuffer(4))
    states[0] = (frameState.locked << 29) | (2 ** 29 - 1)
    unlock(states, 0)
    expect(stateOf(states[0]!)).toBe(frameState.unlocked)
    expect(versionOf(states[0]!)).toBe(0)
  })
})

describe('the buffer pool', () => {
  it('takes no more than the bytes it is given, and refuses too few', () => {
    for (const bytes of [poolBytesMin, 100_000, 1 << 20, 5_000_000]) {
      const pool = BufferPool.create(bytes)
      expect(pool.shared.byteLength).toBeLessThanOrEqual(bytes)
      expect(pool.frames * pageBytes).toBeGreaterThan(bytes * 0.5)
    }
    expect(() => BufferPool.create(poolBytesMin - 1)).toThrow(
      expect.objectContaining({ code: 'MILLRACE_ARGUMENT' }),
    )
  })

  it('gives back what was put, or nothing', () => {
    const operation = fc.record({
      page: fc.oneof(fc.integer({ min: 2, max: 40 }), fc.constantFrom(0x8000_0000, 0xffff_fff0)),
      what: fc.constantFrom('put', 'copy', 'invalidate'),
    })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const pool = BufferPool.create(3 * poolBytesMin)
        const generations = new Map<number, number>()
        for (const { page, what } of operations) {
          const generation = generations.get(page) ?? 0
          if (what === 'put') pool.put(page, pageOf(page, generation))
          else if (what === 'invalidate') {
            pool.invalidate(page, 3)
            for (const next of [page, page + 1, page + 2])
              generations.set(next, (generations.get(next) ?? 0) + 1)
          } else {
            const found = copyOf(pool, page)
            if (found !== null) expect(Buffer.compare(found, pageOf(page, generation))).toBe(0)
          }
        }
      }),
    )
  })

  it('copies a part of a page to where it is wanted', () => {
    const pool = BufferPool.create(poolBytesMin)
    const content = Uint8Array.from({ length: pageBytes }, (_, index) => index % 251)
    pool.put(5, content)
    const into = new Uint8Array(20)
    expect(pool.copy(5, 1000, 10, into, 7)).toBe(true)
    expect([...into]).toEqual([...new Uint8Array(7), ...content.subarray(1000, 1010), 0, 0, 0])
  })

  it('keeps a page that is read while others pass through', () => {
    const pool = BufferPool.create(poolBytesMin)
    pool.put(100, pageOf(100))
    expect(copyOf(pool, 100)).not.toBeNull()
    let kept = 0
    for (let page = 2; page < 80; page++) {
      pool.put(page, pageOf(page))
      if (copyOf(pool, 100) !== null) kept++
    }
    expect(kept).toBe(78)
    expect(copyOf(pool, 2)).toBeNull()
  })

  it('forgets an invalidated range, however long', () => {
    for (const pages of [4, 100_000]) {
      const pool = BufferPool.create(1 << 20)
      for (let page = 2; page < 60; page++) pool.put(page, pageOf(page))
      pool.invalidate(10, pages)
      expect(copyOf(pool, 9)).not.toBeNull()
      for (let page = 10; page < 14; page++) expect(copyOf(pool, page)).toBeNull()
      expect(copyOf(pool, 20) === null).toBe(pages > 10)
    }
  })

  it('is the same pool for whoever attaches', () => {
    const pool = BufferPool.create(1 << 18)
    pool.put(7, pageOf(7))
    expect(copyOf(BufferPool.attach(pool.shared), 7)).toEqual(pageOf(7))
    expect(() => BufferPool.attach(new SharedArrayBuffer(1 << 16))).toThrow(/buffer pool/)
  })
})
