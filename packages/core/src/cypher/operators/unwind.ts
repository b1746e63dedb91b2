/**
 * UNWIND: every row with every item of a list, in their order; no row where the list is empty or NULL.
 *
 * - The items of a list that is the same for all rows become columns once, before any row. Maps give a column
 *   for each property that is asked for; a property that a map does not have is NULL.
 * - Lists that the rows themselves hold are kept until all rows are there: only then their items' type is
 *   known.
 */
import { MillraceError } from '../../errors/index.js'
import { isListType, itemTypeOf, type LogicalType } from '../../types/index.js'
import { decodeList } from '../../values/index.js'
import { constantAs, laneOf, lanesOfList, typeOfConstant } from '../expression/constants.js'
import type { Argument, Compiled } from '../expression/definition.js'
import { evaluationError } from '../expression/evaluation-error.js'
import type { Constant } from '../expression/expression.js'
import { listParameter, valueLiteral } from '../expression/parameters.js'
import { commonType, shownType, type ValueType } from '../expression/types.js'
import type { UnwindPlan } from '../plan/plan.js'
import { slotsOf } from '../plan/references.js'
import { laneType } from '../vectors/builder.js'
import { vectorOfLanes } from '../vectors/lanes.js'
import { sliceVector, takeRows } from '../vectors/take.js'
import {
  type Batch,
  batchRowsMax,
  nullVector,
  type StringVector,
  textAt,
  type WorkVector,
} from '../vectors/vector.js'
import type { ExecutionContext } from './context.js'
import { pause } from './pace.js'
import { pairs } from './pairs.js'
import { KeptMemory } from './replay.js'

/** Bytes that an item of a list takes while the lists of all rows are kept. */
const itemBytes = 64

interface Unwound {
  readonly batches: Iterable<Batch>
  readonly types: readonly ValueType[]
}

/** Items as columns. */
interface Items {
  readonly count: number
  readonly columns: readonly WorkVector[]
  readonly types: readonly ValueType[]
}

/** Yields batches without rows, when other work may be let in, and returns the rows. */
export function* runUnwind(
  plan: UnwindPlan,
  input: Iterable<Batch>,
  types: readonly ValueType[],
  context: ExecutionContext,
): Generator<Batch, Unwound> {
  const { list } = plan
  let items: Items
  if (list.kind === 'parameter') items = itemsOfParameter(plan, list.name, context)
  else {
    const compiled = context.compile(list, types)
    if (compiled.items !== undefined) items = itemsOf(plan, compiled.items)
    else if (slotsOf(list).length > 0) return yield* unwindRows(plan, compiled, input, types, context)
    else items = itemsOf(plan, itemsOfRows(compiled.evaluate({ rows: 1, columns: [] })).items)
  }
  const batches = everyItem(input, items, types.length, context)
  return { batches, types: [...types, ...items.types] }
}

function itemsOfParameter(plan: UnwindPlan, name: string, context: ExecutionContext): Items {
  const values = listParameter(context.parameters, name)
  const columns = plan.properties.map((property) =>
    columnOf(
      values.map((value) =>
        valueLiteral(property === null ? value : propertyOf(value, property, name), name),
      ),
      `$${name}`,
    ),
  )
  return {
    count: values.length,
    columns: columns.map(({ vector }) => vector),
    types: columns.map(({ type }) => type),
  }
}

function propertyOf(item: unknown, property: string, name: string): unknown {
  if (item === null || item === undefined) return null
  if (typeof item !== 'object' || Array.isArray(item) || item instanceof Date) {
    const problem = `holds a ${typeof item}, but the statement uses its property ${property}; pass objects`
    throw new MillraceError('MILLRACE_PARAMETER', { name, problem })
  }
  return Object.hasOwn(item, property) ? ((item as Record<string, unknown>)[property] ?? null) : null
}

function itemsOf(plan: UnwindPlan, items: readonly Argument[]): Items {
  const { vector, type } = columnOf(items, `The list of UNWIND … AS ${plan.variable}`)
  return { count: items.length, columns: [vector], types: [type] }
}

/** A column of constants, of the type they have in common. */
function columnOf(items: readonly Argument[], what: string): { vector: WorkVector; type: ValueType } {
  let type: ValueType = 'NULL'
  for (const item of items) {
    const joined = commonType(type, item.type)
    if (joined === undefined || joined === 'LIST') {
      const problem =
        joined === 'LIST' ? 'holds lists' : `mixes ${shownType(type)} and ${shownType(item.type)}`
      throw evaluationError(`${what} ${problem}`, 'Give values of one type.')
    }
    type = joined
  }
  if (type === 'NULL') return { vector: nullVector(items.length), type }
  const lanes = items.map((item) => {
    const lane = laneOf(item.constant)
    return lane === null || item.type === type ? lane : (constantAs(item, type) ?? Number(lane))
  })
  return { vector: vectorOfLanes(laneType(type), lanes), type }
}

/** Every row of `input`, which has `width` columns, with every item. */
function* everyItem(
  input: Iterable<Batch>,
  items: Items,
  width: number,
  context: ExecutionContext,
): Generator<Batch> {
  const { pace } = context
  const kept = context.reservation('items of a list')
  try {
    kept.update(new KeptMemory().add({ rows: items.count, columns: items.columns }))
    for (const batch of input) {
      if (batch.rows === 0) {
        yield batch
        continue
      }
      yield* pairs(batch, width, { rows: items.count, columns: items.columns }, pace)
    }
  } finally {
    kept.release()
  }
}

/** Lists that the rows hold, or that are computed for them. */
function* unwindRows(
  plan: UnwindPlan,
  list: Compiled,
  input: Iterable<Batch>,
  types: readonly ValueType[],
  context: ExecutionContext,
): Generator<Batch, Unwound> {
  const reservation = context.reservation('lists that are unwound')
  const output: Batch[] = []
  const perBatch: Argument[][] = []
  try {
    let bytes = 0
    for (const batch of input) {
      if (batch.rows === 0) {
        yield batch
        continue
      }
      const lists = list.evaluate(batch)
      bytes += itemCount(lists) * itemBytes
      reservation.update(bytes)
      const { rowOf, items } = itemsOfRows(lists)
      const columns = batch.columns.map((column) => column && takeRows(column, rowOf, rowOf.length))
      output.push({ rows: rowOf.length, columns })
      perBatch.push(items)
      if (context.pace.isDue()) yield pause
    }
    const { vector, type } = columnOf(perBatch.flat(), plan.variable)
    const batches: Batch[] = []
    let first = 0
    for (const { rows, columns } of output) {
      for (let from = 0; from < rows; from += batchRowsMax) {
        const end = Math.min(from + batchRowsMax, rows)
        const kept = columns.map((column) => column && sliceVector(column, from, end))
        batches.push({ rows: end - from, columns: [...kept, sliceVector(vector, first + from, first + end)] })
      }
      first += rows
    }
    return { batches, types: [...types, type] }
  } finally {
    reservation.release()
  }
}

/** Items of all lists of a batch: looked at before anything is made of them. */
function itemCount(lists: WorkVector): number {
  if (lists.kind === 'string' && isListType(lists.type)) {
    const itemType = itemTypeOf(lists.type)
    let count = 0
    for (let row = 0; row < lists.rows; row++) {
      if (lists.nulls?.[row] !== 1) count += decodeList(itemType, textAt(lists, row)).length
    }
    return count
  }
  if (lists.kind !== 'list') return 0
  return lists.values.reduce((sum, { length }, row) => sum + (lists.nulls?.[row] === 1 ? 0 : length), 0)
}

/** The items of lists that a column holds. */
function storedItems(lists: StringVector, type: LogicalType): { rowOf: Uint32Array; items: Argument[] } {
  const rowOf: number[] = []
  const items: Argument[] = []
  for (let row = 0; row < lists.rows; row++) {
    if (lists.nulls?.[row] === 1) continue
    for (const constant of lanesOfList(type, textAt(lists, row))) {
      rowOf.push(row)
      items.push({ type: constant === null ? 'NULL' : type, constant })
    }
  }
  return { rowOf: Uint32Array.from(rowOf), items }
}

function itemsOfRows(lists: WorkVector): { rowOf: Uint32Array; items: Argument[] } {
  if (lists.kind === 'string' && isListType(lists.type)) return storedItems(lists, itemTypeOf(lists.type))
  if (lists.kind !== 'list') {
    if (lists.nulls?.every((isNull) => isNull === 1)) return { rowOf: new Uint32Array(0), items: [] }
    throw evaluationError('UNWIND takes a list', 'Give a list, or a $parameter that is one.')
  }
  const { itemType } = lists
  if (itemType === 'NODE' || itemType === 'REL') {
    const hint = 'Match them again, or collect one of their properties.'
    throw new MillraceError('MILLRACE_UNSUPPORTED', { what: 'UNWIND of nodes and relationships', hint })
  }
  const rowOf: number[] = []
  const items: Argument[] = []
  for (let row = 0; row < lists.rows; row++) {
    if (lists.nulls?.[row] === 1) continue
    for (const item of lists.values[row]!) {
      rowOf.push(row)
      const constant = item as Constant
      items.push({ type: itemType ?? typeOfConstant(constant), constant })
    }
  }
  return { rowOf: Uint32Array.from(rowOf), items }
}
