/**
 * What a merge works with: the pages of the store, one memory to read old segments, and another to build new
 * ones, so that building never takes away what is being read.
 *
 * Runs on the writer thread.
 */
import type { SegmentDescriptor, Vector } from '../../column/index.js'
import type { PageStore } from '../../index/index.js'
import { mergedHeapBytesMax } from '../../limits.js'
import { Arena, MemoryBudget } from '../../memory/index.js'
import { PageLedger } from '../page-ledger.js'
import { SegmentSource } from '../segment-source.js'
import { SegmentWriter } from '../segment-writer.js'
import { createWorkingMemory, type WorkingMemory } from '../working-memory.js'
import { columnOfVector } from './column-of-vector.js'

/** An arena's address space; what it may really use is the budget's to say. */
const arenaBytesMax = 2 ** 31

/** Bytes of decoded segments that are kept, as a share of the budget. */
const cacheShare = 0.1

/** Bytes of one column's strings, which are in memory several times while they are encoded. */
const heapShare = 0.08

export class MergeContext {
  readonly store: PageStore
  readonly budget: MemoryBudget
  /** Pages that the merge has taken. */
  readonly ledger: PageLedger
  /** Reads segments. */
  readonly source: SegmentSource
  /** Builds them. */
  readonly memory: WorkingMemory
  /** Bytes of the strings of a column that are written at once, where there are several rows of them. */
  readonly heapBytesMax: number
  readonly #segments: SegmentWriter

  constructor(store: PageStore, budgetBytes: number) {
    this.store = store
    this.budget = new MemoryBudget(budgetBytes)
    this.ledger = new PageLedger(store)
    this.heapBytesMax = Math.min(mergedHeapBytesMax, Math.floor(budgetBytes * heapShare))
    const reading = createWorkingMemory(new Arena(this.budget, arenaBytesMax))
    this.source = new SegmentSource(store.reader, reading, this.budget, Math.floor(budgetBytes * cacheShare))
    this.memory = createWorkingMemory(new Arena(this.budget, arenaBytesMax))
    this.#segments = new SegmentWriter(this.memory, this.ledger, this.budget)
  }

  /** Writes a vector as a segment. */
  write(vector: Vector): SegmentDescriptor {
    const { arena } = this.memory
    const mark = arena.mark()
    try {
      return this.#segments.write(columnOfVector(arena, vector))
    } finally {
      arena.release(mark)
    }
  }

  /** Gives the memory back; what was written stays. */
  close(): void {
    this.#segments.close()
    this.source.close()
    this.budget.release(this.memory.arena.sizeBytes)
  }
}
