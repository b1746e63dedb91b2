/**
 * The pipeline of a load, from its first block to its last commit: one stretch that ends with the inputs, or,
 * when rows are kept, as many as there are commits. Runs on the caller's thread.
 *
 * ```
 *  stretch:  begin load ─► coordinator ─► both sides of relationships ─► commit, with where the load stands
 * ```
 *
 * Invariants
 * - What is committed is always a prefix of the inputs, in their order, and the table remembers which.
 * - When `run` throws, everything behind the last commit is rolled back, and no task is running.
 */
import {
  isMillraceError,
  type LoadPosition,
  type MillraceError,
  type RelPartitioning,
  type Table,
} from '@millrace/core/internal'
import { type LoadControl, LoadStopped, type SlotPool } from '../batch/index.js'
import { errorCodeOfKind, workersError } from '../errors/index.js'
import { commitMsMax, errorsKeptMax } from '../limits.js'
import type {
  BuildTask,
  CommitReply,
  ParseJob,
  ParseOutcome,
  ParsePool,
  ParseTask,
  WriterClient,
} from '../threads/index.js'
import { buildSides } from './build-sides.js'
import { Coordinator, type CoordinatorTotals, noTotals } from './coordinator.js'
import { duplicatesWanted, errorOfDuplicate } from './duplicate.js'
import { type ErrorLog, placeOf, recordOf } from './error-log.js'
import type { ImportInput } from './input.js'
import type { KeptPlaces } from './kept-places.js'
import { Ledger } from './ledger.js'
import type { LoadRecord } from './load-record.js'
import type { InputFeed } from './open-inputs.js'
import type { ResolvedOptions } from './options.js'
import type { ProgressReporter } from './progress.js'
import { refusedRecord, whole } from './refused-record.js'
import type { RejectsFile } from './rejects-file.js'
import type { ImportError } from './result.js'
import { RowFinder } from './row-finder.js'
import { StoreReceiver } from './store-receiver.js'

export interface LoadRunParts {
  readonly table: Table
  readonly options: ResolvedOptions
  readonly signal: AbortSignal
  readonly feed: InputFeed
  readonly record: LoadRecord
  readonly slots: SlotPool
  readonly control: LoadControl
  readonly errors: ErrorLog
  readonly rejects: RejectsFile | null
  /** Of a stream into a node table: where its rows begin. */
  readonly places: KeptPlaces | null
  /** The workers, which may still be starting; null: the writer parses. */
  readonly pool: Promise<ParsePool> | null
  readonly writer: WriterClient
  readonly progress: ProgressReporter | null
  /** Bytes that a stretch may hold on the writer's thread, and for building a unit. */
  readonly budgetBytes: number
  readonly unitBytes: number
  /** Bytes at the end of a slot for refused records. */
  readonly refusedBytes: number
  /** The job of a stretch. */
  readonly jobFor: (partitioning: RelPartitioning | null) => ParseJob
  readonly oldestVersionInUse: () => number
  /** Applies what a stretch has done to the caller's catalog. */
  readonly apply: (reply: CommitReply) => void
}

/** What the run of a load came to. */
export interface LoadTotals extends CoordinatorTotals {
  readonly appendMs: number
  readonly buildMs: number
  readonly indexMs: number
  readonly commitMs: number
}

/** What is committed of the load, by this call or by earlier ones. */
interface Kept {
  readonly position: LoadPosition
  readonly rejectsBytes: number
}

/** Codes of errors of a record, found while it is parsed. */
const recordErrors = new Set<string>(
  Object.values(errorCodeOfKind).filter((code) => code !== 'MILLRACE_DUPLICATE_KEY'),
)

/** Codes of errors that say something about the input behind them, not about what came before. */
const inputErrors = new Set<string>([
  ...recordErrors,
  'MILLRACE_TOO_MANY_ERRORS',
  'MILLRACE_IMPORT_SOURCE',
  'MILLRACE_UNPACKED_SIZE',
])

/** How long a load that is called off waits for the writer to say so. */
const calledOffWaitMs = 100

export class LoadRun {
  readonly #parts: LoadRunParts
  readonly #ledger: Ledger
  readonly #receiver: StoreReceiver
  #kept: Kept | null
  readonly #totals = noTotals()
  /** The load was called off, and the writer will hear of it when the disk has answered. */
  #isLeftToWriter = false
  #buildMs = 0
  #indexMs = 0
  #commitMs = 0

  constructor(parts: LoadRunParts) {
    this.#parts = parts
    this.#ledger = new Ledger(parts.places)
    this.#receiver = new StoreReceiver(parts.writer)
    const { start, rejectsBytes } = parts.record
    this.#kept = start === null ? null : { position: start, rejectsBytes }
    if (start !== null) this.#ledger.resume(parts.feed.current, start)
  }

  /** Bytes of input that were parsed. */
  get bytes(): number {
    return this.#totals.bytes
  }

  /**
   * Loads all inputs and commits.
   * @throws MillraceError `MILLRACE_LOAD_STOPPED` when rows are kept, with the reason as its cause; else the
   * first error in file order, the reason of the signal, whatever the writer or a worker threw
   */
  async run(): Promise<LoadTotals> {
    const { rejects, signal, control } = this.#parts
    const onAbort = () => {
      control.stopTasks()
      control.callOff()
    }
    signal.addEventListener('abort', onAbort)
    try {
      while (!(await this.#stretch()));
    } catch (error) {
      const isInDoubt = isMillraceError(error, 'MILLRACE_IN_DOUBT')
      await rejects?.giveUp(isInDoubt ? null : (this.#kept?.rejectsBytes ?? 0))
      throw this.#failureOf(error instanceof LoadStopped ? signal.reason : error)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
    await rejects?.finish(this.#parts.table.name)
    const { busyMs: appendMs } = this.#receiver
    const [buildMs, indexMs, commitMs] = [this.#buildMs, this.#indexMs, this.#commitMs]
    return { ...this.#totals, appendMs, buildMs, indexMs, commitMs }
  }

  /** Loads up to the next commit. True: it was the last. */
  async #stretch(): Promise<boolean> {
    const { table, feed, slots, control, signal, writer, jobFor, budgetBytes, unitBytes } = this.#parts
    signal.throwIfAborted()
    const { partitioning } = await writer.call('beginLoad', {
      table: table.name,
      slots: slots.shared,
      slotBytes: slots.slotBytes,
      budgetBytes,
      unitBytes,
      skipDuplicates: this.#parts.options.ignoreErrors,
      isDryRun: this.#parts.options.dryRun,
      control: control.words,
    })
    const job = jobFor(partitioning)
    try {
      const pool = await this.#parts.pool
      const coordinator = this.#coordinator(job, pool)
      try {
        await coordinator.run()
      } catch (error) {
        if (this.#isWorthKeeping(error)) await this.#finish(job, pool, false)
        else if (isMillraceError(error) && recordErrors.has(error.code)) await this.#refuseDuplicates()
        throw error
      } finally {
        this.#add(coordinator.totals)
      }
      await this.#finish(job, pool, coordinator.ended)
      return coordinator.ended
    } catch (error) {
      await this.#rollBack()
      // A worker knows only that bytes are missing, not of which file.
      if (isMillraceError(error, 'MILLRACE_SOURCE_CHANGED')) feed.check()
      throw isMillraceError(error, 'MILLRACE_DUPLICATE_KEY')
        ? await errorOfDuplicate(error, this.#rowFinder(job), table)
        : error
    }
  }

  #coordinator(job: ParseJob, pool: ParsePool | null): Coordinator {
    const { options, signal, feed, slots, control, errors, writer, progress, rejects } = this.#parts
    const runTask = (task: ParseTask) => (pool === null ? writer.call('parse', task) : pool.run(task))
    return new Coordinator({
      feed,
      stretch: options.keep ? { bytes: options.commitSize, ms: commitMsMax } : null,
      job,
      slots,
      control,
      runTask,
      receiver: this.#receiver,
      errors,
      onRefused:
        rejects === null ? null : (input, outcome, slot) => this.#reject(rejects, input, outcome, slot),
      ledger: this.#ledger,
      onBatch: (rows, skipped, bytes) => progress?.add(rows, skipped, bytes),
      signal,
    })
  }

  /**
   * A record is refused, and the load with it. One before it may have a key that was there already: then that
   * one is the first in file order.
   * @throws MillraceError `MILLRACE_DUPLICATE_KEY`. Why else keys cannot be compared adds nothing to the
   * error that led here.
   */
  async #refuseDuplicates(): Promise<void> {
    const { table, options, writer } = this.#parts
    if (table.kind !== 'node' || options.ignoreErrors) return
    await writer.call('leaveOutDuplicates', 0).catch((error) => {
      if (isMillraceError(error, 'MILLRACE_DUPLICATE_KEY')) throw error
    })
  }

  /** Builds what remains of the stretch, and commits it. */
  async #finish(job: ParseJob, pool: ParsePool | null, ended: boolean): Promise<void> {
    const { feed, signal, slots, control, writer } = this.#parts
    feed.check()
    signal.throwIfAborted()
    // They were stopped where an error ended the stretch.
    control.allowTasks()
    const runTask = pool === null ? null : (task: BuildTask) => pool.build(task)
    this.#buildMs += await buildSides({ job, slots, control, runTask, writer, signal })
    await this.#leaveOutDuplicates(job)
    signal.throwIfAborted()
    if (this.#parts.options.dryRun) await this.#discard()
    else await this.#commit(ended)
  }

  /** In place of the commit of a dry run. */
  async #discard(): Promise<void> {
    await this.#parts.rejects?.commit()
    const { indexMs } = await this.#unlessCalledOff(this.#parts.writer.call('discardLoad'))
    this.#indexMs += indexMs
  }

  /** Nodes, when errors are ignored: leaves out rows whose keys are there already, and names them. */
  async #leaveOutDuplicates(job: ParseJob): Promise<void> {
    const { table, options, errors, rejects, writer } = this.#parts
    if (table.kind !== 'node' || !options.ignoreErrors) return
    const startedAt = performance.now()
    const found = await writer.call('leaveOutDuplicates', errorsKeptMax)
    this.#indexMs += performance.now() - startedAt
    if (found === null) return
    const keyColumn = table.columns[table.keyColumn]!.name
    const described: ImportError[] = []
    const max = rejects === null ? errors.room : found.count
    const wanted = duplicatesWanted(found, keyColumn, max, errors.room)
    for await (const part of this.#rowFinder(job).find(wanted)) {
      const { before, log, recordOf: bytesOf } = part
      described.push(...part.errors.map((error) => recordOf(error, before.file, before)))
      const apart = log.apart.map((error) => {
        return { error: recordOf(error, before.file, before), record: whole(bytesOf(error)) }
      })
      await rejects?.add({ ...before, entries: log.entries, apart })
    }
    const failure = errors.addLeftOut(found.count, described)
    this.#ledger.leaveOut(found.count)
    this.#totals.rows -= found.count
    this.#totals.skipped += found.count
    if (failure !== null) throw failure
  }

  #rowFinder(job: ParseJob): RowFinder {
    const { places, signal } = this.#parts
    return new RowFinder({ ledger: this.#ledger, job, places, signal })
  }

  async #commit(ended: boolean): Promise<void> {
    const { record, rejects, writer, oldestVersionInUse, apply } = this.#parts
    const input = this.#ledger.source?.input
    input?.release(this.#ledger.position)
    const position = this.#ledger.positionWith(input?.checksum ?? 0)
    const rejectsBytes = (await rejects?.commit()) ?? 0
    const progress = ended ? record.ended() : record.progressAt(position, rejectsBytes)
    const finishing = writer.call('finishLoad', {
      oldestVersionInUse: oldestVersionInUse(),
      ...(progress !== undefined && { progress }),
    })
    const reply = await this.#unlessCalledOff(finishing)
    apply(reply)
    this.#indexMs += reply.indexMs
    this.#commitMs += reply.commitMs
    this.#kept = { position, rejectsBytes }
    this.#ledger.beginStretch()
  }

  /**
   * What `finishing` becomes. When the load was called off, that it has not been committed is certain before
   * the writer has come so far as to say so (it may be waiting for the disk): then it is not waited for long.
   */
  async #unlessCalledOff<T>(finishing: Promise<T>): Promise<T> {
    const { signal, control } = this.#parts
    let onAbort = () => {}
    let timer: NodeJS.Timeout | undefined
    const calledOff = new Promise<never>((_, reject) => {
      onAbort = () => {
        if (!control.callOff()) return
        timer = setTimeout(() => {
          this.#isLeftToWriter = true
          reject(new LoadStopped())
        }, calledOffWaitMs)
      }
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort)
    })
    finishing.catch(() => {})
    try {
      return await Promise.race([finishing, calledOff])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Whether there is something before `error` to commit, and nothing wrong with it. */
  #isWorthKeeping(error: unknown): boolean {
    if (!this.#parts.options.keep || !isMillraceError(error) || !inputErrors.has(error.code)) return false
    const { byteOffset, source } = this.#ledger.positionWith(0)
    const before = this.#kept?.position
    if (before === undefined) return this.#ledger.rows > 0
    return source !== before.source || byteOffset !== before.byteOffset
  }

  /**
   * Writes down the refused records of an outcome, whose places count from where the ledger stands: all, or,
   * when one cannot be read again, none. For then the outcome is not taken, and comes again with a
   * resumption.
   */
  async #reject(
    rejects: RejectsFile,
    input: ImportInput,
    { refused }: ParseOutcome,
    slot: number,
  ): Promise<void> {
    if (refused === null) return
    const { slots, options } = this.#parts
    const { records, lines } = this.#ledger
    const apart = refused.apart.map((error) => {
      const record = refusedRecord(input, error, options.maxRowBytes)
      return { error: recordOf(error, input.name, this.#ledger), record }
    })
    const from = (slot + 1) * slots.slotBytes - this.#parts.refusedBytes
    const entries = new Uint8Array(slots.shared, from, refused.bytes)
    await rejects.add({ file: input.name, records, lines, entries, apart })
  }

  #add(totals: CoordinatorTotals): void {
    for (const name of Object.keys(totals) as (keyof CoordinatorTotals)[]) this.#totals[name] += totals[name]
  }

  /**
   * Gives back what the writer holds, before it does anything else for anybody. Its own failure adds nothing
   * to the error that led here.
   */
  async #rollBack(): Promise<void> {
    const rolledBack = this.#parts.writer.call('abortLoad').catch(() => {})
    if (!this.#isLeftToWriter) await rolledBack
  }

  /** What is thrown for `error`: with what is kept, if the load can be resumed. */
  #failureOf(error: unknown): unknown {
    const { options, table, record, feed } = this.#parts
    if (this.#kept === null || !options.keep || isMillraceError(error, 'MILLRACE_IN_DOUBT')) return error
    const { rows, byteOffset, records, lines, source } = this.#kept.position
    const file = feed.nameOf(source)
    const place = placeOf({ file, line: lines + 1, row: records + 1 })
    const details = {
      table: table.name,
      rows,
      rowsImported: rows - (record.start?.rows ?? 0),
      place,
      file,
      row: records + 1,
      line: lines + 1,
      byteOffset,
      problem: sentenceOf(error),
      causeCode: isMillraceError(error) ? error.code : undefined,
    }
    return workersError('MILLRACE_LOAD_STOPPED', details, { cause: error }) as MillraceError
  }
}

function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return /[.!?]$/.test(text) ? text : `${text}.`
}
