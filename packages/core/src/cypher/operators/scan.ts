/**
 * Gives every node of a table, group by group; groups whose statistics rule out a condition are not looked
 * at, and deleted nodes are left out.
 */

import type { NodeTable } from '../../catalog/index.js'
import type { SegmentStats } from '../../column/index.js'
import { statsPrefixBytesMax } from '../../column/index.js'
import { type LogicalType, physicalTypeOf } from '../../types/index.js'
import { bytesOfLane } from '../../values/index.js'
import { constantAs, type Lane, laneOf } from '../expression/constants.js'
import type { Compiled } from '../expression/definition.js'
import { isNumeric } from '../expression/types.js'
import type { NodeReader } from '../graph.js'
import type { Step, ZoneFilter } from '../plan/plan.js'
import { compareBytes } from '../vectors/strings.js'
import { type Batch, batchRowsMax, numberVector, type WorkVector } from '../vectors/vector.js'
import type { ExecutionContext, Operator } from './context.js'
import { type Pace, pause } from './pace.js'

type ScanStep = Extract<Step, { kind: 'scan' }>

/** Offsets of consecutive nodes: whoever reads their properties need not look at each. */
export interface ConsecutiveNodes {
  readonly firstOffset?: number
}

interface Zone {
  readonly column: number
  readonly type: LogicalType
  readonly operator: ZoneFilter['operator']
  readonly lane: Lane
}

export function scanOperator(step: ScanStep, context: ExecutionContext): Operator {
  const table = context.nodeTable(step.tableId)
  const reader = context.nodes(step.tableId)
  const zones = zonesOf(step, table, context)
  return function* scan(input: Iterable<Batch>): Generator<Batch> {
    // A scan stands only at the beginning: its input is the one row without columns, and pauses.
    for (const batch of input) {
      if (batch.rows === 0) {
        yield batch
        continue
      }
      for (let group = 0; group < reader.groupCount; group++) {
        if (zones === null || zones.some((zone) => !mayMatch(reader, group, zone))) continue
        if (context.pace.isDue()) yield pause
        if (step.slot !== null) yield* offsetsOf(reader, group, step.slot, context.pace)
        else {
          const rows = liveRows(reader, group)
          if (rows > 0) yield { rows, columns: [] }
        }
      }
    }
  }
}

function liveRows(reader: NodeReader, group: number): number {
  const deleted = reader.deleted(group)
  const rows = reader.groupRows(group)
  return deleted === null ? rows : rows - countOf(deleted, 0, rows)
}

/** Rows of [from, end) that are deleted. */
function countOf(deleted: Uint8Array, from: number, end: number): number {
  let count = 0
  for (let row = from; row < end; row++) count += deleted[row]!
  return count
}

function* offsetsOf(reader: NodeReader, group: number, slot: number, pace: Pace): Generator<Batch> {
  const start = reader.groupStart(group)
  const rows = reader.groupRows(group)
  const deleted = reader.deleted(group)
  for (let from = 0; from < rows; from += batchRowsMax) {
    const end = Math.min(from + batchRowsMax, rows)
    const gone = deleted === null ? 0 : countOf(deleted, from, end)
    const count = end - from - gone
    if (count > 0) {
      const values = new Float64Array(count)
      let at = 0
      for (let row = from; row < end; row++) if (gone === 0 || deleted![row] === 0) values[at++] = start + row
      const columns: WorkVector[] = []
      const offsets = numberVector('INT64', values, null)
      const vector: WorkVector & ConsecutiveNodes =
        gone === 0 ? { ...offsets, firstOffset: start + from } : offsets
      columns[slot] = vector
      yield { rows: count, columns }
    }
    if (pace.isDue()) yield pause
  }
}

/**
 * The filters whose constants can be compared with statistics; null when one of them is NULL and nothing
 * matches.
 */
function zonesOf(step: ScanStep, table: NodeTable, context: ExecutionContext): Zone[] | null {
  const zones: Zone[] = []
  for (const { column, operator, value } of step.zones) {
    const compiled = context.compile(value, [])
    if (compiled.constant === undefined) continue
    const { type } = table.columns[column]!
    const lane = statisticsLane(type, compiled)
    if (lane === null && compiled.type !== 'LIST') return null
    if (lane !== undefined && lane !== null) zones.push({ column, type, operator, lane })
  }
  return zones
}

/**
 * The constant as statistics of the column hold it. Numbers compare exactly as they are: 2.5 lies between
 * integers too.
 */
function statisticsLane(column: LogicalType, constant: Compiled): Lane | null | undefined {
  if (isNumeric(column) && isNumeric(constant.type)) return laneOf(constant.constant)
  return constantAs(constant, column)
}

function mayMatch(reader: NodeReader, group: number, zone: Zone): boolean {
  const stats = reader.statistics(group, zone.column)
  if (stats === null) return true
  // Nothing but NULLs, which compare with nothing; doubles may be NaN.
  if (stats.kind === 'none') return physicalTypeOf(reader.table.columns[zone.column]!.type) === 'double'
  const order = orderWithin(stats, zone)
  if (order === undefined) return true
  switch (zone.operator) {
    case '=':
      return order.min <= 0 && order.max >= 0
    case '<':
      return order.min < 0
    case '<=':
      return order.min <= 0
    case '>':
      return order.max > 0
    case '>=':
      return order.max >= 0
  }
}

/** How the least and the greatest value compare with `lane`; undefined when the statistics do not say. */
function orderWithin(stats: SegmentStats, { type, lane }: Zone): { min: number; max: number } | undefined {
  if (stats.kind === 'int' || stats.kind === 'double') {
    if (typeof lane === 'string') return undefined
    return { min: orderOf(stats.min, lane), max: orderOf(stats.max, lane) }
  }
  if (stats.kind !== 'string' || typeof lane !== 'string') return undefined
  const bytes = bytesOfLane(type, lane)
  const min = compareBytes(stats.min, 0, stats.min.length, bytes, 0, bytes.length)
  // A maximum of full length stands for whatever begins with it.
  const compared =
    stats.max.length >= statsPrefixBytesMax ? Math.min(bytes.length, stats.max.length) : bytes.length
  const max = compareBytes(stats.max, 0, stats.max.length, bytes, 0, compared)
  return { min, max: stats.max.length >= statsPrefixBytesMax && max === 0 ? 1 : max }
}

function orderOf(value: number | bigint, lane: number | bigint): number {
  if (value < lane) return -1
  return value > lane ? 1 : 0
}
