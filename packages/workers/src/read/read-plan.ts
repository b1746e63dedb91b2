/**
 * How the memory of a reader is divided: slots for batches, and a WebAssembly memory for each parse worker.
 * Nothing grows with the size of the input.
 */
import { MillraceError } from '@millrace/core/base'
import { laneWidth } from '../batch/index.js'
import { heapBytesFor, type ParseColumn } from '../csv/index.js'
import {
  blockBytesMin,
  lanesBytesMax,
  lookAheadBytes,
  readBatchRowsDefault,
  readBlockBytesDefault,
  tasksOfWorker,
} from '../limits.js'

export interface ReadPlan {
  readonly threads: number
  readonly blockBytes: number
  readonly rowsMax: number
  readonly slotBytes: number
  readonly slotCount: number
  readonly workerBytes: number
}

export interface ReadPlanRequest {
  readonly budgetBytes: number
  readonly threads: number
  readonly blockSize: number | null
  readonly batchSize: number | null
  readonly maxRowBytes: number
  /** Bytes of a record on average, as far as is known. */
  readonly recordBytes: number | null
  readonly columns: readonly ParseColumn[]
}

const mebibyte = 1 << 20
/** The parser's structural index, and what memories take for growing in steps. */
const parserBytes = 3 * mebibyte
/** Slots in excess of those of the workers' tasks: one being copied, or waiting its turn. */
const spareSlots = 1
/** Rows that a batch may have however large the records seem to be. */
const rowsLeast = 1024
/** Records may be shorter than those at the beginning by this much, before a block becomes two batches. */
const recordBytesShare = 0.8
/** A field and its delimiter, where nothing is known. */
const fieldBytes = 4

function planFor(request: ReadPlanRequest, blockBytes: number): ReadPlan & { readonly bytes: number } {
  const { threads, columns, maxRowBytes, recordBytes, batchSize } = request
  const count = Math.max(1, columns.length)
  const record = (recordBytes ?? count * fieldBytes) * recordBytesShare
  const rowsOfLanes = Math.floor(lanesBytesMax / (count * 9))
  const rowsWanted = Math.min(
    batchSize ?? readBatchRowsDefault,
    Math.max(rowsLeast, Math.ceil(blockBytes / record)),
  )
  const rowsMax = Math.max(1, Math.min(rowsWanted, rowsOfLanes))
  const inputBytes = blockBytes + lookAheadBytes
  const hasText = columns.some(({ type }) => laneWidth(type) === 0)
  const rowBytes = columns.reduce((sum, { type }) => sum + (laneWidth(type) || 4) + 1 / 8, 0)
  const textBytes = hasText ? Math.max(inputBytes, maxRowBytes) : 0
  const slotBytes = Math.ceil((rowsMax * rowBytes + textBytes + count * 32) / 8) * 8
  const slotCount = threads * tasksOfWorker + spareSlots
  const ofBlock = inputBytes * (hasText ? 2 : 1) + rowsMax * (9 * count + 5)
  const ofLongRecord = (maxRowBytes + lookAheadBytes) * (hasText ? 2 : 1)
  const heap = heapBytesFor(columns.map(({ type }) => type))
  const workerBytes = parserBytes + Math.max(ofBlock, ofLongRecord) + heap.shared + rowsMax * heap.ofRow
  const bytes = slotCount * slotBytes + threads * workerBytes
  return { threads, blockBytes, rowsMax, slotBytes, slotCount, workerBytes, bytes }
}

/**
 * The largest blocks that fit into the budget, with fewer threads only where the smallest do not.
 * @throws MillraceError `MILLRACE_MEMORY_BUDGET`
 */
export function planReading(request: ReadPlanRequest): ReadPlan {
  const { blockSize, budgetBytes, threads } = request
  const largest = blockSize ?? readBlockBytesDefault
  const smallest = blockSize ?? blockBytesMin
  for (let count = threads; count >= 1; count--) {
    for (let blockBytes = largest; blockBytes >= smallest; blockBytes = Math.floor(blockBytes / 2)) {
      const plan = planFor({ ...request, threads: count }, blockBytes)
      if (plan.bytes <= budgetBytes) return plan
      if (blockBytes === smallest) break
    }
  }
  const { bytes } = planFor({ ...request, threads: 1 }, smallest)
  throw new MillraceError('MILLRACE_MEMORY_BUDGET', {
    purpose: `Reading CSV with blocks of ${smallest} bytes`,
    needed: bytes,
    available: budgetBytes,
    budget: budgetBytes,
  })
}
