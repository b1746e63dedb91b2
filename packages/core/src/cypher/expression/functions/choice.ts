/**
 * CASE, coalesce, ifnull and nullif.
 * A branch is evaluated only for the rows that take it, so that `CASE WHEN b = 0 THEN 0 ELSE a / b END`
 * divides by no zero.
 */
import { vectorBuilder } from '../../vectors/builder.js'
import { convertVector } from '../../vectors/convert.js'
import { takeRows } from '../../vectors/take.js'
import type { Batch, NumberVector, WorkVector } from '../../vectors/vector.js'
import {
  type Compiled,
  type Evaluate,
  expectCount,
  expectType,
  type FunctionDefinition,
  unifiedType,
} from '../definition.js'
import type { ValueType } from '../types.js'
import { comparisonFunctions } from './comparison.js'

/** The rows of `batch` given by `indices`, in every column. */
function rowsOf(batch: Batch, indices: Uint32Array): Batch {
  const columns = batch.columns.map((column) => column && takeRows(column, indices, indices.length))
  return { rows: indices.length, columns }
}

/**
 * One value a row from several vectors: row i is row `rowOf[i]` of `vectors[from[i]]`, or NULL where `from`
 * is −1.
 */
function merge(
  type: ValueType,
  vectors: readonly WorkVector[],
  from: Int32Array,
  rowOf: Uint32Array,
): WorkVector {
  const builder = vectorBuilder(type)
  for (let row = 0; row < from.length; row++) {
    const source = from[row]!
    if (source < 0) builder.appendNull()
    else builder.append(vectors[source]!, rowOf[row]!)
  }
  return builder.finish()
}

/** Rows that `choose` takes of those still open; the others stay open. */
class Choice {
  readonly from: Int32Array
  readonly rowOf: Uint32Array
  readonly vectors: WorkVector[] = []
  open: Uint32Array

  constructor(rows: number) {
    this.from = new Int32Array(rows).fill(-1)
    this.rowOf = new Uint32Array(rows)
    this.open = Uint32Array.from({ length: rows }, (_, row) => row)
  }

  take(chosen: readonly number[], vector: WorkVector): void {
    chosen.forEach((row, index) => {
      this.from[row] = this.vectors.length
      this.rowOf[row] = index
    })
    this.vectors.push(vector)
  }
}

/** Arguments: when, then, when, then, …, otherwise. */
const caseWhen: FunctionDefinition = {
  resolve(args, site) {
    const results: Compiled[] = []
    args.forEach((argument, index) => {
      if (index % 2 === 0 && index < args.length - 1) expectType(args, index, ['BOOL'], site)
      else results.push(argument as Compiled)
    })
    return unifiedType(results, site)
  },
  compile(args, site) {
    const type = caseWhen.resolve(args, site)
    return (batch) => {
      const choice = new Choice(batch.rows)
      for (let index = 0; index + 1 < args.length && choice.open.length > 0; index += 2) {
        const open = choice.open
        const condition = args[index]!.evaluate(rowsOf(batch, open)) as NumberVector
        const isTrue = (row: number): boolean => condition.values[row] === 1 && condition.nulls?.[row] !== 1
        const chosen = [...open].filter((_, row) => isTrue(row))
        choice.open = open.filter((_, row) => !isTrue(row))
        if (chosen.length > 0)
          choice.take(chosen, branch(args[index + 1]!, type)(rowsOf(batch, Uint32Array.from(chosen))))
      }
      const { open } = choice
      if (open.length > 0) choice.take([...open], branch(args.at(-1)!, type)(rowsOf(batch, open)))
      return merge(type, choice.vectors, choice.from, choice.rowOf)
    }
  },
}

function branch(argument: Compiled, type: ValueType): Evaluate {
  return (batch) => convertVector(argument.evaluate(batch), argument.type, type)
}

const coalesce: FunctionDefinition = {
  resolve(args, site) {
    expectCount(args, 1, 64, site)
    return unifiedType(args, site)
  },
  compile(args, site) {
    const type = unifiedType(args, site)
    return (batch) => {
      const choice = new Choice(batch.rows)
      for (const argument of args) {
        const { open } = choice
        if (open.length === 0) break
        const vector = branch(argument, type)(rowsOf(batch, open))
        const { nulls } = vector
        if (nulls === null && open.length === batch.rows) return vector
        const kept = [...open.keys()].filter((row) => nulls?.[row] !== 1)
        choice.take(
          kept.map((row) => open[row]!),
          takeRows(vector, Uint32Array.from(kept), kept.length),
        )
        choice.open = open.filter((_, row) => nulls?.[row] === 1)
      }
      return merge(type, choice.vectors, choice.from, choice.rowOf)
    }
  },
}

/** `nullif(a, b)`: NULL where a = b, else a. */
const nullIf: FunctionDefinition = {
  resolve(args, site) {
    expectCount(args, 2, 2, site)
    comparisonFunctions['=']!.resolve(args, site)
    return args[0]!.type
  },
  compile(args, site) {
    const equal = comparisonFunctions['=']!.compile(args, { ...site, name: '=' })
    return (batch) => {
      const vector = args[0]!.evaluate(batch)
      const same = equal(batch) as NumberVector
      const nulls = new Uint8Array(batch.rows)
      for (let row = 0; row < batch.rows; row++) {
        const isSame = same.values[row] === 1 && same.nulls?.[row] !== 1
        nulls[row] = isSame || vector.nulls?.[row] === 1 ? 1 : 0
      }
      return { ...vector, nulls }
    }
  },
}

/** A list is known before the query runs; it is the same in every row. */
export function listVector(values: readonly unknown[], rows: number): WorkVector {
  return {
    kind: 'list',
    type: 'LIST',
    rows,
    values: new Array<readonly unknown[]>(rows).fill(values),
    nulls: null,
  }
}

export const choiceFunctions: Readonly<Record<string, FunctionDefinition>> = {
  case: caseWhen,
  coalesce,
  ifnull: coalesce,
  nullif: nullIf,
}
