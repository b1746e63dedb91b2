/** Sources made of others: NULLs in between, one of several by conditions, arithmetic. */
import { fillRowsMax } from '../limits.js'
import { fillUniform, type Key } from '../random/index.js'
import { copyBytes, type Lane, type LaneKind } from './lane.js'
import type { RowSet } from './row-set.js'
import { Source } from './source.js'

/** Takes over value `at` of `from` into a lane of the same kind; `place` is where texts go on. */
function takeOver(from: Lane, at: number, to: Lane, place: number): number {
  if (to.kind !== 'text') {
    to.numbers[at] = from.numbers[at] as number
    return place
  }
  const isPool = from.kind === 'pool'
  const { bytes, ends } = isPool ? from.pool! : from
  const entry = isPool ? (from.numbers[at] as number) : at
  const start = ends[entry] as number
  const length = (ends[entry + 1] as number) - start
  to.reserve(place, length)
  copyBytes(bytes, start, length, to.bytes, place)
  return place + length
}

/** The kind of lane that can hold what all of `sources` make. */
function commonKind(sources: readonly Source[]): { kind: LaneKind; pool?: NonNullable<Lane['pool']> } {
  const [first] = sources as [Source]
  const { kind, pool } = first.lane
  const same = sources.every(({ lane }) => lane.kind === kind && lane.pool === pool)
  if (same) return { kind, ...(pool !== undefined && { pool }) }
  if (sources.some(({ lane }) => lane.kind === 'doubles')) return { kind: 'doubles' }
  return { kind: kind === 'pool' ? 'text' : kind }
}

/** By what numbers of `source` are multiplied in a lane of `kind` and `scale`. */
function factorTo(source: Source, kind: LaneKind, scale: number): number {
  if (source.lane.kind !== 'numbers') return 1
  return 10 ** ((kind === 'doubles' ? 0 : scale) - source.scale)
}

/** What the values of a source that gives those of `source` are like. */
function propertiesOf({ lane: { pool }, lengthMax, isPlain, scale }: Source) {
  return { ...(pool !== undefined && { pool }), lengthMax, isPlain, scale }
}

/** Values of another source, a fraction of them NULL. */
export class NullableSource extends Source {
  readonly #key: Key
  readonly #source: Source
  readonly #fraction: number
  readonly #uniform = new Float64Array(fillRowsMax)

  constructor(key: Key, source: Source, fraction: number) {
    super(source.lane.kind, propertiesOf(source))
    this.#key = key
    this.#source = source
    this.#fraction = fraction
  }

  protected fill(set: RowSet): void {
    const { lane } = this
    const from = this.#source.read(set)
    fillUniform(this.#key, set.rows, set.count, 0, this.#uniform)
    let place = 0
    for (let at = 0; at < set.count; at++) {
      if (lane.kind === 'text') lane.ends[at] = place
      const isNull = (this.#uniform[at] as number) < this.#fraction || (from.hasNulls && from.nulls[at] === 1)
      if (isNull) lane.setNull(at)
      else place = takeOver(from, at, lane, place)
    }
    if (lane.kind === 'text') lane.ends[set.count] = place
  }
}

/** Nothing but NULL. */
export class NullSource extends Source {
  constructor(kind: LaneKind, scale = 0) {
    super(kind, { scale, isPlain: true })
  }

  protected fill(set: RowSet): void {
    this.lane.nulls.fill(1, 0, set.count)
    this.lane.hasNulls = true
    if (this.lane.kind === 'text') this.lane.ends.fill(0)
  }
}

/** Says of each row whether something holds. */
export interface Test {
  /** Sets `out` to 1 where it holds, to 0 elsewhere. */
  test(set: RowSet, out: Uint8Array): void
}

/** Holds where `source` is NULL. */
export function nullTest(source: Source): Test {
  return {
    test: (set, out) => {
      const { hasNulls, nulls } = source.read(set)
      for (let at = 0; at < set.count; at++) out[at] = hasNulls ? (nulls[at] as number) : 0
    },
  }
}

/** One of several sources: the first whose test holds, else the last one. */
export class CaseSource extends Source {
  readonly #cases: readonly { readonly test: Test; readonly source: Source }[]
  /** Those of the cases, and the one for all else. */
  readonly #sources: readonly Source[]
  /** What sources count in other units than this lane is brought to them. */
  readonly #factors: readonly number[]
  readonly #chosen = new Uint8Array(fillRowsMax)
  readonly #holds = new Uint8Array(fillRowsMax)

  constructor(cases: readonly { readonly test: Test; readonly source: Source }[], otherwise: Source) {
    const all = [...cases.map(({ source }) => source), otherwise]
    const { kind, pool } = commonKind(all)
    super(kind, {
      ...(pool !== undefined && { pool }),
      lengthMax: Math.max(...all.map(({ lengthMax }) => lengthMax)),
      isPlain: all.every(({ isPlain }) => isPlain),
      scale: otherwise.scale,
    })
    this.#cases = cases
    this.#sources = all
    this.#factors = all.map((source) => factorTo(source, kind, otherwise.scale))
  }

  protected fill(set: RowSet): void {
    const { lane } = this
    const last = this.#cases.length
    this.#chosen.fill(last, 0, set.count)
    for (let index = last - 1; index >= 0; index--) {
      this.#cases[index]!.test.test(set, this.#holds)
      for (let at = 0; at < set.count; at++) if (this.#holds[at] === 1) this.#chosen[at] = index
    }
    const lanes = this.#sources.map((source) => source.read(set))
    let place = 0
    for (let at = 0; at < set.count; at++) {
      if (lane.kind === 'text') lane.ends[at] = place
      const chosen = this.#chosen[at] as number
      const from = lanes[chosen] as Lane
      const factor = this.#factors[chosen] as number
      if (from.hasNulls && from.nulls[at] === 1) lane.setNull(at)
      else if (factor === 1) place = takeOver(from, at, lane, place)
      else {
        const value = (from.numbers[at] as number) * factor
        lane.numbers[at] = lane.kind === 'doubles' ? value : Math.round(value)
      }
    }
    if (lane.kind === 'text') lane.ends[set.count] = place
  }
}

/** A number worked out of others; NULL where the result is none. */
export class FormulaSource extends Source {
  readonly #inputs: readonly Source[]
  readonly #compute: (values: Float64Array) => number
  readonly #unit: number
  readonly #min: number
  readonly #max: number
  readonly #values: Float64Array

  constructor(
    inputs: readonly Source[],
    compute: (values: Float64Array) => number,
    range: { readonly min: number; readonly max: number; readonly scale: number },
  ) {
    super('numbers', { scale: range.scale, isPlain: true })
    this.#inputs = inputs
    this.#compute = compute
    this.#unit = 10 ** range.scale
    this.#min = range.min * this.#unit
    this.#max = range.max * this.#unit
    this.#values = new Float64Array(inputs.length)
  }

  protected fill(set: RowSet): void {
    const lanes = this.#inputs.map((source) => source.read(set))
    for (let at = 0; at < set.count; at++) {
      for (let index = 0; index < lanes.length; index++) {
        const lane = lanes[index] as Lane
        const isNull = lane.hasNulls && lane.nulls[at] === 1
        const unit = lane.kind === 'doubles' ? 1 : 10 ** (this.#inputs[index] as Source).scale
        this.#values[index] = isNull ? Number.NaN : (lane.numbers[at] as number) / unit
      }
      const value = Math.round(this.#compute(this.#values) * this.#unit)
      if (Number.isFinite(value)) this.lane.numbers[at] = Math.min(this.#max, Math.max(this.#min, value))
      else this.lane.setNull(at)
    }
  }
}

/** The rows of another table that rows of this one belong to, and a column's values there. */
export class LookUpSource extends Source {
  readonly #parents: ParentRows
  readonly #source: Source
  readonly #isNullable: boolean

  /**
   * @param isNullable false: a row that refers to none has the values of the row that is named all the same
   */
  constructor(parents: ParentRows, source: Source, isNullable: boolean) {
    super(source.lane.kind, propertiesOf(source))
    this.#parents = parents
    this.#source = source
    this.#isNullable = isNullable
  }

  protected fill(set: RowSet): void {
    const { lane } = this
    const parents = this.#parents.read(set)
    const from = this.#source.read(parents)
    if (lane.kind !== 'text') lane.numbers.set(from.numbers.subarray(0, set.count))
    else {
      lane.ends.set(from.ends)
      const used = from.ends[set.count] as number
      lane.reserve(0, used)
      lane.bytes.set(from.bytes.subarray(0, used))
    }
    for (let at = 0; at < set.count; at++) {
      if ((this.#isNullable && this.#parents.nulls[at] === 1) || (from.hasNulls && from.nulls[at] === 1))
        lane.setNull(at)
    }
  }
}

/** Which row of another table each row refers to. */
export interface ParentRows {
  /** 1 where a row refers to none; the row that stands there exists all the same. */
  readonly nulls: Uint8Array
  /** The rows referred to, in the order of the rows of `set`. */
  read(set: RowSet): RowSet
}
