/**
 * How one import divides its memory budget, before anything is allocated.
 *
 * | part      | bytes                                         | who holds it                          |
 * |-----------|-----------------------------------------------|---------------------------------------|
 * | slots     | `slotCount × slotBytes`                       | shared: coordinator, workers, writer  |
 * | workers   | `threads × workerBytes`                       | each parse worker's WebAssembly memory |
 * | load      | `loadBytes`: what is left                     | writer: key hashes, spools, sorting   |
 *
 * Nothing here grows with the size of the input.
 */
import { MillraceError, pageBytes } from '@millrace/core/internal'
import { blockBytesDefault, blockBytesMin, lanesBytesMax, loadBytesMin } from '../limits.js'

export interface MemoryPlan {
  readonly blockBytes: number
  readonly rowsMax: number
  readonly slotBytes: number
  readonly slotCount: number
  readonly workerBytes: number
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
  readonly columnCount: number
  readonly kind: 'node' | 'rel'
}

const mebibyte = 1 << 20

/** Bytes of a map of keys in a worker, one for each endpoint's table. */
const keyBytesMax = 24 * mebibyte

/** Bytes a worker needs for each row whose endpoints it looks up. */
const resolveRowBytes = 80

/** Bytes a field and its delimiter are taken to have at least, when the rows of a block are estimated. */
const recordColumnBytesMin = 2

/** Rows a batch may have however small the blocks are. */
const rowsOfBlockMin = 1024

/** Slots in excess of the workers': one being written, one waiting its turn. */
const spareSlots = 2

function planWith(request: MemoryPlanRequest, blockBytes: number, rowsAsked: number): MemoryPlan {
  const { threads, columnCount, maxRowBytes } = request
  const inputBytes = blockBytes + maxRowBytes
  // A lane, its null byte, and for relationships the resolved endpoints.
  const bytesPerRow = 9 * columnCount + 16
  const lanesBytes = Math.min(lanesBytesMax, Math.max(inputBytes * 4, mebibyte))
  // A block of shorter records than these gives more than one batch.
  const rowsOfBlock = Math.max(rowsOfBlockMin, Math.floor(blockBytes / (recordColumnBytesMin * columnCount)))
  const rowsOfLanes = Math.max(1, Math.floor(lanesBytes / bytesPerRow))
  const rowsMax = Math.min(rowsAsked, rowsOfLanes, rowsOfBlock)
  // Every column may end in a partly filled page and have a checksum page.
  const slotPages = Math.ceil((inputBytes * 1.25 + columnCount * 2 * pageBytes + 16 * pageBytes) / pageBytes)
  const slotBytes = slotPages * pageBytes
  const encodeBytes = slotBytes + rowsMax * 24 + 4 * mebibyte
  const isRel = request.kind === 'rel'
  const keyBytes = isRel ? Math.min(keyBytesMax, Math.floor(request.budgetBytes / (16 * threads))) : 0
  const resolveBytes = isRel ? 2 * keyBytes + rowsMax * resolveRowBytes + mebibyte : 0
  return {
    blockBytes,
    rowsMax,
    slotBytes,
    slotCount: threads + spareSlots,
    workerBytes: inputBytes + 2 * mebibyte + rowsMax * bytesPerRow + encodeBytes + resolveBytes,
    keyBytes,
    loadBytes: 0,
  }
}

function bytesOf(plan: MemoryPlan, threads: number): number {
  return plan.slotCount * plan.slotBytes + threads * plan.workerBytes
}

/**
 * Divides the budget. Takes the largest block (unless one is given), then the largest batch, that leave the
 * load its share.
 * @throws MillraceError `MILLRACE_MEMORY_BUDGET` when even the smallest do not fit
 */
export function planMemory(request: MemoryPlanRequest): MemoryPlan {
  const { budgetBytes, threads } = request
  let blockBytes = request.blockSize ?? blockBytesDefault
  let rows = request.batchSize
  let plan = planWith(request, blockBytes, rows)
  const share = Math.max(loadBytesMin, Math.floor(budgetBytes / 4))
  const isTooLarge = () => bytesOf(plan, threads) + share > budgetBytes
  while (request.blockSize === null && blockBytes > blockBytesMin && isTooLarge()) {
    blockBytes >>= 1
    plan = planWith(request, blockBytes, rows)
  }
  while (plan.rowsMax > rowsOfBlockMin && isTooLarge()) {
    rows = Math.ceil(plan.rowsMax / 2)
    plan = planWith(request, blockBytes, rows)
  }
  const loadBytes = budgetBytes - bytesOf(plan, threads)
  if (loadBytes < loadBytesMin) {
    throw new MillraceError('MILLRACE_MEMORY_BUDGET', {
      purpose: `An import with ${threads} threads, blocks of ${blockBytes} bytes and records of up to ${request.maxRowBytes} bytes`,
      needed: bytesOf(plan, threads) + loadBytesMin,
      available: budgetBytes,
      budget: budgetBytes,
    })
  }
  return { ...plan, loadBytes }
}
