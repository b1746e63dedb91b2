/**
 * One import from beginning to end: options, inputs, binding, memory, pipeline, commit or rollback, result.
 * Runs on the caller's thread.
 */
import { existsSync } from 'node:fs'
import {
  type Catalog,
  isMillraceError,
  MemoryBudget,
  type NodeTable,
  physicalTypeOf,
  requireTable,
  requireTableById,
  type Table,
} from '@millrace/core/internal'
import { type EncodeSpec, SlotPool } from '../batch/index.js'
import { errorsKeptMax } from '../limits.js'
import type { BuildTask, CommitReply, ParseJob, ParsePool, WriterClient } from '../threads/index.js'
import { bindColumns, type ColumnBinding } from './binding.js'
import { buildSides } from './build-sides.js'
import { Coordinator } from './coordinator.js'
import { errorOfDuplicate } from './duplicate.js'
import { ErrorLog } from './error-log.js'
import { FileInput, StreamInput } from './input.js'
import { Ledger } from './ledger.js'
import { type MemoryPlan, type NodeTarget, planMemory, type RelTarget, unitBytesFor } from './memory-plan.js'
import { type OpenedInput, openFiles, readHeader, sizeOfFiles } from './open-inputs.js'
import { type CopyOptions, type ResolvedOptions, resolveOptions } from './options.js'
import { ProgressReporter } from './progress.js'
import type { ImportResult } from './result.js'
import { type ImportSource, type ResolvedSource, resolveSource } from './source.js'
import { StoreReceiver } from './store-receiver.js'

/** What an import needs of its database. */
export interface ImportHost {
  readonly path: string
  readonly catalog: Catalog
  /** The encoded catalog, to share with parse workers. */
  catalogBytes(): SharedArrayBuffer
  readonly writer: WriterClient
  readonly bufferPool: SharedArrayBuffer
  parsePool(threads: number): Promise<ParsePool>
  oldestVersionInUse(): number
  /** Applies what the load has done to the caller's catalog. */
  apply(reply: CommitReply): void
  readonly threads: number
  /** Bytes for one import unless asked for otherwise. */
  readonly importBytes: number
}

let lastJobId = 0

/** Bytes a ring needs so that every block under way, and the longest record behind the last, are in it. */
function ringBytesOf(plan: MemoryPlan, maxRowBytes: number): number {
  return (plan.slotCount + 2) * plan.blockBytes + 2 * maxRowBytes + (1 << 16)
}

/** A running import; `run` is called once. */
export class Import {
  readonly #host: ImportHost
  readonly #table: Table
  readonly #options: ResolvedOptions
  readonly #startedAt = performance.now()
  readonly #open: OpenedInput[] = []
  readonly #signal: AbortSignal

  /** @throws MillraceError `MILLRACE_NO_TABLE`, `MILLRACE_ARGUMENT` */
  constructor(host: ImportHost, table: string, options: CopyOptions) {
    this.#host = host
    this.#table = requireTable(host.catalog, table)
    this.#options = resolveOptions(options, { threads: host.threads, memoryBudget: host.importBytes })
    this.#signal = this.#options.signal ?? new AbortController().signal
  }

  /**
   * Loads `source`. When it throws, the database is as it was before.
   * @throws MillraceError with the place of the first refused record, or of whatever else failed; the
   * signal's reason
   */
  async run(source: ImportSource): Promise<ImportResult> {
    this.#signal.throwIfAborted()
    const resolved = await resolveSource(source, existsSync)
    const bytesTotal = resolved.kind === 'files' ? sizeOfFiles(resolved.paths) : undefined
    try {
      return await this.#load(resolved, bytesTotal)
    } finally {
      for (const { input } of this.#open) input.close()
    }
  }

  async #load(source: ResolvedSource, bytesTotal: number | undefined): Promise<ImportResult> {
    const budget = new MemoryBudget(this.#options.memoryBudget)
    const first = await this.#openFirst(source, budget)
    this.#open.push(first)
    const binding = bindColumns(this.#host.catalog, this.#table, first.shape, this.#options)
    const plan = this.#plan(binding, budget.availableBytes)
    const slots = new SlotPool(plan.slotCount, plan.slotBytes, budget)
    const errors = new ErrorLog({
      ignoreErrors: this.#options.ignoreErrors,
      maxErrors: this.#options.maxErrors,
      keptMax: errorsKeptMax,
    })
    const ledger = new Ledger()
    const receiver = new StoreReceiver(this.#host.writer)
    const pool = await this.#host.parsePool(plan.threads)
    const started = await this.#host.writer.call('beginLoad', {
      table: this.#table.name,
      slots: slots.shared,
      slotBytes: slots.slotBytes,
      budgetBytes: plan.loadBytes,
      unitBytes: unitBytesFor(this.#options.memoryBudget),
    })
    const job = this.#job(binding, plan, slots, started.partitioning)
    const report = this.#options.onProgress
    const progress = report === null ? null : new ProgressReporter(report, bytesTotal)
    const coordinator = new Coordinator({
      inputs: (signal) => this.#inputs(first, source, signal),
      job,
      slots,
      runTask: (task) => pool.run(task),
      receiver,
      errors,
      ledger,
      onBatch: (rows, skipped, bytes) => progress?.add(rows, skipped, bytes),
      signal: this.#signal,
    })
    let finishMs: number
    let buildMs: number
    try {
      await coordinator.run()
      for (const { input } of this.#open) input.check()
      this.#signal.throwIfAborted()
      const finishingAt = performance.now()
      const runTask = (task: BuildTask) => pool.build(task)
      buildMs = await buildSides({ job, slots, runTask, writer: this.#host.writer, signal: this.#signal })
      this.#signal.throwIfAborted()
      await this.#commit()
      finishMs = performance.now() - finishingAt
    } catch (error) {
      await this.#rollBack()
      throw isMillraceError(error, 'MILLRACE_DUPLICATE_KEY')
        ? errorOfDuplicate(error, ledger, job, this.#table)
        : error
    }
    const { totals } = coordinator
    return {
      table: this.#table.name,
      rowsImported: totals.rows,
      rowsSkipped: totals.skipped,
      bytesProcessed: bytesTotal ?? first.dataStart + totals.bytes,
      errorCount: errors.count,
      errors: errors.kept,
      ignoredColumns: binding.ignored,
      elapsedMs: performance.now() - this.#startedAt,
      timings: {
        readMs: totals.readMs,
        parseMs: totals.parseMs,
        encodeMs: totals.encodeMs,
        appendMs: receiver.busyMs,
        buildMs,
        finishMs,
        waitForSlotsMs: slots.waitedMs,
        blocksReparsed: totals.blocksReparsed,
      },
    }
  }

  async #openFirst(source: ResolvedSource, budget: MemoryBudget): Promise<OpenedInput> {
    if (source.kind === 'files') {
      const input = new FileInput(source.paths[0] as string)
      try {
        return await readHeader(input, this.#options, this.#signal)
      } catch (error) {
        input.close()
        throw error
      }
    }
    // The ring is made before the columns are known: planned for as many as the table has.
    const plan = this.#planFor(this.#table.columns.length + 2, Math.floor(budget.bytesMax * 0.75))
    const ringBytes = ringBytesOf(plan, this.#options.maxRowBytes)
    budget.reserve(ringBytes, 'the ring of a stream')
    const input = new StreamInput(source.stream, new SharedArrayBuffer(ringBytes))
    try {
      return await readHeader(input, this.#options, this.#signal)
    } catch (error) {
      input.close()
      throw error
    }
  }

  async *#inputs(
    first: OpenedInput,
    source: ResolvedSource,
    signal: AbortSignal,
  ): AsyncGenerator<OpenedInput> {
    const rest = source.kind === 'files' ? source.paths.slice(1) : []
    for await (const opened of openFiles(first, rest, this.#options, signal)) {
      if (opened !== first) this.#open.push(opened)
      yield opened
    }
  }

  #planFor(columnCount: number, budgetBytes: number): MemoryPlan {
    return planMemory({
      budgetBytes,
      threads: this.#options.threads,
      blockSize: this.#options.blockSize,
      batchSize: this.#options.batchSize,
      maxRowBytes: this.#options.maxRowBytes,
      columnCount,
      target: this.#target(),
    })
  }

  #target(): NodeTarget | RelTarget {
    const table = this.#table
    if (table.kind === 'node') return { kind: 'node' }
    const { catalog } = this.#host
    const ids = new Set([table.fromTableId, table.toTableId])
    const endpoints = [...ids].map((id) => requireTableById(catalog, id) as NodeTable)
    const strings = table.columns.some(({ type }) => physicalTypeOf(type) === 'string')
    return { kind: 'rel', endpoints, strings, unitBytes: unitBytesFor(this.#options.memoryBudget) }
  }

  #plan(binding: ColumnBinding, budgetBytes: number): MemoryPlan {
    return this.#planFor(binding.columns.length + binding.absent.length, budgetBytes)
  }

  #job(
    binding: ColumnBinding,
    plan: MemoryPlan,
    slots: SlotPool,
    partitioning: Extract<EncodeSpec, { kind: 'rels' }>['partitioning'] | null,
  ): ParseJob {
    lastJobId += 1
    return {
      id: lastJobId,
      dialect: this.#options.dialect,
      columns: binding.columns,
      fieldCount: binding.fieldCount,
      encode: this.#encodeSpec(binding, partitioning),
      rowsMax: plan.rowsMax,
      maxRowBytes: this.#options.maxRowBytes,
      blockBytes: plan.blockBytes,
      ignoreErrors: this.#options.ignoreErrors,
      errorsKeptMax,
      slots: slots.shared,
      slotBytes: slots.slotBytes,
      pool: this.#host.bufferPool,
      workerBytes: plan.workerBytes,
      keyBytes: plan.keyBytes,
    }
  }

  #encodeSpec(
    binding: ColumnBinding,
    partitioning: Extract<EncodeSpec, { kind: 'rels' }>['partitioning'] | null,
  ): EncodeSpec {
    const { columns } = this.#table
    const absent = binding.absent.map((index) => ({ index, type: columns[index]!.type }))
    if (this.#table.kind === 'node') return { kind: 'nodes', keyColumn: this.#table.keyColumn, absent }
    const { fromTableId, toTableId } = this.#table
    return {
      kind: 'rels',
      fromTableId,
      toTableId,
      absent,
      partitioning: partitioning!,
      catalog: this.#host.catalogBytes(),
      databasePath: this.#host.path,
    }
  }

  async #commit(): Promise<void> {
    const oldestVersionInUse = this.#host.oldestVersionInUse()
    this.#host.apply(await this.#host.writer.call('finishLoad', { oldestVersionInUse }))
  }

  /** Gives back what the writer holds. Its own failure adds nothing to the error that led here. */
  async #rollBack(): Promise<void> {
    await this.#host.writer.call('abortLoad').catch(() => {})
  }
}
