/**
 * The database as its users see it: opened, written through one writer thread, read on the caller's thread.
 *
 * Invariants
 * - Writes run one at a time, in the order of the calls. Each commits wholly or leaves the database as it
 *   was.
 * - A query reads the catalog that was current when it was made, whatever is written meanwhile.
 * - The writer thread is the only owner of the data file; this side opens it for reading only.
 */
import { realpathSync } from 'node:fs'
import { type Catalog, isMillraceError, MillraceError, QueryResult } from '@millrace/core'
import type { BufferPool, File, PageReader, Snapshot, Store } from '@millrace/core/internal'
import type { Parameters, Prepared } from '@millrace/core/query'
import { type DatabaseOptions, divideMemory, resolveDatabaseOptions } from './database-options.js'
import type {
  AllowedPaths,
  CopyOptions,
  ImportHost,
  ImportProgress,
  ImportResult,
  ImportSource,
  KeptMemory,
} from './import/index.js'
import { ParsePool, WriterClient } from './threads/index.js'

/** How the rows of a query are given out. */
export interface QueryOptions {
  /** INT64 values as numbers (an error beyond 2^53) or as bigints. Default `number`. */
  int64?: 'number' | 'bigint'
  /** Ends the query with the signal's reason, at the next turn of the event loop: about 10 ms at most. */
  signal?: AbortSignal
}

/** How a statement is stopped and watched. */
export interface RunOptions {
  /** Stops a COPY, which is rolled back, or a query, whether it gives rows or not. */
  signal?: AbortSignal
  /** Called at least every 100,000 rows of a COPY. */
  onProgress?: (progress: ImportProgress) => void
}

/** The code that works on an open database. See its module. */
type Engine = typeof import('./engine.js')

/** The parts that only a writable database has. */
interface WritableParts {
  readonly writer: WriterClient
  parsePool: ParsePool | undefined
  readonly kept: KeptMemory
}

/** Everything `open` prepares. */
interface Parts {
  readonly engine: Engine
  readonly path: string
  readonly options: ReturnType<typeof resolveDatabaseOptions>
  /** What may be loaded; null: everything. */
  readonly allowedPaths: AllowedPaths | null
  readonly pool: BufferPool
  readonly snapshot: Snapshot
  /** Read-only: the store itself, which also holds the file. */
  readonly store: Store | undefined
  readonly file: File | undefined
  readonly writable: WritableParts | undefined
}

function openSnapshot(engine: Engine, catalog: Catalog, reader: PageReader, queryBytes: number): Snapshot {
  return new engine.Snapshot(catalog, reader, {
    budget: new engine.MemoryBudget(queryBytes),
    cacheBytes: Math.floor(queryBytes / 2),
  })
}

/** Opens through a writer thread. What takes time here is done while the thread starts. */
async function openWritable(path: string, poolBytes: number, queryBytes: number) {
  const writer = new WriterClient()
  try {
    const engine = await import('./engine.js')
    const pool = engine.BufferPool.create(poolBytes)
    const catalog = engine.decodeCatalog(await writer.call('open', { path, pool: pool.shared }))
    const file = engine.nodeFileSystem.open(path, 'read')
    const snapshot = openSnapshot(engine, catalog, new engine.PageReader(file, pool), queryBytes)
    return {
      engine,
      pool,
      file,
      snapshot,
      writable: { writer, parsePool: undefined, kept: { slots: undefined } },
    }
  } catch (error) {
    await writer.terminate()
    throw error
  }
}

export class Database {
  readonly #parts: Parts
  readonly #readingVersions = new Map<number, number>()
  #snapshot: Snapshot
  #lastWrite: Promise<unknown> = Promise.resolve()
  readonly #closing = new AbortController()
  #closed: Promise<void> | undefined

  private constructor(parts: Parts) {
    this.#parts = parts
    this.#snapshot = parts.snapshot
  }

  /**
   * Opens the database file at `path`, creating it when it is absent (not with `readOnly`), and recovers it
   * after a crash.
   * @throws MillraceError `MILLRACE_LOCKED`, `MILLRACE_NOT_A_DATABASE`, `MILLRACE_VERSION`,
   * `MILLRACE_CORRUPT`,
   *   `MILLRACE_IO`, `MILLRACE_ARGUMENT`
   */
  static async open(path: string, options: DatabaseOptions = {}): Promise<Database> {
    const resolved = resolveDatabaseOptions(options)
    const memory = divideMemory(resolved.memoryBudget)
    const { allowedPaths: named } = options
    const allowedPaths =
      named === undefined ? null : (await import('./engine.js')).AllowedPaths.resolve(named)
    if (resolved.readOnly) {
      const engine = await import('./engine.js')
      const pool = engine.BufferPool.create(memory.poolBytes)
      const store = engine.Store.open(path, { readOnly: true, pool })
      const snapshot = openSnapshot(engine, store.catalog, store.reader, memory.queryBytes)
      const none = { file: undefined, writable: undefined }
      const own = { path, options: resolved, allowedPaths, store }
      return new Database({ engine, pool, snapshot, ...none, ...own })
    }
    const parts = await openWritable(path, memory.poolBytes, memory.queryBytes)
    const own = { path: realpathSync(path), options: resolved, allowedPaths, store: undefined }
    return new Database({ ...parts, ...own })
  }

  /** The path of the data file. */
  get path(): string {
    return this.#parts.path
  }

  get readOnly(): boolean {
    return this.#parts.options.readOnly
  }

  /** Tables, columns and manifests as of the last commit: a value that never changes. */
  get catalog(): Catalog {
    return this.#snapshot.catalog
  }

  /** What a reader of the data holds, as of the last commit: for tools that look beneath tables. */
  get snapshot(): Snapshot {
    this.#requireOpen()
    return this.#snapshot
  }

  /**
   * Runs one statement to its end.
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
    const prepared = this.#parts.engine.prepare(statement, this.catalog)
    if (prepared.kind !== 'query') return await this.#runStatement(prepared, options)
    const { signal } = options
    const result = this.#runQuery(prepared, parameters, signal === undefined ? {} : { signal })
    for await (const _ of result.batches());
    return undefined
  }

  /**
   * Runs one statement and gives its rows: `for await (const row of db.query(…))`, `.toArray()`,
   * `.toArrow()`, `.batches()`. Statements other than queries run when the rows are asked for; COPY gives one
   * row with its result.
   * @throws MillraceError at once when the statement cannot be parsed or bound; `MILLRACE_CLOSED` while rows
   * are asked for, when the database was closed
   */
  query(statement: string, parameters: Parameters = {}, options: QueryOptions = {}): QueryResult {
    this.#requireOpen()
    const prepared = this.#parts.engine.prepare(statement, this.catalog)
    if (prepared.kind === 'query') return this.#runQuery(prepared, parameters, options)
    return this.#parts.engine.statementResult(async () => {
      const result = await this.#runStatement(prepared)
      return result === undefined ? null : importRow(result)
    })
  }

  /**
   * Loads CSV into a table: the whole of `source`, or nothing of it; with `onFailure: 'keep'` as much as was
   * committed before it failed, to be resumed.
   * @param source a path, a glob, a list of them (CSV, or CSV packed with gzip), or a stream of bytes
   * @throws MillraceError naming file, line, row, column and value of the first record that cannot be loaded;
   *   the signal's reason when it was aborted
   */
  async copyFrom(table: string, source: ImportSource, options: CopyOptions = {}): Promise<ImportResult> {
    return await this.#write(async (writable) => {
      const signal = options.signal
        ? AbortSignal.any([options.signal, this.#closing.signal])
        : this.#closing.signal
      return await new this.#parts.engine.Import(this.#importHost(writable), table, {
        ...options,
        signal,
      }).run(source)
    })
  }

  /** Writes everything that is in the log into the data file, and empties the log. */
  async checkpoint(): Promise<void> {
    await this.#write(async ({ writer }) => {
      await writer.call('checkpoint', this.#commitRequest())
    })
  }

  /** Stops what is running, checkpoints, and gives up file, lock, threads and memory. Safe to call again. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    const { engine, file, store, writable } = this.#parts
    this.#closing.abort(new MillraceError('MILLRACE_CLOSED', { file: this.path }))
    await this.#lastWrite.catch(() => {})
    try {
      await writable?.writer.call('close')
    } catch (error) {
      // A thread that has died cannot give up its lock; the process still lives, so nobody else would.
      if (isMillraceError(error, 'MILLRACE_WRITER_DIED')) engine.removeOwnLock(this.path)
      throw error
    } finally {
      this.#snapshot.close()
      file?.close()
      store?.close()
      await writable?.parsePool?.close()
      await writable?.writer.terminate()
    }
  }

  #requireOpen(): void {
    if (this.#closed !== undefined) throw new MillraceError('MILLRACE_CLOSED', { file: this.path })
  }

  /** Runs `action` when all writes before it have ended. */
  #write<T>(action: (writable: WritableParts) => Promise<T>): Promise<T> {
    const { writable } = this.#parts
    const turn = this.#lastWrite.then(async () => {
      this.#requireOpen()
      if (writable === undefined) {
        throw new MillraceError('MILLRACE_READ_ONLY', { what: 'The statement', file: this.path })
      }
      return await action(writable)
    })
    this.#lastWrite = turn.catch(() => {})
    return turn
  }

  async #runStatement(
    prepared: Exclude<Prepared, { kind: 'query' }>,
    runOptions: RunOptions = {},
  ): Promise<ImportResult | undefined> {
    switch (prepared.kind) {
      case 'copy': {
        const columns = prepared.columns === null ? {} : { columns: prepared.columns }
        const options = { ...Object.fromEntries(prepared.options), ...columns, ...runOptions } as CopyOptions
        return await this.copyFrom(prepared.table, prepared.sources, options)
      }
      case 'checkpoint':
        await this.checkpoint()
        return undefined
      case 'createNodeTable':
      case 'createRelTable': {
        const { schema, ifNotExists } = prepared
        await this.#write(async ({ writer }) => {
          if (ifNotExists && this.#hasTable(schema.name)) return
          this.#apply((await writer.call('createTable', schema, this.#commitRequest())).change)
        })
        return undefined
      }
      case 'dropTable':
        await this.#write(async ({ writer }) => {
          if (prepared.ifExists && !this.#hasTable(prepared.table)) return
          this.#apply((await writer.call('dropTable', prepared.table, this.#commitRequest())).change)
        })
        return undefined
    }
  }

  #runQuery(prepared: Extract<Prepared, { kind: 'query' }>, parameters: Parameters, options: QueryOptions) {
    const { engine } = this.#parts
    const snapshot = this.#snapshot
    const { version } = snapshot.catalog
    this.#readingVersions.set(version, (this.#readingVersions.get(version) ?? 0) + 1)
    return new QueryResult(prepared.columns, () => engine.execute(prepared.plan, snapshot, parameters), {
      int64: options.int64 ?? 'number',
      signals: [this.#closing.signal, ...(options.signal === undefined ? [] : [options.signal])],
      onClose: () => {
        const readers = (this.#readingVersions.get(version) ?? 1) - 1
        if (readers === 0) this.#readingVersions.delete(version)
        else this.#readingVersions.set(version, readers)
      },
    })
  }

  #hasTable(name: string): boolean {
    return this.catalog.tables.some((table) => table.name === name)
  }

  #oldestVersionInUse(): number {
    return Math.min(this.catalog.version, ...this.#readingVersions.keys())
  }

  #commitRequest() {
    return { oldestVersionInUse: this.#oldestVersionInUse() }
  }

  #apply(change: Uint8Array): void {
    const { applyChange, decodeChange } = this.#parts.engine
    this.#snapshot = this.#snapshot.withCatalog(applyChange(this.catalog, decodeChange(change)))
  }

  #importHost(writable: WritableParts): ImportHost {
    const { engine, options, path, pool } = this.#parts
    return {
      path,
      catalog: this.catalog,
      catalogBytes: () => {
        const bytes = engine.encodeCatalog(this.catalog)
        const shared = new SharedArrayBuffer(bytes.length)
        new Uint8Array(shared).set(bytes)
        return shared
      },
      writer: writable.writer,
      bufferPool: pool.shared,
      parsePool: async (threads) => {
        if (writable.parsePool?.threads !== threads) {
          await writable.parsePool?.close()
          writable.parsePool = await ParsePool.start(threads)
        }
        return writable.parsePool
      },
      kept: writable.kept,
      oldestVersionInUse: () => this.#oldestVersionInUse(),
      apply: (change) => this.#apply(change),
      allowedPaths: this.#parts.allowedPaths,
      threads: options.threads,
      importBytes: divideMemory(options.memoryBudget).importBytes,
    }
  }
}

/** The row that COPY gives in place of a result set. */
function importRow(result: ImportResult): Record<string, string | number> {
  const { table, rowsImported, rowsSkipped, bytesProcessed, errorCount, elapsedMs } = result
  return { table, rowsImported, rowsSkipped, bytesProcessed, errorCount, elapsedMs: Math.round(elapsedMs) }
}
