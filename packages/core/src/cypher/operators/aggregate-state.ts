/**
 * What each aggregate keeps for each group, and how a batch is added to it.
 *
 * - NULLs are not counted, summed or compared.
 * - Sums of integers are exact: a sum that leaves ±2^53 goes on in a bigint; beyond INT64 it is an error.
 * - Without any value, `count` is 0, `collect` an empty list, and everything else NULL.
 */

import { type LogicalType, physicalTypeOf } from '../../types/index.js'
import { laneOfBytes, textOfUnscaled } from '../../values/index.js'
import { type Lane, smallest } from '../expression/constants.js'
import { checkInt64, evaluationError } from '../expression/evaluation-error.js'
import { checkedDecimal, laneOfUint64, scaleOf, unscaledOfLane } from '../expression/exact.js'
import { isExact, isFloating, sumTypeOf, type ValueType } from '../expression/types.js'
import type { AggregateCall } from '../plan/plan.js'
import { laneType } from '../vectors/builder.js'
import { vectorOfLanes } from '../vectors/lanes.js'
import { compareBytes } from '../vectors/strings.js'
import {
  type BigIntVector,
  type NumberVector,
  numberVector,
  type StringVector,
  valueAt,
  type WorkVector,
} from '../vectors/vector.js'

export interface AggregateState {
  /** Bytes held, roughly. */
  readonly bytes: number
  /** Adds row i of `vector` to group `groups[i]`; there are `groupCount` groups by now. */
  update(vector: WorkVector, groups: Uint32Array, groupCount: number): void
  /** One value a group. */
  finish(groupCount: number): WorkVector
}

/** The state of an aggregate over values of `type`. `count(*)` is `RowCount`. */
export function aggregateState(call: AggregateCall, type: ValueType): AggregateState {
  switch (call.function) {
    case 'count':
      return new Count()
    case 'sum':
      return sumOf(type, false)
    case 'avg':
      return sumOf(type, true)
    case 'min':
    case 'max':
      return isText(type) ? new TextExtreme(call.function, type) : new NumberExtreme(call.function, type)
    case 'collect':
      return new Collect(type)
  }
}

function sumOf(type: ValueType, isMean: boolean): AggregateState {
  if (isExact(type)) return new ExactSum(type as LogicalType, isMean)
  return isFloating(type) ? new DoubleSum(isMean) : new IntegerSum(isMean)
}

function isText(type: ValueType): type is LogicalType {
  return physicalTypeOf(laneType(type)) === 'string'
}

function grown(array: Float64Array, length: number): Float64Array {
  if (array.length >= length) return array
  const larger = new Float64Array(Math.max(length, array.length * 2, 64))
  larger.set(array)
  return larger
}

/** Counts rows: `count(*)`. */
export class RowCount {
  #counts = new Float64Array(1)

  get bytes(): number {
    return this.#counts.byteLength
  }

  update(groups: Uint32Array, groupCount: number): void {
    this.#counts = grown(this.#counts, groupCount) as Float64Array<ArrayBuffer>
    const counts = this.#counts
    for (let row = 0; row < groups.length; row++) counts[groups[row]!]!++
  }

  /** Adds `rows` rows to the only group. */
  add(rows: number): void {
    this.#counts[0]! += rows
  }

  finish(groupCount: number): WorkVector {
    return numberVector('INT64', grown(this.#counts, groupCount).slice(0, groupCount), null)
  }
}

class Count implements AggregateState {
  #counts = new Float64Array(1)

  get bytes(): number {
    return this.#counts.byteLength
  }

  update(vector: WorkVector, groups: Uint32Array, groupCount: number): void {
    this.#counts = grown(this.#counts, groupCount) as Float64Array<ArrayBuffer>
    const counts = this.#counts
    const { nulls } = vector
    for (let row = 0; row < groups.length; row++)
      if (nulls === null || nulls[row] === 0) counts[groups[row]!]!++
  }

  finish(groupCount: number): WorkVector {
    return numberVector('INT64', grown(this.#counts, groupCount).slice(0, groupCount), null)
  }
}

/** The sum or, divided by the number of values, the mean of doubles. */
class DoubleSum implements AggregateState {
  readonly #isMean: boolean
  #sums = new Float64Array(1)
  #counts = new Float64Array(1)

  constructor(isMean: boolean) {
    this.#isMean = isMean
  }

  get bytes(): number {
    return this.#sums.byteLength + this.#counts.byteLength
  }

  update(vector: WorkVector, groups: Uint32Array, groupCount: number): void {
    this.#sums = grown(this.#sums, groupCount) as Float64Array<ArrayBuffer>
    this.#counts = grown(this.#counts, groupCount) as Float64Array<ArrayBuffer>
    const sums = this.#sums
    const counts = this.#counts
    const { values, nulls } = vector as NumberVector
    for (let row = 0; row < groups.length; row++) {
      if (nulls !== null && nulls[row] === 1) continue
      const group = groups[row]!
      sums[group]! += values[row]!
      counts[group]!++
    }
  }

  finish(groupCount: number): WorkVector {
    const sums = grown(this.#sums, groupCount)
    const counts = grown(this.#counts, groupCount)
    const lanes: (number | null)[] = []
    for (let group = 0; group < groupCount; group++) {
      const count = counts[group]!
      lanes.push(count === 0 ? null : this.#isMean ? sums[group]! / count : sums[group]!)
    }
    return vectorOfLanes('DOUBLE', lanes)
  }
}

/** The exact sum, or the mean, of integers. */
class IntegerSum implements AggregateState {
  readonly #isMean: boolean
  #sums = new Float64Array(1)
  #counts = new Float64Array(1)
  /** What of a group's sum did not fit into a safe number. */
  readonly #beyond = new Map<number, bigint>()

  constructor(isMean: boolean) {
    this.#isMean = isMean
  }

  get bytes(): number {
    return this.#sums.byteLength + this.#counts.byteLength + this.#beyond.size * 64
  }

  update(vector: WorkVector, groups: Uint32Array, groupCount: number): void {
    this.#sums = grown(this.#sums, groupCount) as Float64Array<ArrayBuffer>
    this.#counts = grown(this.#counts, groupCount) as Float64Array<ArrayBuffer>
    if (vector.kind === 'bigint') this.#updateWide(vector, groups)
    else this.#updateNumbers(vector as NumberVector, groups)
  }

  #updateNumbers({ values, nulls }: NumberVector, groups: Uint32Array): void {
    const sums = this.#sums
    const counts = this.#counts
    for (let row = 0; row < groups.length; row++) {
      if (nulls !== null && nulls[row] === 1) continue
      const group = groups[row]!
      const value = values[row]!
      const sum = sums[group]! + value
      if (sum <= Number.MAX_SAFE_INTEGER && sum >= Number.MIN_SAFE_INTEGER) sums[group] = sum
      else {
        this.#spill(group, BigInt(sums[group]!))
        sums[group] = value
      }
      counts[group]!++
    }
  }

  #updateWide({ values, nulls }: BigIntVector, groups: Uint32Array): void {
    for (let row = 0; row < groups.length; row++) {
      if (nulls !== null && nulls[row] === 1) continue
      const group = groups[row]!
      this.#spill(group, values[row]!)
      this.#counts[group]!++
    }
  }

  #spill(group: number, value: bigint): void {
    this.#beyond.set(group, (this.#beyond.get(group) ?? 0n) + value)
  }

  finish(groupCount: number): WorkVector {
    const sums = grown(this.#sums, groupCount)
    const counts = grown(this.#counts, groupCount)
    const lanes: (number | bigint | null)[] = []
    for (let group = 0; group < groupCount; group++) {
      const count = counts[group]!
      const beyond = this.#beyond.get(group)
      if (count === 0) lanes.push(null)
      else if (beyond === undefined) lanes.push(this.#isMean ? sums[group]! / count : sums[group]!)
      else {
        const sum = beyond + BigInt(sums[group]!)
        lanes.push(this.#isMean ? meanOf(sum, count) : smallest(checkInt64(sum, 'sum')))
      }
    }
    return vectorOfLanes(this.#isMean ? 'DOUBLE' : 'INT64', lanes)
  }
}

/** The exact sum of UINT64 (a UINT64) or of DECIMAL (with 38 digits), or their mean as a DOUBLE. */
class ExactSum implements AggregateState {
  readonly #type: LogicalType
  readonly #isMean: boolean
  readonly #sums: bigint[] = []
  readonly #counts: number[] = []

  constructor(type: LogicalType, isMean: boolean) {
    this.#type = type
    this.#isMean = isMean
  }

  get bytes(): number {
    return this.#sums.length * 48
  }

  update(vector: WorkVector, groups: Uint32Array, groupCount: number): void {
    while (this.#sums.length < groupCount) {
      this.#sums.push(0n)
      this.#counts.push(0)
    }
    for (let row = 0; row < groups.length; row++) {
      const lane = valueAt(vector, row) as Lane | null
      if (lane === null) continue
      const group = groups[row]!
      this.#sums[group]! += unscaledOfLane(this.#type, lane)
      this.#counts[group]!++
    }
  }

  finish(groupCount: number): WorkVector {
    const lanes: (Lane | null)[] = []
    for (let group = 0; group < groupCount; group++) {
      const count = this.#counts[group] ?? 0
      lanes.push(count === 0 ? null : this.#result(this.#sums[group]!, count))
    }
    return vectorOfLanes(this.#isMean ? 'DOUBLE' : (sumTypeOf(this.#type) as LogicalType), lanes)
  }

  #result(sum: bigint, count: number): Lane {
    const scale = scaleOf(this.#type)
    // Digits behind those of the sum, so that the quotient is rounded once, or as good as.
    if (this.#isMean) return Number(textOfUnscaled((sum * 10n ** 20n) / BigInt(count), scale + 20))
    if (this.#type !== 'UINT64') return checkedDecimal(sum, sumTypeOf(this.#type) as LogicalType, 'sum')
    const lane = laneOfUint64(sum)
    if (lane !== undefined) return lane
    throw evaluationError(
      `sum gives ${sum}, which is beyond UINT64`,
      'Compute in DECIMAL: CAST(… AS DECIMAL(38,0)).',
    )
  }
}

/** A large sum divided: the whole part exactly, then the rest. */
function meanOf(sum: bigint, count: number): number {
  const divisor = BigInt(count)
  return Number(sum / divisor) + Number(sum % divisor) / count
}

/** The least or greatest number, date or truth value. NaN is greater than all others, as in ordering. */
class NumberExtreme implements AggregateState {
  readonly #isMin: boolean
  readonly #type: ValueType
  readonly #best: (number | bigint | null)[] = []

  constructor(which: 'min' | 'max', type: ValueType) {
    this.#isMin = which === 'min'
    this.#type = type
  }

  get bytes(): number {
    return this.#best.length * 16
  }

  update(vector: WorkVector, groups: Uint32Array, groupCount: number): void {
    const best = this.#best
    while (best.length < groupCount) best.push(null)
    const { values, nulls } = vector as NumberVector
    for (let row = 0; row < groups.length; row++) {
      if (nulls !== null && nulls[row] === 1) continue
      const group = groups[row]!
      const value = values[row]!
      const current = best[group]!
      if (current === null || (this.#isMin ? isLess(value, current) : isLess(current, value)))
        best[group] = value
    }
  }

  finish(groupCount: number): WorkVector {
    const lanes = Array.from({ length: groupCount }, (_, group) => this.#best[group] ?? null)
    return vectorOfLanes(laneType(this.#type), lanes)
  }
}

function isLess(a: number | bigint, b: number | bigint): boolean {
  return a < b || (Number.isNaN(b) && !Number.isNaN(a))
}

/** The least or greatest string; only the best one of each group is copied. */
class TextExtreme implements AggregateState {
  readonly #sign: 1 | -1
  readonly #type: LogicalType
  readonly #best: (Uint8Array | null)[] = []
  #textBytes = 0

  constructor(which: 'min' | 'max', type: LogicalType) {
    this.#type = type
    this.#sign = which === 'min' ? 1 : -1
  }

  get bytes(): number {
    return this.#best.length * 64 + this.#textBytes
  }

  update(vector: WorkVector, groups: Uint32Array, groupCount: number): void {
    const best = this.#best
    while (best.length < groupCount) best.push(null)
    const { codes, offsets, bytes, nulls } = vector as StringVector
    for (let row = 0; row < groups.length; row++) {
      if (nulls !== null && nulls[row] === 1) continue
      const entry = codes === null ? row : codes[row]!
      const start = offsets[entry]!
      const end = offsets[entry + 1]!
      const current = best[groups[row]!]!
      if (current === null || compareBytes(bytes, start, end, current, 0, current.length) * this.#sign < 0) {
        best[groups[row]!] = bytes.slice(start, end)
        this.#textBytes += end - start - (current?.length ?? 0)
      }
    }
  }

  finish(groupCount: number): WorkVector {
    const texts = Array.from({ length: groupCount }, (_, group): Lane | null => {
      const bytes = this.#best[group]
      return bytes ? laneOfBytes(this.#type, bytes, 0, bytes.length) : null
    })
    return vectorOfLanes(this.#type, texts)
  }
}

class Collect implements AggregateState {
  readonly #type: ValueType
  readonly #lists: unknown[][] = []
  #count = 0

  constructor(type: ValueType) {
    this.#type = type
  }

  get bytes(): number {
    return this.#count * 32 + this.#lists.length * 64
  }

  update(vector: WorkVector, groups: Uint32Array, groupCount: number): void {
    while (this.#lists.length < groupCount) this.#lists.push([])
    for (let row = 0; row < groups.length; row++) {
      const value = valueAt(vector, row)
      if (value === null) continue
      this.#lists[groups[row]!]!.push(value)
      this.#count++
    }
  }

  finish(groupCount: number): WorkVector {
    const values = Array.from({ length: groupCount }, (_, group) => this.#lists[group] ?? [])
    return { kind: 'list', type: 'LIST', itemType: this.#type, rows: groupCount, values, nulls: null }
  }
}
