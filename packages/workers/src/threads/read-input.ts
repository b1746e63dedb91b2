import { fstatSync, readSync } from 'node:fs'
import { assert } from '@millrace/core/base'
import { sourceUnreadable, workersError } from '../errors/index.js'
import type { InputBytes } from './protocol.js'

/** That an input of `before` bytes does not have all of them any more. */
export function bytesMissing(input: InputBytes, before: number): Error {
  assert(input.kind === 'file', 'what has arrived in a ring can be read')
  const now = fstatSync(input.descriptor).size
  const problem = `it had ${before} bytes, now it has ${now}`
  return workersError('MILLRACE_SOURCE_CHANGED', { source: input.path, problem, before, now })
}

/**
 * Fills `target` with the input's bytes from `position` on, on whichever thread: straight from the file, or
 * out of the ring (no more than it holds; the caller knows that they have arrived).
 * @returns bytes read; fewer than `target.length` only at the end of a file
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE` when the file cannot be read
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
    const count = readSome(input, target.subarray(read), position + read)
    if (count === 0) break
    read += count
  }
  return read
}

function readSome(
  { descriptor, path }: Extract<InputBytes, { kind: 'file' }>,
  target: Uint8Array,
  position: number,
): number {
  try {
    return readSync(descriptor, target, 0, target.length, position)
  } catch (error) {
    throw sourceUnreadable(path, error)
  }
}
