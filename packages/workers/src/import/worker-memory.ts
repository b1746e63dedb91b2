/**
 * What a parse worker, and a slot that it fills, take of an import's memory, for given sizes of blocks and
 * batches. The plan (`memory-plan.ts`) finds the sizes.
 *
 * - The longest record does not come on top of a block: a worker has one place for both, and reads a record
 *   that is longer than its block into it alone (`threads/parse-job.ts`).
 */
import {
  encodeScratchBytes,
  type NodeTable,
  pageBytes,
  relBatchBytesMax,
  rowGroupRowsMax,
  type Table,
  unitMemoryFor,
} from '@millrace/core/internal'
import { heapBytesFor } from '../csv/index.js'
import { lookAheadBytes, rejectsBytesMax, rejectsBytesMin } from '../limits.js'
import type { LookUpPlan } from './look-up-plan.js'
import type { MemoryPlanRequest, RelTarget } from './memory-request.js'

const mebibyte = 1 << 20

/** The parser's structural index, and what memories take for growing in steps. */
const parserBytes = 2 * mebibyte

/** Headers of encodings, and alignment. */
const encoderBytes = mebibyte / 4

/** Part of the import's budget that is for building a unit of relationships. */
const unitShare = 1 / 12

/** Bytes that a unit need not have more of: most row groups are full then. */
const unitBytesMax = 24 * mebibyte

/** Part of a unit's memory that its pages, and what the other side gets of it, take in a slot. */
const unitSlotShare = 1 / 4

/** Part of the budget that workers take, if they need it, to build units. */
const buildersShare = 0.35

/**
 * Bytes of memory for building a unit: of the import's budget alone, so that files do not depend on threads.
 */
export function unitBytesFor(importBytes: number): number {
  return Math.min(unitBytesMax, Math.floor(importBytes * unitShare))
}

/** The sizes that the rest of a plan follows from. */
export interface Sizes {
  readonly blockBytes: number
  readonly rowsMax: number
  /** Bytes for texts that had escapes. */
  readonly textBytes: number
}

/** What the sizes ask for. */
export interface WorkerMemory {
  readonly slotBytes: number
  /** Of these, for refused records. */
  readonly refusedBytes: number
  readonly workerBytes: number
}

/** What a table's encoder needs. */
interface EncoderPlan {
  readonly slotBytes: number
  /** Of the worker's memory, besides the parser's. */
  readonly bytes: number
}

/** A request, and how endpoints are found for it. */
export interface Wanted extends MemoryPlanRequest {
  readonly lookUps: LookUpPlan
}

/** Bytes of a slot that takes what so much text becomes. Every column may end in a partly filled page. */
function slotBytesFor(textBytes: number, columnCount: number): number {
  return textBytes + Math.ceil(textBytes / 128) + (columnCount * 2 + 16) * pageBytes
}

/** Bytes for encoding one column: its segment before it is copied to the slot, and the encoder's scratch. */
function encodingBytes(rows: number, textBytes: number): number {
  const groupRows = Math.min(rows, rowGroupRowsMax)
  return groupRows * 9 + textBytes + encodeScratchBytes(groupRows) + encoderBytes
}

function planNodes(rows: number, textBytes: number, request: MemoryPlanRequest): EncoderPlan {
  const slotBytes = slotBytesFor(Math.max(textBytes, request.maxRowBytes), request.columnCount)
  return { slotBytes: wholePages(slotBytes), bytes: encodingBytes(rows, textBytes) }
}

function planRels(
  rows: number,
  textBytes: number,
  request: Wanted,
  { endpoints, strings, unitBytes }: RelTarget,
): EncoderPlan {
  const { columnCount, maxRowBytes, lookUps } = request
  const nodesMax = endpoints.reduce((most, { rowCount }) => Math.max(most, rowCount), 0)
  const numbersMax = relBatchBytesMax(rows, columnCount - 2, nodesMax)
  const batchOf = (bytes: number) => {
    const text = slotBytesFor(bytes, columnCount)
    return strings ? text : Math.min(text, numbersMax)
  }
  const slotBytes = wholePages(Math.max(batchOf(textBytes), batchOf(maxRowBytes), unitBytes * unitSlotShare))
  // The chunks are made in the worker's memory, in an order of 4 bytes a row, when all keys are found.
  const encoding = batchOf(textBytes) + rows * 4 + mebibyte
  return { slotBytes, bytes: Math.max(encoding, lookUps.batchBytes(rows)) + lookUps.mapsBytes }
}

/** Bytes of a worker's memory for building units; less than they need where there are many threads. */
function buildingBytes({ target, budgetBytes, threads }: MemoryPlanRequest): number {
  if (target.kind === 'node') return 0
  return Math.min(unitMemoryFor(target.unitBytes), Math.floor((budgetBytes * buildersShare) / threads))
}

function wholePages(bytes: number): number {
  return Math.ceil(bytes / pageBytes) * pageBytes
}

/** Bytes of values that are no bytes of the input, for a table's columns and the keys of its ends. */
export function heapBytesOfTable(
  table: Table,
  endpoints: readonly NodeTable[],
): MemoryPlanRequest['heapBytes'] {
  const keys = endpoints.map(({ columns, keyColumn }) => columns[keyColumn]!.type)
  const types = [...table.columns.map(({ type }) => type), ...keys]
  // Both ends may be of one table.
  return heapBytesFor(endpoints.length === 1 ? [...types, ...keys] : types)
}

/** Bytes of a row in the parser: a lane and its null byte for each column, and resolved endpoints. */
export function rowBytesOf({ columnCount, heapBytes }: MemoryPlanRequest): number {
  return 9 * columnCount + heapBytes.ofRow + 16
}

function encoderFor(request: Wanted, rows: number, textBytes: number): EncoderPlan {
  const { target } = request
  return target.kind === 'node'
    ? planNodes(rows, textBytes, request)
    : planRels(rows, textBytes, request, target)
}

/** Bytes of a slot for refused records: when all are refused a block gives some batches. */
function refusedBytesFor(blockBytes: number): number {
  return wholePages(Math.min(rejectsBytesMax, Math.max(rejectsBytesMin, blockBytes / 2)))
}

export function workerMemoryFor(request: Wanted, { blockBytes, rowsMax, textBytes }: Sizes): WorkerMemory {
  const { maxRowBytes, heapBytes } = request
  const inputBytes = blockBytes + lookAheadBytes
  const encoder = encoderFor(request, rowsMax, inputBytes)
  const parsing = inputBytes + textBytes + rowsMax * rowBytesOf(request) + encoder.bytes
  // A record that does not fit there has the worker to itself.
  const longRecord = maxRowBytes + lookAheadBytes + encoderFor(request, 1, maxRowBytes).bytes
  const parserOnly = parserBytes + heapBytes.shared
  const workerBytes = Math.max(parserOnly + Math.max(parsing, longRecord), buildingBytes(request))
  const refusedBytes = request.writesRefused === true ? refusedBytesFor(blockBytes) : 0
  return { slotBytes: encoder.slotBytes + refusedBytes, refusedBytes, workerBytes }
}
