/**
 * The database as its users see it: opened, written through one writer thread, read on the caller's thread.
 *
 * Invariants
 * - Writes run one at a time, in the order of the calls (`transactions/write-queue.ts`). Each commits wholly
 *   or leaves the database as it was.
 * - A query reads what was committed when it was made, whatever is written meanwhile.
 * - The writer thread is the only owner of the data file; this side opens it for reading only.
 */
import { type Catalog, MillraceError } from '@millrace/core'
import type { Compaction, Snapshot } from '@millrace/core/internal'
import type { Parameters, PendingQuery, Prepared, ResultBatch } from '@millrace/core/query'
import { type DatabaseOptions, divideMemory } from './database-options.js'
import { openParts, type Parts, type WritableParts } from './database-parts.js'
import type { CopyOptions, ImportHost, ImportResult, ImportSource } from './import/index.js'
import type { CsvSources } from './load-from/index.js'
import { ParsePool, type WriterClient } from './threads/index.js'
import type {
  AskedStatement,
  CurrentState,
  ForgottenStatements,
  ImportView,
  MisuseGuard,
  PlanCache,
  QueryOptions,
  RunOptions,
  Session,
  Transaction,
  TransactionHost,
  WriteQueue,
} from './transactions/index.js'

/** Times that a checkpoint is made so that the file becomes as short as it can. */
const checkpointPassesMax = 4

export class Database {
  readonly #parts: Parts
  readonly #state: CurrentState
  readonly #plans: PlanCache
  readonly #misuse: MisuseGuard
  readonly #forgotten: ForgottenStatements
  readonly #queue: WriteQueue
  readonly #session: Session
  readonly #closing = new AbortController()
  #closed: Promise<void> | undefined

  private constructor(parts: Parts) {
    const { engine } = parts
    this.#parts = parts
    this.#state = new engine.CurrentState(parts.snapshot)
    this.#plans = new engine.PlanCache()
    this.#misuse = new engine.MisuseGuard()
    this.#forgotten = new engine.ForgottenStatements()
    this.#queue = new engine.WriteQueue({
      begin: () => {
        this.#requireWritable()
        return new engine.WriteTransaction(this.#state.snapshot)
      },
      commit: async (transaction) => {
        if (transaction.isEmpty) return
        await this.#state.commitWrites(this.#requireWritable().writer, transaction.encoded())
      },
    })
    this.#session = new engine.Session({
      queue: this.#queue,
      open: (readOnly) => {
        this.#requireOpen()
        const writer = readOnly ? undefined : this.#requireWritable().writer
        return new engine.OpenTransaction(this.#transactionHost, writer)
      },
    })
  }

  /**
   * Opens the database file at `path`, creating it when it is absent (not with `readOnly`), and recovers it
   * after a crash.
   * @throws MillraceError `MILLRACE_LOCKED`, `MILLRACE_NOT_A_DATABASE`, `MILLRACE_VERSION`,
   * `MILLRACE_CORRUPT`,
   *   `MILLRACE_IO`, `MILLRACE_ARGUMENT`
   */
  static async open(path: string, options: DatabaseOptions = {}): Promise<Database> {
    return new Database(await openParts(path, options))
  }

  /** The path of the data file. */
  get path(): string {
    return this.#parts.path
  }

  get readOnly(): boolean {
    return this.#parts.options.readOnly
  }

  /** True between BEGIN TRANSACTION and COMMIT or ROLLBACK, run as statements. */
  get inTransaction(): boolean {
    return this.#session.transaction !== undefined
  }

  /** Tables, columns and manifests as of the last commit: a value that never changes. */
  get catalog(): Catalog {
    return this.#state.catalog
  }

  /** What a reader of the data holds, as of the last commit: for tools that look beneath tables. */
  get snapshot(): Snapshot {
    this.#requireOpen()
    return this.#state.snapshot
  }

  /**
   * Runs one statement to its end: what it wrote is durable then. Statements that write and wait for each
   * other share a sync.
   * @returns what was loaded, for COPY; undefined for every other statement (rows of a query are not kept:
   * use `query`)
   * @throws MillraceError
   */
  async run(
    statement: string,
    parameters: Parameters = {},
    options: RunOptions = {},
  ): Promise<ImportResult | undefined> {
    this.#requireOpen()
    const sources = this.#newSources()
    const prepared = this.#prepare(statement, sources)
    const { transaction } = this.#session
    if (transaction !== undefined && prepared.kind !== 'commit' && prepared.kind !== 'rollback') {
      return await transaction.run(statement, parameters, options)
    }
    if (prepared.kind !== 'query') {
      return await this.#runStatement(prepared, { statement, parameters, sources }, options)
    }
    const { signal } = options
    if (prepared.plan.writes) await this.#write(statement, parameters, sources, signal)
    else {
      const result = this.#read(prepared, parameters, sources, signal === undefined ? {} : { signal })
      for await (const _ of result.batches());
    }
    return undefined
  }

  /**
   * One statement, to be run and asked for its rows: `for await (const row of db.query(…))`, `.toArray()`,
   * `.toArrow()`, `.batches()`, or `const result = await db.query(…)` and one of those. It runs when it is
   * awaited or rows are asked for, once: one that writes, or is no query, to its end; one that reads, as far
   * as rows are asked for. COPY gives one row with its result.
   * @throws MillraceError at once when the statement cannot be parsed or bound; `MILLRACE_CLOSED` while rows
   * are asked for, when the database was closed
   */
  query(statement: string, parameters: Parameters = {}, options: QueryOptions = {}): PendingQuery {
    this.#requireOpen()
    const sources = this.#newSources()
    const prepared = this.#prepare(statement, sources)
    const { transaction } = this.#session
    const { engine } = this.#parts
    const { signal, int64 = 'number' } = options
    if (prepared.kind !== 'query') {
      const run = () => this.run(statement, parameters, signal === undefined ? {} : { signal })
      return engine.pendingStatement(
        async () => engine.importRow(await run()),
        this.#forgotten.watch(statement),
      )
    }
    if (transaction !== undefined) return transaction.query(statement, parameters, options)
    if (!prepared.plan.writes) return this.#read(prepared, parameters, sources, options)
    const start = (): Promise<ResultBatch[]> => this.#write(statement, parameters, sources, signal)
    return new engine.PendingQuery(prepared.columns, start, {
      int64,
      signals: this.#signals(signal),
      refused: () => sources.refused,
      ...this.#forgotten.watch(statement),
    })
  }

  /**
   * Runs `action` in a transaction: what it writes through `tx` is committed as one when it returns, and
   * taken back when it throws. Transactions that write run one after the other, in the order of the calls.
   * @param options `readOnly`: everything is read as it is now, whatever is written meanwhile, and nothing
   * waits
   * @returns what `action` returns
   * @throws MillraceError `MILLRACE_TRANSACTION` where it would wait for itself, and what committing throws;
   * whatever `action` throws
   */
  async transaction<T>(
    action: (tx: Transaction) => Promise<T>,
    options: { readonly readOnly?: boolean } = {},
  ): Promise<T> {
    this.#requireOpen()
    this.#session.refuseWithin('db.transaction')
    const run = async (writer: WriterClient | undefined): Promise<T> => {
      this.#requireOpen()
      const transaction = new this.#parts.engine.OpenTransaction(this.#transactionHost, writer)
      try {
        const whole =
          writer === undefined ? action(transaction) : this.#misuse.within(() => action(transaction))
        const result = await this.#parts.engine.untilAborted(whole, this.#closing.signal)
        await transaction.commit()
        return result
      } catch (error) {
        // The error that led here is the one to hear of.
        await transaction.rollback().catch(() => {})
        throw error
      }
    }
    if (options.readOnly) return await run(undefined)
    this.#misuse.check()
    return await this.#queue.exclusive(async () => await run(this.#requireWritable().writer))
  }

  /**
   * Loads CSV into a table: the whole of `source`, or nothing of it; with `onFailure: 'keep'` as much as was
   * committed before it failed, to be resumed.
   * @param source a path, a glob, a list of them (CSV, also packed with gzip or Zstandard), or a
   *   stream of bytes
   * @throws MillraceError naming file, line, row, column and value of the first record that cannot be loaded;
   *   the signal's reason when it was aborted
   */
  async copyFrom(table: string, source: ImportSource, options: CopyOptions = {}): Promise<ImportResult> {
    this.#requireOpen()
    const { transaction } = this.#session
    if (transaction !== undefined) return await transaction.copyFrom(table, source, options)
    return await this.#exclusive(async ({ writer }) => {
      // A load sees segments only.
      if (!this.#state.snapshot.delta.isEmpty) await this.#checkpoint(writer, 'none')
      const view: ImportView = { catalog: this.catalog, apply: (reply) => this.#state.apply(reply) }
      const signal = AbortSignal.any(this.#signals(options.signal))
      const result = await this.#state.guard(this.#import(view, table, source, { ...options, signal }))
      if (this.#parts.engine.hasManySmallParts(this.catalog, table)) await this.#checkpoint(writer, 'some')
      return result
    })
  }

  /**
   * Writes everything that is in the log into the data file, and empties the log; makes small parts of tables
   * few and large, and gives back what deleted rows took.
   */
  async checkpoint(): Promise<void> {
    this.#session.refuseWithin('CHECKPOINT')
    await this.#exclusive(async ({ writer }) => {
      // Once for the log and the tables, then for the file, whose pages are free when this thread has let go.
      for (let pass = 0; pass < checkpointPassesMax && (await this.#checkpoint(writer, 'all')); pass++);
    })
  }

  /**
   * Stops what is running, rolls back what was not committed, checkpoints, and gives up file, lock, threads
   * and memory. Safe to call again.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    const { engine, file, store, writable } = this.#parts
    this.#forgotten.report()
    this.#closing.abort(new MillraceError('MILLRACE_CLOSED', { file: this.path }))
    await this.#session.close().catch(() => {})
    await this.#queue.idle()
    try {
      await writable?.writer.call('close')
    } catch (error) {
      // A thread that has died cannot give up its lock, and one that failed may have failed in that; the
      // process still lives, so nobody else would.
      engine.removeLockOfThread(this.path, writable?.writer.threadId ?? -1)
      throw error
    } finally {
      this.#state.close()
      file?.close()
      store?.close()
      await writable?.parsePool?.close()
      await writable?.writer.terminate()
    }
  }

  #requireOpen(): void {
    if (this.#closed !== undefined) throw new MillraceError('MILLRACE_CLOSED', { file: this.path })
  }

  #requireWritable(): WritableParts {
    this.#requireOpen()
    const { writable } = this.#parts
    if (writable === undefined) {
      throw new MillraceError('MILLRACE_READ_ONLY', { what: 'The statement', file: this.path })
    }
    return writable
  }

  /** The statement as the session's transaction understands it, when there is one. */
  #prepare(statement: string, sources: CsvSources): Prepared {
    const { transaction } = this.#session
    return transaction?.prepare(statement, sources) ?? this.#plans.prepare(statement, this.catalog, sources)
  }

  /** What finds the files of a statement. */
  #newSources(): CsvSources {
    return new this.#parts.engine.CsvSources(this.#parts.allowedPaths)
  }

  #signals(signal: AbortSignal | undefined): AbortSignal[] {
    return signal === undefined ? [this.#closing.signal] : [signal, this.#closing.signal]
  }

  /** Runs `action` when all writes before it have ended. */
  async #exclusive<T>(action: (writable: WritableParts) => Promise<T>): Promise<T> {
    this.#misuse.check()
    return await this.#queue.exclusive(async () => await action(this.#requireWritable()))
  }

  /** Runs a statement that writes, which commits by itself; its rows, once it has. */
  async #write(
    statement: string,
    parameters: Parameters,
    sources: CsvSources,
    signal: AbortSignal | undefined,
  ): Promise<ResultBatch[]> {
    const { execute, runToEnd } = this.#parts.engine
    this.#misuse.check()
    return await this.#queue.statement(async (transaction) => {
      // Statements before it may have made tables.
      const prepared = this.#plans.prepare(statement, transaction.catalog, sources)
      if (prepared.kind !== 'query')
        throw new MillraceError('MILLRACE_INTERNAL', { what: 'a query stays one' })
      return await runToEnd(execute(prepared.plan, transaction, parameters), this.#signals(signal))
    })
  }

  async #runStatement(
    prepared: Exclude<Prepared, { kind: 'query' }>,
    asked: AskedStatement,
    runOptions: RunOptions,
  ): Promise<ImportResult | undefined> {
    const { changeTables, committedRows, copyOptionsOf, isNeedless, withRefused } = this.#parts.engine
    switch (prepared.kind) {
      case 'copy': {
        const rows = () => committedRows(this.#state, this.#plans, asked, this.#signals(runOptions.signal))
        const source = prepared.query === null ? prepared.sources : rows()
        const options = copyOptionsOf(prepared, runOptions, this.catalog)
        return withRefused(await this.copyFrom(prepared.table, source, options), asked.sources.refused)
      }
      case 'checkpoint':
        await this.checkpoint()
        return undefined
      case 'begin':
        if (!prepared.readOnly) this.#misuse.check()
        await this.#session.begin(prepared.readOnly)
        return undefined
      case 'commit':
      case 'rollback':
        await this.#session.end(prepared.kind)
        return undefined
      case 'createNodeTable':
      case 'createRelTable':
      case 'dropTable':
        await this.#exclusive(async ({ writer }) => {
          if (isNeedless(prepared, this.catalog)) return
          const changed = changeTables(prepared, writer, this.#state.commitRequest)
          this.#state.apply(await this.#state.guard(changed))
        })
        return undefined
    }
  }

  #read(
    prepared: Extract<Prepared, { kind: 'query' }>,
    parameters: Parameters,
    sources: CsvSources,
    options: QueryOptions,
  ): PendingQuery {
    const { execute, PendingQuery } = this.#parts.engine
    const { snapshot, release } = this.#state.read()
    return new PendingQuery(prepared.columns, () => execute(prepared.plan, snapshot, parameters), {
      int64: options.int64 ?? 'number',
      signals: this.#signals(options.signal),
      refused: () => sources.refused,
      onClose: release,
    })
  }

  /** True when something was put in the place of what was there. */
  async #checkpoint(writer: WriterClient, compaction: Compaction): Promise<boolean> {
    const state = this.#state
    const request = { ...state.commitRequest, compaction }
    const reply = await state.guard(writer.call('checkpoint', request))
    state.apply(reply)
    return reply.merged !== null
  }

  get #transactionHost(): TransactionHost {
    return {
      state: this.#state,
      plans: this.#plans,
      newSources: () => this.#newSources(),
      forgotten: this.#forgotten,
      closing: this.#closing.signal,
      copyFrom: async (view, table, source, options) => await this.#import(view, table, source, options),
    }
  }

  async #import(
    view: ImportView,
    table: string,
    source: ImportSource,
    options: CopyOptions,
  ): Promise<ImportResult> {
    const host = this.#importHost(this.#requireWritable(), view)
    return await new this.#parts.engine.Import(host, table, options).run(source)
  }

  #importHost(writable: WritableParts, view: ImportView): ImportHost {
    const { engine, options, path, pool } = this.#parts
    return {
      path,
      catalog: view.catalog,
      catalogBytes: () => {
        const bytes = engine.encodeCatalog(view.catalog)
        if (bytes.buffer instanceof SharedArrayBuffer) return bytes.buffer
        const shared = new SharedArrayBuffer(bytes.length)
        new Uint8Array(shared).set(bytes)
        return shared
      },
      writer: writable.writer,
      bufferPool: pool.shared,
      parsePool: async (threads) => {
        if (writable.parsePool?.threads !== threads || writable.parsePool.hasFailed) {
          await writable.parsePool?.close()
          writable.parsePool = ParsePool.forImports(threads)
        }
        return writable.parsePool
      },
      kept: writable.kept,
      oldestVersionInUse: () => this.#state.oldestVersionInUse,
      apply: (reply) => view.apply(reply),
      allowedPaths: this.#parts.allowedPaths,
      threads: options.threads,
      importBytes: divideMemory(options.memoryBudget).importBytes,
    }
  }
}
