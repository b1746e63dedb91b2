/**
 * How one import divides its memory budget, before anything is allocated.
 *
 * | part      | bytes                                         | who holds it                           |
 * |-----------|-----------------------------------------------|----------------------------------------|
 * | slots     | `slotCount × slotBytes`                       | shared: coordinator, workers, writer   |
 * | workers   | `threads × workerBytes`                       | each parse worker's WebAssembly memory |
 * | keys      | `lookUps.sharedBytes`                         | shared: workers (`look-up-plan.ts`)    |
 * | load      | `loadBytes`: what is left                     | writer: key hashes, spools, sorting    |
 *
 * Nothing here grows with the size of the input.
 *
 * Invariants
 * - More memory never gives smaller blocks or fewer threads, and slots are added to, and texts gathered by
 *   the parser, only from what blocks and batches leave. Small blocks make small row groups, many of
 *   them, and much to remember: below `blockBytesEnough` threads are given up first. Blocks grow beyond it
 *   when there is memory for all threads.
 * - Every batch takes a page of each column, however few rows it has. In a table of more than 512 columns
 *   half of these pages are more than a block that is large enough otherwise: slots are given up, too, before
 *   blocks become smaller than that. Pages that are mostly empty make the file many times as large as the
 *   input.
 */
import { MillraceError, pageBytes } from '@millrace/core/internal'
import {
  batchRowsDefault,
  blockBytesDefault,
  blockBytesEnough,
  blockBytesMin,
  lanesBytesMax,
  loadBytesMin,
  lookAheadBytes,
  lookUpBatchRowsDefault,
  lookUpBlockBytesDefault,
  lookUpBlockBytesEnough,
  relBlockBytesDefault,
  relTextBlockBytesDefault,
  tasksOfWorker,
} from '../limits.js'
import { type LookUpPlan, noLookUps, planLookUps, withoutPacking } from './look-up-plan.js'
import type { MemoryPlanRequest, NodeTarget, RelTarget } from './memory-request.js'
import { rowBytesOf, type Sizes, type Wanted, workerMemoryFor } from './worker-memory.js'

export interface MemoryPlan {
  /** Parse workers: at most as many as were asked for. */
  readonly threads: number
  readonly blockBytes: number
  readonly rowsMax: number
  readonly slotBytes: number
  /** Of these, for refused records. */
  readonly refusedBytes: number
  readonly slotCount: number
  readonly workerBytes: number
  /** Of these, for texts that had escapes (`csv/plain-texts.ts`); 0: they stay in the input. */
  readonly textBytes: number
  /** How endpoints of relationships are found. */
  readonly lookUps: LookUpPlan
  readonly loadBytes: number
}

const mebibyte = 1 << 20

/** Bytes a field and its delimiter are taken to have at least, when the rows of a block are estimated. */
const recordColumnBytesMin = 2

/**
 * The same, where memory is short: blocks of shorter records then give more than one batch, and the block can
 * be larger.
 */
const recordColumnBytesUsual = 6

/** Rows a batch may have however small the blocks are. */
const rowsOfBlockMin = 1024

/** Slots in excess of the workers': one being written, one waiting its turn. */
const spareSlots = 2

/** The same where there is memory: those of the tasks that workers have besides the ones they are at. */
function spareSlotsMost(threads: number): number {
  return spareSlots + threads * (tasksOfWorker - 1)
}

/** Part of the budget that is the load's at least. Both sides of relationships pass through it. */
const loadShares = { node: 0.25, rel: 0.4 }

/** The same where a batch takes a pass over all keys: large batches are worth more than a spool in memory. */
const passesLoadShare = 0.125

/**
 * Bytes of the load beside a map of packed keys, at least: with fewer its spool falls into pieces so small
 * that this takes longer than finding the keys. A thread is given up first.
 */
const packedLoadBytesMin = 12 * mebibyte

/**
 * Part of the budget from which on a map crowds out the rest: blocks are small then, and the load takes no
 * more than its least. What is left over makes up for the memory in which the sample of the keys was read.
 */
const crowdedShare = 0.65

/** Records may be shorter than those at the beginning of the input by this much, before a batch is cut. */
const recordBytesShare = 0.9

/**
 * Bytes less than that for the load of relationships: the smallest budgets have more use for them elsewhere.
 */
const loadBytesLess = { node: 0, rel: 2 * mebibyte }

/** What is tried. */
interface PlanSizes extends Pick<Sizes, 'blockBytes' | 'rowsMax'> {
  /** Slots in excess of the workers'; `spareSlots` unless given. */
  readonly spare?: number
  /** 0 unless given. */
  readonly textBytes?: number
}

function withLookUps(request: MemoryPlanRequest, threads: number): Wanted {
  const { target, budgetBytes } = request
  const lookUps =
    target.kind === 'rel' ? planLookUps(target.endpoints, budgetBytes, threads, target.keyLooks) : noLookUps
  return { ...request, threads, lookUps }
}

/** Rows of a batch, when a field and its delimiter take so many bytes. */
function rowsFor(request: Wanted, blockBytes: number, columnBytes: number): number {
  const { lookUps, recordBytes, columnCount } = request
  // Where keys take much of the memory, a better estimate is worth the risk of cutting a batch.
  const isTight = lookUps.passes || lookUps.sharedBytes > 0
  const estimate = isTight && recordBytes !== null ? recordBytes * recordBytesShare : 0
  const bytes = Math.max(estimate, columnBytes * columnCount)
  const rowsOfBlock = Math.max(rowsOfBlockMin, Math.floor(blockBytes / bytes))
  return Math.min(batchRowsOf(request), rowsOfLanes(request, blockBytes), rowsOfBlock)
}

/** Rows whose lanes take no more than a few times the block. */
function rowsOfLanes(request: Wanted, blockBytes: number): number {
  const lanesBytes = Math.min(lanesBytesMax, Math.max(blockBytes * 4, mebibyte))
  return Math.max(1, Math.floor(lanesBytes / rowBytesOf(request)))
}

function batchRowsOf({ batchSize, lookUps }: Wanted): number {
  return batchSize ?? (lookUps.passes ? lookUpBatchRowsDefault : batchRowsDefault)
}

function planWith(
  request: Wanted,
  { blockBytes, rowsMax, spare = spareSlots, textBytes = 0 }: PlanSizes,
): MemoryPlan {
  const { threads, budgetBytes, lookUps } = request
  const { slotBytes, refusedBytes, workerBytes } = workerMemoryFor(request, {
    blockBytes,
    rowsMax,
    textBytes,
  })
  // Long batches come slowly: none waits.
  const slotCount = threads + (lookUps.passes ? Math.min(1, spare) : spare)
  const left = budgetBytes - slotCount * slotBytes - threads * workerBytes - lookUps.sharedBytes
  const loadBytes = isCrowded(request)
    ? Math.min(left, Math.max(packedLoadBytesMin, enoughLoadBytes(request)))
    : left
  const slots = { slotBytes, refusedBytes, slotCount }
  return { blockBytes, rowsMax, ...slots, threads, workerBytes, textBytes, lookUps, loadBytes }
}

/**
 * Divides the budget: takes as many of the threads asked for as there is memory for with blocks that are
 * large enough, then the largest block (unless one is given), then the largest batch, that leave the load its
 * share. Where a map of packed keys leaves too little for any of that there is none.
 * @throws MillraceError `MILLRACE_MEMORY_BUDGET` when even one thread with the smallest of them does not fit
 */
export function planMemory(request: MemoryPlanRequest): MemoryPlan {
  const { blockSize, budgetBytes, maxRowBytes, target } = request
  const plan = planFor(request)
  if (plan !== null) return plan
  const plain =
    target.kind === 'rel'
      ? { ...request, target: { ...target, keyLooks: withoutPacking(target.keyLooks) } }
      : request
  const unpacked = planFor(plain)
  if (unpacked !== null) return unpacked
  const alone = withLookUps(plain, 1)
  const blockBytesLeast = blockSize ?? blockBytesMin
  const least = planWith(alone, leastSizes(alone, blockBytesLeast))
  throw new MillraceError('MILLRACE_MEMORY_BUDGET', {
    purpose: `An import with blocks of ${blockBytesLeast} bytes and records of up to ${maxRowBytes} bytes`,
    needed: budgetBytes - least.loadBytes + loadBytesMin,
    available: budgetBytes,
    budget: budgetBytes,
  })
}

/** The plan for a request; null when nothing fits. */
function planFor(request: MemoryPlanRequest): MemoryPlan | null {
  const { threads: threadsMost, blockSize, blockBytesMax } = request
  const wanted = withLookUps(request, threadsMost)
  const blockBytesMost = blockSize ?? Math.min(blockBytesMax, blockBytesFor(wanted))
  const blockBytesLeast = blockSize ?? blockBytesMin
  const blockBytesWanted = Math.min(blockBytesMost, Math.max(blockBytesLeast, enoughFor(wanted)))
  for (let threads = threadsMost; threads >= 1; threads--) {
    const largest = threads === threadsMost ? blockBytesMost : blockBytesWanted
    const smallest = threads > 1 || isWide(wanted) ? blockBytesWanted : blockBytesLeast
    const plan = planForThreads(withLookUps(request, threads), largest, smallest)
    if (plan !== null) return plan
  }
  return leastPlan(withLookUps(request, 1), blockBytesLeast, blockBytesWanted)
}

/** Bytes of a block below which threads are given up first. */
function enoughFor({ columnCount, lookUps }: Wanted): number {
  return lookUps.passes ? lookUpBlockBytesEnough : Math.max(blockBytesEnough, halfOfPages(columnCount))
}

/** Half of the bytes in a page of each column. */
function halfOfPages(columnCount: number): number {
  return (columnCount * pageBytes) / 2
}

function isWide({ columnCount }: Wanted): boolean {
  return halfOfPages(columnCount) > blockBytesEnough
}

function isCrowded({ lookUps, budgetBytes }: Wanted): boolean {
  return lookUps.sharedBytes > budgetBytes * crowdedShare
}

function blockBytesFor(request: Wanted): number {
  const { target, lookUps } = request
  if (lookUps.passes) return lookUpBlockBytesDefault
  if (isCrowded(request)) return blockBytesEnough
  return Math.min(usualBlockBytes(target), oneBatchBytes(request))
}

function usualBlockBytes(target: NodeTarget | RelTarget): number {
  if (target.kind === 'node') return blockBytesDefault
  return target.strings ? relTextBlockBytesDefault : relBlockBytesDefault
}

/**
 * Bytes of a block that is one batch. One that is cut into two is read and scanned twice in part, and its
 * batches wait for each other.
 */
function oneBatchBytes(request: Wanted): number {
  const { recordBytes } = request
  if (recordBytes === null) return Number.POSITIVE_INFINITY
  const bytes = Math.floor(recordBytes * batchRowsOf(request) * recordBytesShare)
  return Math.max(blockBytesEnough, bytes)
}

/** Bytes of a load that is not slow for want of memory: more than the least it goes on with. */
function enoughLoadBytes({ target }: MemoryPlanRequest): number {
  return target.kind === 'node' ? loadBytesMin : Math.max(loadBytesMin, target.loadBytesMin)
}

/** Bytes that are left to the load at least, where anything else can be less. */
function loadShareOf(request: Wanted): number {
  const { budgetBytes, target, lookUps } = request
  const part = lookUps.passes ? passesLoadShare : loadShares[target.kind]
  const share = Math.floor((budgetBytes - lookUps.sharedBytes) * part) - loadBytesLess[target.kind]
  const isPacked = lookUps.shared.some(({ kind }) => kind === 'packed')
  return Math.max(isPacked ? packedLoadBytesMin : 0, enoughLoadBytes(request), share)
}

/** A block of at most `blockBytes`, so that the input is as many for each thread. */
function evenBlock(blockBytes: number, { inputBytes, threads, lookUps, blockSize }: Wanted): number {
  if (!lookUps.passes || blockSize !== null || inputBytes === null) return blockBytes
  const blocks = Math.ceil(inputBytes / blockBytes / threads) * threads
  return Math.min(blockBytes, Math.max(blockBytesEnough, Math.ceil(inputBytes / blocks)))
}

/** The plan for exactly these threads with the largest block of a range; null when there is none. */
function planForThreads(request: Wanted, largest: number, smallest: number): MemoryPlan | null {
  const share = loadShareOf(request)
  const plan = withLargestBlock(request, largest, smallest, share, (blockBytes) => {
    return { blockBytes, rowsMax: rowsFor(request, blockBytes, recordColumnBytesUsual) }
  })
  if (plan === null) return null
  const even = { ...plan, blockBytes: evenBlock(plan.blockBytes, request) }
  const withTexts = withTextBytes(request, withMostRows(request, even, share), share)
  return withMostSlots(request, withTexts, share)
}

/**
 * The plan with the largest block from `most` down to `least` that leaves the load `share`; null: with none.
 */
function withLargestBlock(
  request: Wanted,
  most: number,
  least: number,
  share: number,
  sizesOf: (blockBytes: number) => PlanSizes,
): MemoryPlan | null {
  const next = (bytes: number) =>
    request.lookUps.passes && bytes > 2 * mebibyte ? bytes - mebibyte : bytes >> 1
  for (let blockBytes = most; ; blockBytes = Math.max(least, next(blockBytes))) {
    const plan = planWith(request, sizesOf(blockBytes))
    if (plan.loadBytes >= share) return plan
    if (blockBytes <= least) return null
  }
}

/** The least that a load goes on with, with blocks of so many bytes. */
function leastSizes(request: Wanted, blockBytes: number): PlanSizes & { readonly spare: number } {
  const rowsMax = Math.min(batchRowsOf(request), rowsOfBlockMin, rowsOfLanes(request, blockBytes))
  return { blockBytes, rowsMax, spare: isWide(request) ? 0 : spareSlots }
}

/**
 * The plan that goes on with the least, for one thread; null when there is no memory for it either. For a
 * wide table slots are given up, one after the other, until the block is as large as is wanted: threads wait
 * for each other then.
 */
function leastPlan(request: Wanted, blockBytesLeast: number, blockBytesWanted: number): MemoryPlan | null {
  if (!isWide(request)) {
    const least = planWith(request, leastSizes(request, blockBytesLeast))
    return least.loadBytes < loadBytesMin ? null : least
  }
  let best: MemoryPlan | null = null
  for (let spare = spareSlots; spare >= 0; spare--) {
    const plan = withLargestBlock(request, blockBytesWanted, blockBytesLeast, loadBytesMin, (blockBytes) => {
      return { ...leastSizes(request, blockBytes), spare }
    })
    if (plan !== null && plan.blockBytes > (best?.blockBytes ?? 0)) best = plan
    if (best?.blockBytes === blockBytesWanted) break
  }
  return best
}

/** `plan` with as many rows of a batch as can be without taking the load's share; they never become fewer. */
function withMostRows(request: Wanted, plan: MemoryPlan, share: number): MemoryPlan {
  const { blockBytes } = plan
  let low = plan.rowsMax
  let high = rowsFor(request, blockBytes, recordColumnBytesMin)
  while (low < high) {
    const rowsMax = Math.ceil((low + high) / 2)
    if (planWith(request, { blockBytes, rowsMax }).loadBytes >= share) low = rowsMax
    else high = rowsMax - 1
  }
  return planWith(request, { blockBytes, rowsMax: low })
}

/** `plan` with a region for as much text as a block has, if that can be without taking the load's share. */
function withTextBytes(request: Wanted, plan: MemoryPlan, share: number): MemoryPlan {
  const { target } = request
  if (target.kind !== 'node' || !target.strings) return plan
  const more = planWith(request, { ...plan, textBytes: plan.blockBytes + lookAheadBytes })
  return more.loadBytes >= share ? more : plan
}

/** `plan` with as many slots, up to those of all tasks, as can be without taking the load's share. */
function withMostSlots(request: Wanted, plan: MemoryPlan, share: number): MemoryPlan {
  for (let spare = spareSlotsMost(plan.threads); spare > spareSlots; spare--) {
    const more = planWith(request, { ...plan, spare })
    if (more.loadBytes >= share) return more
  }
  return plan
}
