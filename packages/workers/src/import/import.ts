/**
 * One import from beginning to end: options, inputs, binding, memory, pipeline, commit or rollback, result.
 * Runs on the caller's thread.
 */
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
import type { EncodeSpec, SlotPool } from '../batch/index.js'
import { errorsKeptMax } from '../limits.js'
import type { BuildTask, LoadReply, ParseJob, ParsePool, WriterClient } from '../threads/index.js'
import type { AllowedPaths } from './allowed-paths.js'
import { bindColumns, type ColumnBinding } from './binding.js'
import { buildSides } from './build-sides.js'
import { Coordinator } from './coordinator.js'
import { errorOfDuplicate } from './duplicate.js'
import { ErrorLog } from './error-log.js'
import { FileInput, StreamInput } from './input.js'
import { Ledger } from './ledger.js'
import { collectLeftovers, type KeptMemory, noteImported, takeSlots } from './leftovers.js'
import { createSharedMaps, unitPartOf } from './look-up-plan.js'
import {
  type MemoryPlan,
  type MemoryPlanRequest,
  type NodeTarget,
  planMemory,
  type RelTarget,
  unitBytesFor,
} from './memory-plan.js'
import { type OpenedInput, openFiles, readHeader, sizeOfFiles } from './open-inputs.js'
import { type CopyOptions, type ResolvedOptions, resolveOptions } from './options.js'
import { ProgressReporter } from './progress.js'
import type { ImportResult } from './result.js'
import { type ImportSource, type ResolvedSource, resolveSource } from './source.js'
import type { SourcePath } from './source-file.js'
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
  readonly kept: KeptMemory
  oldestVersionInUse(): number
  /** Applies a committed change to the caller's catalog. */
  apply(change: Uint8Array): void
  readonly threads: number
  /** What an import may read; null: everything. */
  readonly allowedPaths: AllowedPaths | null
  /** Bytes for one import unless asked for otherwise. */
  readonly importBytes: number
}

/** What is known of an input before it is loaded. */
type PlannedInput = Pick<MemoryPlanRequest, 'recordBytes' | 'inputBytes'>

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
  /** What the ring of a stream has room for. */
  #blockBytesMax = Number.POSITIVE_INFINITY

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
    const resolved = await resolveSource(source, this.#host.allowedPaths, this.#signal)
    const bytesTotal = resolved.kind === 'files' ? sizeOfFiles(resolved.paths) : undefined
    try {
      return await this.#load(resolved, bytesTotal)
    } finally {
      for (const { input } of this.#open) input.close()
      if (resolved.kind === 'stream') resolved.stream.destroy()
    }
  }

  async #load(source: ResolvedSource, bytesTotal: number | undefined): Promise<ImportResult> {
    collectLeftovers()
    const budget = new MemoryBudget(this.#options.memoryBudget)
    const first = await this.#openFirst(source, budget)
    this.#open.push(first)
    const binding = bindColumns(this.#host.catalog, this.#table, first.shape, this.#options)
    const input = { recordBytes: first.lineBytes, inputBytes: bytesTotal ?? null }
    const columnCount = binding.columns.length + binding.absent.length
    const plan = this.#planForInput(columnCount, budget.availableBytes, input)
    const { kept } = this.#host
    const slots = takeSlots(plan, budget, kept)
    const errors = new ErrorLog({
      ignoreErrors: this.#options.ignoreErrors,
      maxErrors: this.#options.maxErrors,
      keptMax: errorsKeptMax,
    })
    const ledger = new Ledger()
    const receiver = new StoreReceiver(this.#host.writer)
    const { writer } = this.#host
    const { started, pool } = await this.#begin(plan, slots, bytesTotal)
    const job = this.#job(binding, plan, slots, started.partitioning)
    const report = this.#options.onProgress
    const progress = report === null ? null : new ProgressReporter(report, bytesTotal)
    const coordinator = new Coordinator({
      inputs: (signal) => this.#inputs(first, source, signal),
      job,
      slots,
      runTask: (task) => (pool === null ? writer.call('parse', task) : pool.run(task)),
      receiver,
      errors,
      ledger,
      onBatch: (rows, skipped, bytes) => progress?.add(rows, skipped, bytes),
      signal: this.#signal,
    })
    let finish: LoadReply
    let buildMs: number
    try {
      await coordinator.run()
      for (const { input } of this.#open) input.check()
      this.#signal.throwIfAborted()
      const runTask = pool === null ? null : (task: BuildTask) => pool.build(task)
      buildMs = await buildSides({ job, slots, runTask, writer, signal: this.#signal })
      this.#signal.throwIfAborted()
      finish = await this.#commit()
    } catch (error) {
      await this.#rollBack()
      // A worker knows only that bytes are missing, not of which file.
      if (isMillraceError(error, 'MILLRACE_SOURCE_CHANGED')) for (const { input } of this.#open) input.check()
      throw isMillraceError(error, 'MILLRACE_DUPLICATE_KEY')
        ? errorOfDuplicate(error, ledger, job, this.#table)
        : error
    } finally {
      noteImported(coordinator.totals.bytes)
    }
    kept.slots = slots.shared
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
        scanMs: totals.scanMs,
        parseMs: totals.parseMs,
        encodeMs: totals.encodeMs,
        appendMs: receiver.busyMs,
        buildMs,
        indexMs: finish.indexMs,
        commitMs: finish.commitMs,
        waitForSlotsMs: slots.waitedMs,
        blocksReparsed: totals.blocksReparsed,
      },
    }
  }

  /**
   * Begins the load, and meanwhile starts the workers: none for an input of one block, which the writer
   * parses in less time than starting a thread takes.
   */
  async #begin(plan: MemoryPlan, slots: SlotPool, bytesTotal: number | undefined) {
    const { parsePool, writer } = this.#host
    const isOneBlock = plan.threads === 1 && bytesTotal !== undefined && bytesTotal <= plan.blockBytes
    const beginning = writer.call('beginLoad', {
      table: this.#table.name,
      slots: slots.shared,
      slotBytes: slots.slotBytes,
      budgetBytes: plan.loadBytes,
      unitBytes: this.#unitBytes(),
    })
    try {
      const [started, pool] = await Promise.all([beginning, isOneBlock ? null : parsePool(plan.threads)])
      return { started, pool }
    } catch (error) {
      await this.#rollBack()
      throw error
    }
  }

  async #openFirst(source: ResolvedSource, budget: MemoryBudget): Promise<OpenedInput> {
    if (source.kind === 'files') {
      const input = new FileInput(source.paths[0] as SourcePath)
      try {
        return await readHeader(input, this.#options, this.#signal)
      } catch (error) {
        input.close()
        throw error
      }
    }
    // The ring is made before the columns are known: planned for as many as the table has.
    const columnCount = this.#table.columns.length + 2
    const unknown = { recordBytes: null, inputBytes: null }
    const plan = this.#plan(columnCount, Math.floor(budget.bytesMax * 0.75), unknown)
    this.#blockBytesMax = plan.blockBytes
    const ringBytes = ringBytesOf(plan, this.#options.maxRowBytes)
    budget.reserve(ringBytes, 'the ring of a stream')
    const input = new StreamInput(source.stream, new SharedArrayBuffer(ringBytes), source.name)
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

  #plan(
    columnCount: number,
    budgetBytes: number,
    input: PlannedInput,
    threads = this.#options.threads,
  ): MemoryPlan {
    return planMemory({
      ...input,
      budgetBytes,
      threads,
      blockSize: this.#options.blockSize,
      blockBytesMax: this.#blockBytesMax,
      batchSize: this.#options.batchSize,
      maxRowBytes: this.#options.maxRowBytes,
      columnCount,
      target: this.#target(),
    })
  }

  #target(): NodeTarget | RelTarget {
    const table = this.#table
    if (table.kind === 'node') return { kind: 'node' }
    const endpoints = this.#endpoints()
    const strings = table.columns.some(({ type }) => physicalTypeOf(type) === 'string')
    return { kind: 'rel', endpoints, strings, unitBytes: this.#unitBytes() }
  }

  /** The node tables at the ends of relationships: one or two, none for nodes. */
  #endpoints(): NodeTable[] {
    const table = this.#table
    if (table.kind === 'node') return []
    const ids = new Set([table.fromTableId, table.toTableId])
    return [...ids].map((id) => requireTableById(this.#host.catalog, id) as NodeTable)
  }

  #unitBytes(): number {
    const { memoryBudget } = this.#options
    return Math.floor(unitBytesFor(memoryBudget) * unitPartOf(this.#endpoints(), memoryBudget))
  }

  /** For no more threads than there are blocks. */
  #planForInput(columnCount: number, budgetBytes: number, input: PlannedInput): MemoryPlan {
    const plan = this.#plan(columnCount, budgetBytes, input)
    const blocks = Math.ceil((input.inputBytes ?? Number.POSITIVE_INFINITY) / plan.blockBytes)
    return blocks >= plan.threads ? plan : this.#plan(columnCount, budgetBytes, input, Math.max(1, blocks))
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
      keyBytes: plan.lookUps.keyBytes,
      keyMaps: createSharedMaps(plan.lookUps, plan.threads),
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

  async #commit(): Promise<LoadReply> {
    const reply = await this.#host.writer.call('finishLoad', {
      oldestVersionInUse: this.#host.oldestVersionInUse(),
    })
    this.#host.apply(reply.change)
    return reply
  }

  /** Gives back what the writer holds. Its own failure adds nothing to the error that led here. */
  async #rollBack(): Promise<void> {
    await this.#host.writer.call('abortLoad').catch(() => {})
  }
}
