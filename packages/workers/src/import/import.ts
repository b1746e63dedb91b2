/**
 * One import: options, inputs, what the table remembers of earlier loads, binding, memory; then the pipeline
 * (`load-run.ts`), and the result. Runs on the caller's thread.
 */
import {
  type Catalog,
  crc32,
  freeWindows,
  type LoadSource,
  MemoryBudget,
  type RelPartitioning,
  requireTable,
  type Table,
} from '@millrace/core/internal'
import { type EncodeSpec, LoadControl, type SlotPool } from '../batch/index.js'
import type { SniffedCsv, SniffOptions } from '../csv/index.js'
import { workersError } from '../errors/index.js'
import { errorsKeptMax, rejectsPerBatchMax, sourceHeadBytes } from '../limits.js'
import type { CommitReply, ParseJob, ParsePool, WriterClient } from '../threads/index.js'
import type { AllowedPaths } from './allowed-paths.js'
import { bindColumns, type ColumnBinding, columnsByPosition } from './binding.js'
import { sourceOfStream } from './byte-source.js'
import { diagnose } from './diagnosis.js'
import { ErrorLog } from './error-log.js'
import { KeptPlaces } from './kept-places.js'
import { collectLeftovers, type KeptMemory, noteImported, takeSlots } from './leftovers.js'
import { isRecorded, type LoadRecord, recordedLoad, refuseUnfinished, unrecordedLoad } from './load-record.js'
import { LoadRun, type LoadTotals } from './load-run.js'
import { unitBytesOf } from './load-target.js'
import { createSharedMaps } from './look-up-plan.js'
import type { MemoryPlan } from './memory-plan.js'
import {
  type FilesFound,
  findFiles,
  InputFeed,
  type OpenedInput,
  type OpeningOptions,
  openFile,
  openFirst,
  readHeader,
  readSample,
} from './open-inputs.js'
import { type CopyOptions, type ResolvedOptions, resolveOptions } from './options.js'
import { Planner } from './planner.js'
import { ProgressReporter } from './progress.js'
import { RejectsFile, refuseOverwriting, refuseWriting } from './rejects-file.js'
import { type ImportResult, nothingLoaded } from './result.js'
import { knownOf, sniffFiles, sniffStream, withSniffed } from './sniff-file.js'
import { type ImportSource, type ResolvedSource, resolveSource } from './source.js'
import type { SourcePath } from './source-file.js'
import { identityOfFile, identityOfStream } from './source-identity.js'
import { StreamInput } from './stream-input.js'
import { decoded } from './text-decoding.js'
import { untilAborted } from './until-aborted.js'

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
  /** Applies what the load has done to the caller's catalog. */
  apply(reply: CommitReply): void
  readonly threads: number
  /** What an import may read; null: everything. */
  readonly allowedPaths: AllowedPaths | null
  /** Bytes for one import unless asked for otherwise. */
  readonly importBytes: number
}

/** What the workers of a load share, whatever stretch they work for. */
type SharedMaps = ParseJob['keyMaps']

let lastJobId = 0

/** What is known of a source before it is opened for the load. */
interface FoundSource {
  readonly source: ResolvedSource
  /** Null for a stream. */
  readonly files: FilesFound | null
  /** As they are now; empty unless the load is recorded. Those of a stream come with its first bytes. */
  readonly identities: readonly LoadSource[]
}

/** A load that is ready to run. */
interface PreparedLoad {
  readonly first: OpenedInput
  readonly record: LoadRecord
  readonly opening: OpeningOptions
}

/** A running import; `run` is called once. */
export class Import {
  readonly #host: ImportHost
  readonly #table: Table
  /** With what was found of the source, if it was looked at. */
  #options: ResolvedOptions
  /** What is said of how the source is written. */
  readonly #known: SniffOptions
  readonly #startedAt = performance.now()
  readonly #signal: AbortSignal
  readonly #planner: Planner
  /** Of a stream into a node table: where its rows begin. */
  #places: KeptPlaces | null = null

  /** @throws MillraceError `MILLRACE_NO_TABLE`, `MILLRACE_ARGUMENT`, `MILLRACE_UNFINISHED_LOAD` */
  constructor(host: ImportHost, table: string, options: CopyOptions) {
    this.#host = host
    this.#table = requireTable(host.catalog, table)
    const resolved = resolveOptions(options, { threads: host.threads, memoryBudget: host.importBytes })
    this.#options = { ...resolved, columnsKnown: columnsByPosition(this.#table, resolved) }
    this.#known = knownOf(options)
    this.#planner = new Planner(host, this.#table, this.#options)
    this.#signal = this.#options.signal ?? new AbortController().signal
    refuseUnfinished(this.#table, this.#options)
  }

  /**
   * Loads `source`. When it throws, the database is as it was before, or, with `onFailure: 'keep'`, as the
   * load's last commit left it.
   * @throws MillraceError with the place of the first refused record, or of whatever else failed;
   * `MILLRACE_LOAD_STOPPED` when rows were kept; the signal's reason
   */
  async run(source: ImportSource): Promise<ImportResult> {
    this.#signal.throwIfAborted()
    const resolved = await resolveSource(source, this.#host.allowedPaths, this.#signal)
    try {
      return await this.#runFrom(this.#find(resolved))
    } finally {
      // Also when nothing came so far as to read it: a pipe was opened here.
      if (resolved.kind === 'stream') resolved.stream.destroy()
    }
  }

  async #runFrom(found: FoundSource): Promise<ImportResult> {
    collectLeftovers()
    const budget = new MemoryBudget(this.#options.memoryBudget)
    const prepared = await this.#prepare(found, budget)
    if (prepared === null) return await this.#nothingToDo()
    const { first, opening, record } = prepared
    const feed = new InputFeed(first, found.source.kind === 'files' ? found.source.paths : [], opening)
    try {
      return await this.#load(feed, record, found, budget)
    } finally {
      feed.close()
      this.#places?.close()
    }
  }

  #find(source: ResolvedSource): FoundSource {
    const { rejects } = this.#options
    const paths = source.kind === 'files' ? source.paths : []
    if (rejects !== null) {
      if (this.#host.allowedPaths !== null) refuseWriting(rejects)
      refuseOverwriting(rejects, [this.#host.path, ...paths.map(({ path }) => path)])
    }
    if (source.kind === 'stream') return { source, files: null, identities: [] }
    const identities: LoadSource[] = []
    const files = findFiles(source.paths, (file) => {
      if (isRecorded(this.#options)) identities.push(identityOfFile(file))
    })
    return { source: { kind: 'files', paths: files.paths }, files, identities }
  }

  /** Opens the first input that has something to load, where it goes on; null when nothing is left to do. */
  async #prepare(found: FoundSource, budget: MemoryBudget): Promise<PreparedLoad | null> {
    const { source, files } = found
    const isStreamed = this.#isStreamed(files)
    if (files !== null) budget.reserve(files.unpackingBytes, 'unpacking')
    const ring = isStreamed ? await this.#planner.makeRing(budget) : null
    const { autoDetect, decoding } = this.#options
    if (source.kind === 'files') {
      if (autoDetect) this.#use(sniffFiles(source.paths, this.#known, decoding))
      const record = this.#record(found.identities)
      if (record.isDone) return null
      const opening = this.#opening(ring)
      const first = await this.#openFiles(source.paths, record, opening)
      return await this.#atStart({ first, record, opening })
    }
    if (this.#table.kind === 'node') this.#places = new KeptPlaces(this.#host.path, budget)
    const bytes = sourceOfStream(source.stream, source.name)
    const text = decoding === null ? bytes : decoded(bytes, decoding)
    const input = new StreamInput(text, ring!, this.#opening(ring).checksum)
    try {
      if (autoDetect) this.#use(await sniffStream(input, this.#known, this.#signal))
      const head = isRecorded(this.#options)
        ? [identityOfStream((await readSample(input, sourceHeadBytes, this.#signal))[0])]
        : []
      const record = this.#record(head)
      const first = await readHeader(input, 0, this.#options, this.#signal)
      return await this.#atStart({ first, record, opening: this.#opening(ring) })
    } catch (error) {
      input.close()
      throw error
    }
  }

  #opening(ring: SharedArrayBuffer | null): OpeningOptions {
    return {
      options: this.#options,
      ring,
      checksum: isRecorded(this.#options) ? crc32 : null,
      // Keys are compared when all rows are there.
      keepsOpen: this.#table.kind === 'node',
    }
  }

  #use(sniffed: SniffedCsv): void {
    this.#options = withSniffed(this.#options, sniffed)
  }

  /** The file that the load begins with, or goes on in; the columns are those of the first that has any. */
  async #openFiles(
    paths: readonly SourcePath[],
    { start }: LoadRecord,
    opening: OpeningOptions,
  ): Promise<OpenedInput> {
    const first = await openFirst(paths, opening, this.#signal)
    if (start === null || start.source === first.index) return first
    first.input.close()
    return await openFile(paths[start.source]!, start.source, opening, this.#signal, first.shape)
  }

  /** Whether the bytes that are parsed are not those of a file. */
  #isStreamed(files: FilesFound | null): boolean {
    return files === null || files.anyPacked || this.#options.decoding !== null
  }

  #record(identities: readonly LoadSource[]): LoadRecord {
    return isRecorded(this.#options)
      ? recordedLoad(this.#table, this.#options, identities)
      : unrecordedLoad(this.#table)
  }

  /** Passes over what was loaded before. */
  async #atStart(prepared: PreparedLoad): Promise<PreparedLoad> {
    const { first, record } = prepared
    if (record.start === null) return prepared
    try {
      const { byteOffset, checksum } = record.start
      const problem = await untilAborted(first.input.skipTo(byteOffset, checksum), this.#signal)
      if (problem === null) return prepared
      throw workersError('MILLRACE_RESUME_SOURCE', { table: this.#table.name, problem })
    } catch (error) {
      first.input.close()
      throw error
    }
  }

  async #load(
    feed: InputFeed,
    record: LoadRecord,
    { files }: FoundSource,
    budget: MemoryBudget,
  ): Promise<ImportResult> {
    const { rejects: rejectsPath, ignoreErrors, maxErrors, onProgress } = this.#options
    const first = feed.current
    const binding = bindColumns(this.#host.catalog, this.#table, first.shape, this.#options)
    // What a packed file holds is known only when it was unpacked.
    const inputBytes = files === null || this.#isStreamed(files) ? null : files.bytes
    const columnCount = binding.columns.length + binding.absent.length
    const input = { recordBytes: first.lineBytes, inputBytes }
    const plan = await this.#planner.planFor(columnCount, budget.availableBytes, input)
    const slots = takeSlots(plan, budget, this.#host.kept)
    const control = new LoadControl(plan.slotCount)
    const errors = new ErrorLog({ ignoreErrors, maxErrors, keptMax: errorsKeptMax })
    // For a small input no worker is started: the writer parses it in less time than that takes.
    const isSmall =
      plan.threads === 1 && inputBytes !== null && inputBytes <= this.#planner.bytesOfThread(plan)
    const pool = isSmall ? null : this.#host.parsePool(plan.threads)
    // It is awaited when the load has begun; until then a rejection must not count as unhandled.
    pool?.catch(() => {})
    const keyMaps = createSharedMaps(plan.lookUps, plan.threads)
    const bytesBefore = bytesBeforeOf(record, files, first)
    let job: ParseJob | undefined
    const run = new LoadRun({
      table: this.#table,
      options: this.#options,
      signal: this.#signal,
      feed,
      record,
      slots,
      control,
      errors,
      rejects:
        rejectsPath === null
          ? null
          : await RejectsFile.open(rejectsPath, record.rejectsBytes, this.#table.name),
      places: this.#places,
      pool,
      writer: this.#host.writer,
      progress: onProgress === null ? null : new ProgressReporter(onProgress, files?.bytes, bytesBefore),
      budgetBytes: plan.loadBytes,
      refusedBytes: plan.refusedBytes,
      unitBytes: unitBytesOf(this.#host.catalog, this.#table, this.#options.memoryBudget),
      jobFor: (partitioning) => {
        job ??= this.#job(binding, plan, slots, control, keyMaps, partitioning)
        if (partitioning === null) return job
        // Workers that have built units look keys up anew, and take part in the shared maps anew.
        keyMaps.forEach(freeWindows)
        job = { ...job, stretch: job.stretch + 1 }
        return job
      },
      oldestVersionInUse: () => this.#host.oldestVersionInUse(),
      apply: (reply) => this.#host.apply(reply),
    })
    let totals: LoadTotals
    try {
      totals = await run.run()
    } finally {
      noteImported(run.bytes)
    }
    this.#host.kept.slots = slots.shared
    const bytesProcessed = (files?.bytes ?? first.dataStart + totals.bytes) - bytesBefore
    return this.#result(totals, bytesProcessed, record, binding, errors, slots)
  }

  #result(
    totals: LoadTotals,
    bytesProcessed: number,
    record: LoadRecord,
    binding: ColumnBinding,
    errors: ErrorLog,
    slots: SlotPool,
  ): ImportResult {
    return {
      table: this.#table.name,
      dryRun: this.#options.dryRun,
      rowsImported: totals.rows,
      rowsResumed: record.start?.rows ?? 0,
      alreadyLoaded: false,
      rowsSkipped: totals.skipped,
      bytesProcessed,
      errorCount: errors.count,
      errorKinds: errors.kinds,
      warnings: diagnose(totals.rows, errors, this.#options.dialect),
      errors: errors.kept,
      ignoredColumns: binding.ignored,
      elapsedMs: performance.now() - this.#startedAt,
      timings: {
        readMs: totals.readMs,
        scanMs: totals.scanMs,
        parseMs: totals.parseMs,
        encodeMs: totals.encodeMs,
        appendMs: totals.appendMs,
        buildMs: totals.buildMs,
        indexMs: totals.indexMs,
        commitMs: totals.commitMs,
        waitForSlotsMs: slots.waitedMs,
        blocksReparsed: totals.blocksReparsed,
      },
    }
  }

  /** All of the source was loaded before, by loads that were kept. */
  async #nothingToDo(): Promise<ImportResult> {
    const { rejects } = this.#options
    if (rejects !== null) await RejectsFile.complete(rejects)
    return nothingLoaded(this.#table.name, performance.now() - this.#startedAt)
  }

  #job(
    binding: ColumnBinding,
    plan: MemoryPlan,
    slots: SlotPool,
    control: LoadControl,
    keyMaps: SharedMaps,
    partitioning: RelPartitioning | null,
  ): ParseJob {
    lastJobId += 1
    return {
      id: lastJobId,
      stretch: 0,
      dialect: this.#options.dialect,
      columns: binding.columns,
      fieldCount: binding.fieldCount,
      encode: this.#encodeSpec(binding, partitioning),
      rowsMax: plan.rowsMax,
      maxRowBytes: this.#options.maxRowBytes,
      blockBytes: plan.blockBytes,
      textBytes: plan.textBytes,
      ignoreErrors: this.#options.ignoreErrors,
      notesPlaces: this.#places !== null,
      errorsKeptMax: plan.refusedBytes > 0 ? rejectsPerBatchMax : errorsKeptMax,
      slots: slots.shared,
      slotBytes: slots.slotBytes,
      refusedBytes: plan.refusedBytes,
      pool: this.#host.bufferPool,
      workerBytes: plan.workerBytes,
      keyBytes: plan.lookUps.keyBytes,
      keyMaps,
      control: control.words,
    }
  }

  #encodeSpec(binding: ColumnBinding, partitioning: RelPartitioning | null): EncodeSpec {
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
}

/** Bytes of the sources that were loaded before this call, as they lie on the disk. */
function bytesBeforeOf({ start }: LoadRecord, files: FilesFound | null, first: OpenedInput): number {
  if (start === null) return 0
  const before = (files?.sizes ?? []).slice(0, start.source).reduce((sum, size) => sum + size, 0)
  return before + first.input.sourceBytesAt(start.byteOffset)
}
