/**
 * Plans the memory of one import: puts together what a plan is asked for, and makes it, of no more threads
 * than the input has use for.
 */
import type { Catalog, MemoryBudget, Table } from '@millrace/core/internal'
import { isReadOneByOne } from '../csv/index.js'
import { threadInputBytes } from '../limits.js'
import type { WriterClient } from '../threads/index.js'
import { targetOf } from './load-target.js'
import { type MemoryPlan, planMemory } from './memory-plan.js'
import type { MemoryPlanRequest } from './memory-request.js'
import type { ResolvedOptions } from './options.js'
import { SampledKeys } from './sampled-keys.js'
import { ringBytesFor } from './stream-input.js'

/** What is known of an input before it is loaded. */
export type PlannedInput = Pick<MemoryPlanRequest, 'recordBytes' | 'inputBytes'>

/** The part of the budget that the ring of a stream, and what it is made for, may take. */
const ringPlanShare = 0.75

export class Planner {
  readonly #catalog: Catalog
  readonly #table: Table
  readonly #options: ResolvedOptions
  readonly #keys: SampledKeys
  /** What the ring of a stream has room for. */
  #blockBytesMax = Number.POSITIVE_INFINITY

  constructor(
    { catalog, writer }: { readonly catalog: Catalog; readonly writer: WriterClient },
    table: Table,
    options: ResolvedOptions,
  ) {
    this.#catalog = catalog
    this.#table = table
    this.#options = options
    // What is read then is given up before anything else is taken.
    const budgetBytes = options.memoryBudget
    this.#keys = new SampledKeys((request) => writer.call('lookAtKeys', { ...request, budgetBytes }))
  }

  /** What streams and packed files go through; made before the columns are known. */
  async makeRing(budget: MemoryBudget): Promise<SharedArrayBuffer> {
    const { maxRowBytes, threads } = this.#options
    const columnCount = this.#table.columns.length + 2
    const unknown = { recordBytes: null, inputBytes: null }
    const plan = await this.#plan(columnCount, Math.floor(budget.bytesMax * ringPlanShare), unknown, threads)
    this.#blockBytesMax = plan.blockBytes
    // Every block under way, and the longest record behind the last, are in it.
    const ringBytes = ringBytesFor(plan.slotCount + 2, plan.blockBytes, maxRowBytes)
    budget.reserve(ringBytes, 'the ring of a stream')
    return new SharedArrayBuffer(ringBytes)
  }

  /**
   * The plan for an input, with no more threads than are worth their start; blocks of a size that was asked
   * for have a thread each, and so have all where values are read one by one.
   * @throws MillraceError `MILLRACE_MEMORY_BUDGET`
   */
  async planFor(columnCount: number, budgetBytes: number, input: PlannedInput): Promise<MemoryPlan> {
    const plan = await this.#plan(columnCount, budgetBytes, input, this.#options.threads)
    const inputBytes = input.inputBytes ?? Number.POSITIVE_INFINITY
    const threads = Math.ceil(inputBytes / this.bytesOfThread(plan))
    if (threads >= plan.threads) return plan
    return await this.#plan(columnCount, budgetBytes, input, Math.max(1, threads))
  }

  /** Bytes of an input for which a thread is worth its start. */
  bytesOfThread({ blockBytes }: MemoryPlan): number {
    const isSlow = this.#table.columns.some(({ type }) => isReadOneByOne(type))
    if (isSlow || this.#options.blockSize !== null) return blockBytes
    return Math.max(blockBytes, threadInputBytes)
  }

  #plan(columnCount: number, budgetBytes: number, input: PlannedInput, threads: number): Promise<MemoryPlan> {
    const { blockSize, batchSize, maxRowBytes, memoryBudget } = this.#options
    return this.#keys.planned((looks) =>
      planMemory({
        ...input,
        budgetBytes,
        threads,
        blockSize,
        blockBytesMax: this.#blockBytesMax,
        batchSize,
        maxRowBytes,
        columnCount,
        writesRefused: this.#options.rejects !== null,
        ...targetOf(this.#catalog, this.#table, memoryBudget, looks),
      }),
    )
  }
}
