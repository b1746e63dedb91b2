/**
 * Keeps the batches that one part hands to several pipelines of the next, each of which reads all of them.
 *
 * - Batches share arrays (slices of a segment, entries of a dictionary): every array is counted once.
 */
import type { Batch, WorkVector } from '../vectors/vector.js'
import type { Reservation } from './context.js'
import { type Pace, pause } from './pace.js'

/** The batches of `input`, which is read once, to whoever asks; what is kept is reserved. */
export function replayable(input: Iterable<Batch>, reservation: Reservation, pace: Pace): Iterable<Batch> {
  const kept: Batch[] = []
  const memory = new KeptMemory()
  const iterator = input[Symbol.iterator]()
  return {
    *[Symbol.iterator]() {
      for (let at = 0; ; ) {
        if (at === kept.length) {
          const next = iterator.next()
          if (next.done) return
          if (next.value.rows === 0) {
            yield next.value
            continue
          }
          reservation.update(memory.add(next.value))
          kept.push(next.value)
        }
        yield kept[at++]!
        if (pace.isDue()) yield pause
      }
    },
  }
}

/** The bytes of the arrays that batches keep alive. */
export class KeptMemory {
  readonly #met = new Set<ArrayBufferLike>()
  #bytes = 0

  /** The bytes of all batches so far, `batch` among them. */
  add(batch: Batch): number {
    for (const vector of batch.columns) if (vector !== undefined) this.#addVector(vector)
    return this.#bytes
  }

  #addVector(vector: WorkVector): void {
    if (vector.nulls !== null) this.#addArray(vector.nulls)
    if (vector.kind === 'list') this.#bytes += vector.rows * 64
    else if (vector.kind !== 'string') this.#addArray(vector.values)
    else {
      if (vector.codes !== null) this.#addArray(vector.codes)
      this.#addArray(vector.offsets)
      this.#addArray(vector.bytes)
    }
  }

  #addArray({ buffer }: ArrayBufferView): void {
    if (this.#met.has(buffer)) return
    this.#met.add(buffer)
    this.#bytes += buffer.byteLength
  }
}
