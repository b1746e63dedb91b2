import { readSync } from 'node:fs'
import type { InputBytes } from './protocol.js'

/**
 * Fills `target` with the input's bytes from `position` on, on whichever thread: straight from the file, or
 * out of the ring (no more than it holds; the caller knows that they have arrived).
 * @returns bytes read; fewer than `target.length` only at the end of a file
 */
export function readInput(input: InputBytes, target: Uint8Array, position: number): number {
  if (input.kind === 'ring') {
    const ring = new Uint8Array(input.ring)
    const from = position % ring.length
    const first = Math.min(target.length, ring.length - from)
    target.set(ring.subarray(from, from + first))
    target.set(ring.subarray(0, target.length - first), first)
    return target.length
  }
  let read = 0
  while (read < target.length) {
    const count = readSync(input.descriptor, target, read, target.length - read, position + read)
    if (count === 0) break
    read += count
  }
  return read
}
