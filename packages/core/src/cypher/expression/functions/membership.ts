/**
 * `x IN list`: NULL where x or the list is NULL, and where x is not found beside a NULL.
 * Of a list of constants the items are looked up in a set; those of other lists are gone through in each row.
 */
import { isListType, itemTypeOf } from '../../../types/index.js'
import {
  type NumberVector,
  nullVector,
  numberVector,
  type StringVector,
  textAt,
  valueAt,
  type WorkVector,
} from '../../vectors/vector.js'
import { constantAs, type Lane, lanesOfList, typeOfConstant } from '../constants.js'
import type { Argument, Compiled, Evaluate, FunctionDefinition } from '../definition.js'
import { evaluationError } from '../evaluation-error.js'
import type { Constant } from '../expression.js'
import { isList, isNumeric, isOpen, shownType, type ValueType } from '../types.js'
import { comparedType, readsAs, writtenConstant } from './comparison.js'

const inList: FunctionDefinition = {
  resolve(args, site) {
    const [value, list] = args
    if (list !== undefined && !isList(list.type) && !isOpen(list.type)) {
      site.fail(`IN takes a list, not ${shownType(list.type)}`, 'Write IN [a, b, …] or pass an array.')
    }
    for (const item of list?.items ?? []) comparedType(value!, item, { ...site, name: '=' })
    if (list !== undefined && isListType(list.type)) {
      const type = itemTypeOf(list.type)
      comparedType(value!, { type }, { ...site, name: '=' })
      if (!canMeet(value!, type)) site.fail(...unlike(value!.type, type))
    }
    return 'BOOL'
  },
  compile([value, list], site) {
    if (list!.type === 'NULL') return (batch) => nullVector(batch.rows)
    const { items } = list!
    if (items === undefined) return memberOfRows(value!, list!)
    for (const item of items) {
      if (readsAs(item, value!)) writtenConstant(item as Compiled, value!.type, site)
    }
    const lanes = items.map((item) => constantAs(item, value!.type))
    const hasNull = lanes.includes(null)
    const wanted = new Set(lanes.filter((lane) => lane !== null && lane !== undefined).map(comparable))
    if (wanted.size === 0 && !hasNull)
      return (batch) => numberVector('BOOL', new Float64Array(batch.rows), null)
    return (batch) => {
      const vector = value!.evaluate(batch)
      const found = vector.kind === 'string' ? memberText(vector, wanted) : memberNumber(vector, wanted)
      return hasNull ? unknownWhereFalse(found) : found
    }
  },
}

/** Whether lanes of `value` and of items of `type` can be compared, or the constant brought to that type. */
function canMeet(value: Argument, type: ValueType): boolean {
  if (isOpen(value.type) || value.type === type || value.constant !== undefined) return true
  return isNumeric(value.type) && isNumeric(type)
}

function unlike(value: ValueType, item: ValueType): [what: string, hint: string] {
  const what = `IN looks for ${shownType(value)} in a list of ${shownType(item)}`
  return [what, 'Convert one of them with CAST.']
}

/** Of lists that differ from row to row. */
function memberOfRows(value: Compiled, list: Compiled): Evaluate {
  return (batch) => {
    const lists = list.evaluate(batch)
    const itemType = itemTypeIn(lists)
    if (itemType !== undefined && !canMeet(value, itemType)) {
      throw evaluationError(...unlike(value.type, itemType))
    }
    const isConstant = value.constant !== undefined && itemType !== undefined
    const constant = isConstant ? constantAs(value, itemType) : undefined
    const vector = isConstant ? undefined : value.evaluate(batch)
    const values = new Float64Array(batch.rows)
    const nulls = new Uint8Array(batch.rows)
    for (let row = 0; row < batch.rows; row++) {
      const wanted = vector === undefined ? constant : (valueAt(vector, row) as Lane | null)
      if (lists.nulls?.[row] === 1 || wanted === null) {
        nulls[row] = 1
        continue
      }
      const items = itemsOf(lists, row, value.type)
      const sought = wanted === undefined ? undefined : comparable(wanted)
      const isThere =
        sought !== undefined && items.some((item) => item !== null && comparable(item) === sought)
      values[row] = isThere ? 1 : 0
      if (!isThere && items.includes(null)) nulls[row] = 1
    }
    return numberVector('BOOL', values, nulls)
  }
}

/** Undefined where the items are constants of types of their own. */
function itemTypeIn(lists: WorkVector): ValueType | undefined {
  if (lists.kind === 'list') return lists.itemType
  return isListType(lists.type) ? itemTypeOf(lists.type) : undefined
}

/** The items of a row's list, as lanes; constants as those of `type`, without what no value of it equals. */
function itemsOf(lists: WorkVector, row: number, type: ValueType): (Lane | null)[] {
  if (lists.kind === 'string' && isListType(lists.type)) {
    return lanesOfList(itemTypeOf(lists.type), textAt(lists, row))
  }
  if (lists.kind !== 'list') return []
  const items = lists.values[row]!
  if (lists.itemType !== undefined) return items as (Lane | null)[]
  return (items as readonly Constant[])
    .map((constant) => constantAs({ type: typeOfConstant(constant), constant }, type))
    .filter((lane) => lane !== undefined)
}

/** Integers beyond 2^53 stay bigints, all other numbers are numbers, so that a Set finds them. */
function comparable(lane: Lane): Lane {
  return typeof lane === 'bigint' && Number.isSafeInteger(Number(lane)) ? Number(lane) : lane
}

function memberText(vector: StringVector, wanted: ReadonlySet<Lane>): NumberVector {
  const values = new Float64Array(vector.rows)
  for (let row = 0; row < vector.rows; row++) {
    if (vector.nulls?.[row] !== 1) values[row] = wanted.has(textAt(vector, row)) ? 1 : 0
  }
  return numberVector('BOOL', values, vector.nulls)
}

function memberNumber(vector: Exclude<WorkVector, StringVector>, wanted: ReadonlySet<Lane>): NumberVector {
  const values = new Float64Array(vector.rows)
  for (let row = 0; row < vector.rows; row++) {
    values[row] = wanted.has(comparable(vector.values[row] as Lane)) ? 1 : 0
  }
  return numberVector('BOOL', values, vector.nulls)
}

/** A list with a NULL in it cannot say that a value is not there. */
function unknownWhereFalse(found: NumberVector): NumberVector {
  const nulls = found.nulls?.slice() ?? new Uint8Array(found.rows)
  for (let row = 0; row < found.rows; row++) if (found.values[row] === 0) nulls[row] = 1
  return numberVector('BOOL', found.values, nulls)
}

export const membershipFunctions: Readonly<Record<string, FunctionDefinition>> = { in: inList }
