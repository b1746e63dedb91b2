/** Functions that make lists. */
import { madeItemsMax } from '../../../limits.js'
import { batchRowsMax, type ListVector, nullVector, valueAt } from '../../vectors/vector.js'
import { expectCount, expectInteger, type FunctionDefinition } from '../definition.js'
import { evaluationError } from '../evaluation-error.js'

/** Items of a list that `range` makes. */
const rangeItemsMax = 1_000_000

/** `range(first, last[, step])`: the integers from `first` to `last`, both included. */
const range: FunctionDefinition = {
  resolve(args, site) {
    expectCount(args, 2, 3, site)
    for (const index of args.keys()) expectInteger(args, index, site)
    return 'LIST'
  },
  compile(args) {
    return (batch) => {
      const bounds = args.map((argument) => argument.evaluate(batch))
      const nulls = new Uint8Array(batch.rows)
      const values: (readonly number[])[] = []
      const makeList = listMaker()
      for (let row = 0; row < batch.rows; row++) {
        const [first, last, step = 1] = bounds.map((vector) => valueAt(vector, row) as number | bigint | null)
        const isNull = first === null || last === null || step === null
        nulls[row] = isNull ? 1 : 0
        values.push(isNull ? [] : makeList(Number(first), Number(last), Number(step)))
      }
      if (nulls.every((isNull) => isNull === 1)) return nullVector(batch.rows)
      const list: ListVector = {
        kind: 'list',
        type: 'LIST',
        itemType: 'INT64',
        rows: batch.rows,
        values,
        nulls,
      }
      return list
    }
  },
}

/** Makes the lists of one batch. Rows that follow each other and ask for the same list share it. */
function listMaker(): (first: number, last: number, step: number) => readonly number[] {
  let before: readonly number[] = []
  let key = ''
  let items = 0
  return (first, last, step) => {
    const asked = `${first} ${last} ${step}`
    if (asked === key) return before
    before = integers(first, last, step)
    key = asked
    items += before.length
    if (items > madeItemsMax) {
      const what = `The lists that range makes for ${batchRowsMax} rows have more than ${madeItemsMax} items`
      throw evaluationError(what, 'Make shorter lists, or handle fewer rows at a time.')
    }
    return before
  }
}

function integers(first: number, last: number, step: number): number[] {
  if (step === 0) throw evaluationError('range with a step of 0 has no end', 'Give another step.')
  const count = Math.max(0, Math.floor((last - first) / step) + 1)
  const isSafe = Number.isSafeInteger(first) && Number.isSafeInteger(last) && Number.isSafeInteger(step)
  if (!isSafe || count > rangeItemsMax) {
    const what = `range(${first}, ${last}, ${step}) is too long, or beyond 2^53`
    throw evaluationError(what, `A list has at most ${rangeItemsMax} items.`)
  }
  return Array.from({ length: count }, (_, at) => first + at * step)
}

export const listFunctions: Readonly<Record<string, FunctionDefinition>> = { range }
