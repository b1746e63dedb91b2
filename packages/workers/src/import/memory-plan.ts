/**
 * How one import divides its memory budget, before anything is allocated.
 *
 * | part      | bytes                                         | who holds it                           |
 * |-----------|-----------------------------------------------|----------------------------------------|
 * | slots     | `slotCount × slotBytes`                       | shared: coordinator, workers, writer   |
 * | workers   | `threads × workerBytes`                       | each parse worker's WebAssembly memory |
 * | load      | `loadBytes`: what is left                     | writer: key hashes, spools, sorting    |
 *
 * Nothing here grows with the size of the input.
 */
import {
  keyMapBytesMin,
  MillraceError,
  type NodeTable,
  pageBytes,
  relBatchBytesMax,
  unitMemoryFor,
} from '@millrace/core/internal'
import {
  blockBytesDefault,
  blockBytesMin,
  lanesBytesMax,
  loadBytesMin,
  relBlockBytesDefault,
} from '../limits.js'

export interface MemoryPlan {
  /** Parse workers: at most as many as were asked for. */
  readonly threads: number
  readonly blockBytes: number
  readonly rowsMax: number
  readonly slotBytes: number
  readonly slotCount: number
  readonly workerBytes: number
  /** Bytes of a worker's memory that the map of one endpoint's keys may take. */
  readonly keyBytes: number
  readonly loadBytes: number
}

export interface MemoryPlanRequest {
  /** Bytes for everything below. */
  readonly budgetBytes: number
  readonly threads: number
  /** As asked for, or null to choose. */
  readonly blockSize: number | null
  readonly batchSize: number
  readonly maxRowBytes: number
  /** Columns that are parsed, and those of the table that are absent. */
  readonly columnCount: number
  readonly target: NodeTarget | RelTarget
}

export interface NodeTarget {
  readonly kind: 'node'
}

export interface RelTarget {
  readonly kind: 'rel'
  /** The node tables at its ends: one or two. */
  readonly endpoints: readonly NodeTable[]
  /** True when a property is a string. */
  readonly strings: boolean
  /** Bytes of memory for building a unit. */
  readonly unitBytes: number
}

const mebibyte = 1 << 20

/** Bytes of a map of keys in a worker, one for each endpoint's table. */
const keyBytesMax = 24 * mebibyte

/** Bytes a worker needs for each row whose endpoints it looks up in a map or an index. */
const lookUpRowBytes = 80

/** Bytes for decoding what keys are compared with. */
const lookUpBytes = 4 * mebibyte

/** The parser's structural index, and what memories take for growing in steps. */
const parserBytes = 2 * mebibyte

/** Bytes a field and its delimiter are taken to have at least, when the rows of a block are estimated. */
const recordColumnBytesMin = 2

/** Rows a batch may have however small the blocks are. */
const rowsOfBlockMin = 1024

/** Slots in excess of the workers': one being written, one waiting its turn. */
const spareSlots = 2

/** Part of the budget that is the load's at least. Both sides of relationships pass through it. */
const loadShares = { node: 1 / 4, rel: 1 / 2 }

/** Part of the import's budget that is for building a unit of relationships. */
const unitShare = 1 / 12

/** Part of a unit's memory that its pages, and what the other side gets of it, take in a slot. */
const unitSlotShare = 1 / 4

/** Part of the budget that workers take, if they need it, to build units. */
const buildersShare = 0.35

/**
 * Bytes of memory for building a unit: of the import's budget alone, so that files do not depend on threads.
 */
export function unitBytesFor(importBytes: number): number {
  return Math.floor(importBytes * unitShare)
}

/** What a table's encoder needs. */
interface EncoderPlan {
  readonly slotBytes: number
  /** Of the worker's memory, besides the parser's lanes. */
  readonly bytes: number
  readonly keyBytes: number
}

/** Bytes of a slot that takes what a block of text becomes. Every column may end in a partly filled page. */
function slotBytesFor(inputBytes: number, columnCount: number): number {
  return inputBytes * 1.25 + columnCount * 2 * pageBytes + 16 * pageBytes
}

function planNodes(inputBytes: number, rowsMax: number, request: MemoryPlanRequest): EncoderPlan {
  const slotBytes = wholePages(slotBytesFor(inputBytes, request.columnCount))
  return { slotBytes, bytes: slotBytes + rowsMax * 24 + 4 * mebibyte, keyBytes: 0 }
}

function planRels(
  inputBytes: number,
  rowsMax: number,
  request: MemoryPlanRequest,
  { endpoints, strings, unitBytes }: RelTarget,
): EncoderPlan {
  const { columnCount, budgetBytes, threads } = request
  const numbersMax = relBatchBytesMax(rowsMax, columnCount - 2)
  const text = slotBytesFor(inputBytes, columnCount)
  const batchBytes = strings ? text : Math.min(text, numbersMax)
  const slotBytes = wholePages(Math.max(batchBytes, unitBytes * unitSlotShare))
  const share = Math.min(keyBytesMax, Math.floor(budgetBytes / (8 * threads)))
  const maps = endpoints.map(keyMapBytesMin)
  const mapped = maps.filter((bytes) => bytes > 0 && bytes <= share).length
  const lookUp = maps.some((bytes) => bytes > 0) ? lookUpBytes + rowsMax * lookUpRowBytes : 0
  // The chunks are made in the worker's memory, in an order of 4 bytes a row.
  const bytes = slotBytes + rowsMax * 4 + mebibyte + lookUp + mapped * share
  return { slotBytes, bytes, keyBytes: mapped > 0 ? share : 0 }
}

/** Bytes of a worker's memory for building units; less than they need where there are many threads. */
function buildingBytes({ target, budgetBytes, threads }: MemoryPlanRequest): number {
  if (target.kind === 'node') return 0
  return Math.min(unitMemoryFor(target.unitBytes), Math.floor((budgetBytes * buildersShare) / threads))
}

function wholePages(bytes: number): number {
  return Math.ceil(bytes / pageBytes) * pageBytes
}

function planWith(request: MemoryPlanRequest, blockBytes: number, rowsAsked: number): MemoryPlan {
  const { threads, columnCount, maxRowBytes, target } = request
  const inputBytes = blockBytes + maxRowBytes
  // A lane, its null byte, and for relationships the resolved endpoints.
  const bytesPerRow = 9 * columnCount + 16
  const lanesBytes = Math.min(lanesBytesMax, Math.max(inputBytes * 4, mebibyte))
  // A block of shorter records than these gives more than one batch.
  const rowsOfBlock = Math.max(rowsOfBlockMin, Math.floor(blockBytes / (recordColumnBytesMin * columnCount)))
  const rowsOfLanes = Math.max(1, Math.floor(lanesBytes / bytesPerRow))
  const rowsMax = Math.min(rowsAsked, rowsOfLanes, rowsOfBlock)
  const encoder =
    target.kind === 'node'
      ? planNodes(inputBytes, rowsMax, request)
      : planRels(inputBytes, rowsMax, request, target)
  const parsingBytes = inputBytes + parserBytes + rowsMax * bytesPerRow + encoder.bytes
  return {
    blockBytes,
    rowsMax,
    slotBytes: encoder.slotBytes,
    threads,
    slotCount: threads + spareSlots,
    workerBytes: Math.max(parsingBytes, buildingBytes(request)),
    keyBytes: encoder.keyBytes,
    loadBytes: 0,
  }
}

function bytesOf(plan: MemoryPlan): number {
  return plan.slotCount * plan.slotBytes + plan.threads * plan.workerBytes
}

/**
 * Divides the budget: takes as many of the threads asked for as there is memory for, the largest block
 * (unless one is given), then the largest batch, that leave the load its share.
 * @throws MillraceError `MILLRACE_MEMORY_BUDGET` when even one thread with the smallest of them does not fit
 */
export function planMemory(request: MemoryPlanRequest): MemoryPlan {
  for (let threads = request.threads; threads > 1; threads--) {
    const plan = planForThreads({ ...request, threads })
    if (plan.loadBytes >= loadBytesMin) return plan
  }
  const plan = planForThreads({ ...request, threads: 1 })
  if (plan.loadBytes >= loadBytesMin) return plan
  throw new MillraceError('MILLRACE_MEMORY_BUDGET', {
    purpose: `An import with blocks of ${plan.blockBytes} bytes and records of up to ${request.maxRowBytes} bytes`,
    needed: bytesOf(plan) + loadBytesMin,
    available: request.budgetBytes,
    budget: request.budgetBytes,
  })
}

/** The plan for exactly these threads. It fits when `loadBytes` is at least `loadBytesMin`. */
function planForThreads(request: MemoryPlanRequest): MemoryPlan {
  const { budgetBytes } = request
  const { kind } = request.target
  let blockBytes = request.blockSize ?? (kind === 'node' ? blockBytesDefault : relBlockBytesDefault)
  let rows = request.batchSize
  let plan = planWith(request, blockBytes, rows)
  const share = Math.max(loadBytesMin, Math.floor(budgetBytes * loadShares[kind]))
  const isTooLarge = () => bytesOf(plan) + share > budgetBytes
  while (request.blockSize === null && blockBytes > blockBytesMin && isTooLarge()) {
    blockBytes >>= 1
    plan = planWith(request, blockBytes, rows)
  }
  while (plan.rowsMax > rowsOfBlockMin && isTooLarge()) {
    rows = Math.ceil(plan.rowsMax / 2)
    plan = planWith(request, blockBytes, rows)
  }
  return { ...plan, loadBytes: budgetBytes - bytesOf(plan) }
}
