/**
 * The values of one column for the rows of one set, in the form that they are made in.
 *
 * - `numbers`: a whole number per row. Decimals and doubles with a fixed number of places are that number of
 *   tenths, hundredths …; dates are days since 1970, times and timestamps microseconds, booleans 0 and 1.
 * - `doubles`: a double per row, written with all its digits.
 * - `pool`: the number of an entry of a pool. - `text`: UTF-8 bytes per row, one after the other.
 * - A lane belongs to the source that fills it and is overwritten by its next fill. No object is made per
 *   value: arrays are as long as the largest set, the bytes of texts grow and are kept.
 */
import { fillRowsMax } from '../limits.js'
import type { Pool } from './pool.js'

export type LaneKind = 'numbers' | 'doubles' | 'pool' | 'text'

export class Lane {
  readonly kind: LaneKind
  /** Values of `numbers` and `doubles`, entries of `pool`. */
  readonly numbers = new Float64Array(fillRowsMax)
  /** 1 where the value is NULL; all 0 while `hasNulls` is false. */
  readonly nulls = new Uint8Array(fillRowsMax)
  hasNulls = false
  /** The entries of a `pool` lane. */
  readonly pool: Pool | undefined
  /** Text `at` lies from `ends[at]` up to `ends[at + 1]`. */
  readonly ends: Int32Array
  bytes: Uint8Array

  constructor(kind: LaneKind, pool?: Pool) {
    this.kind = kind
    this.pool = pool
    const isText = kind === 'text'
    this.ends = new Int32Array(isText ? fillRowsMax + 1 : 0)
    this.bytes = new Uint8Array(isText ? fillRowsMax * 16 : 0)
  }

  /** Forgets the NULLs of the set before. */
  clearNulls(): void {
    if (this.hasNulls) this.nulls.fill(0)
    this.hasNulls = false
  }

  setNull(at: number): void {
    this.nulls[at] = 1
    this.hasNulls = true
  }

  /** Makes room for `more` bytes behind `used`. */
  reserve(used: number, more: number): void {
    if (used + more <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(used + more, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, used))
    this.bytes = larger
  }
}

/** Copies `length` bytes; short texts are the rule, for which a call costs more than a loop. */
export function copyBytes(
  from: Uint8Array,
  start: number,
  length: number,
  to: Uint8Array,
  target: number,
): void {
  if (length > 48) {
    to.set(from.subarray(start, start + length), target)
    return
  }
  for (let at = 0; at < length; at++) to[target + at] = from[start + at] as number
}
