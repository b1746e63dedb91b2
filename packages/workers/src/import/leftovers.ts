/**
 * What imports leave behind on the caller's thread, and what the next one makes of it.
 *
 * SharedArrayBuffers are freed when their wrappers are collected on every thread that has seen them, which V8
 * has no reason to hurry with. So slots are taken again, and the rest is collected before the next import.
 */
import { getHeapStatistics } from 'node:v8'
import type { MemoryBudget } from '@millrace/core/internal'
import { SlotPool } from '../batch/index.js'
import { bytesWorthCollecting, collectGarbage } from '../threads/index.js'
import type { MemoryPlan } from './memory-plan.js'

/** What an import leaves for the next one into the same database. */
export interface KeptMemory {
  /** Memory of the batch slots. */
  slots: SharedArrayBuffer | undefined
}

/** Bytes of imports since this thread's garbage was last collected for one. */
let bytesImported = 0

/** Bytes of a heap that takes longer to collect than what an import left is worth. */
const heapBytesMax = 64 << 20

/** To be told of every import that ends, however it does. */
export function noteImported(bytes: number): void {
  bytesImported += bytes
}

/**
 * Gives back what earlier imports have left. The heap is the caller's: it is left alone when it is large.
 */
export function collectLeftovers(): void {
  if (bytesImported < bytesWorthCollecting) return
  bytesImported = 0
  if (getHeapStatistics().used_heap_size <= heapBytesMax) collectGarbage()
}

/**
 * The slots of an import. They are kept for the next one by whoever sees it succeed: when it fails, a worker
 * that has not heard of it may still be at its slot.
 */
export function takeSlots(plan: MemoryPlan, budget: MemoryBudget, kept: KeptMemory): SlotPool {
  const slots = new SlotPool(plan.slotCount, plan.slotBytes, budget, kept.slots)
  kept.slots = undefined
  return slots
}
