/**
 * The store: one open database file with its log, its catalog and its free space. It ties all other rooms
 * together.
 *
 * Invariants
 * - A committed change is durable when `commit` returns: its pages were synced before its log record was
 *   written, and the record was synced before the catalog changed.
 * - Nothing but the two superblocks is overwritten in place: a page that the ruling superblock or its log
 *   reaches is not free.
 * - After a failed sync the store refuses everything but `close` (`MILLRACE_IN_DOUBT`): what the kernel did
 *   with the dirty pages is unknown, and a later sync may "succeed" without them.
 *
 * ```
 *            open                  failed sync, failed restoring of a superblock
 *   closed ────────► working ──────────────────────────────────────────────────► in doubt
 *     ▲                 │ close: checkpoint, remove log and lock                     │ close: leave the log
 *     └─────────────────┴────────────────────────────────────────────────────────────┘
 * ```
 *
 * One per open writable file, on the writer thread; one per read-only opening, on the caller's. Everything is
 * synchronous.
 */
import { type BufferPool, PageReader } from './buffer/index.js'
import {
  applyChange,
  type Catalog,
  type CatalogChange,
  type ChangedPages,
  changedPages,
  encodeChange,
  inSharedBytes,
} from './catalog/index.js'
import { createDatabase } from './create-database.js'
import { applyToState, checkChange, type Delta, type GraphState, stateOf } from './delta/index.js'
import { assert, isHarmless, isMillraceError, MillraceError } from './errors/index.js'
import { extentOf, runPagesOf, type Superblock, superblockPages } from './format/index.js'
import type { FreeSpace } from './free-space.js'
import {
  type File,
  type FileSystem,
  type Lock,
  nodeFileSystem,
  releaseQuietly,
  withIoErrors,
  wrapIoError,
} from './io/index.js'
import { changeBytesMax, mergeBytesMax, pageBytes } from './limits.js'
import { moveDown } from './move-down.js'
import { logPathOf, type Recovered, reachableEnd, recover, recoverBesideWriter } from './recovery.js'
import { repairRoots, replaceRoots, rules } from './roots.js'
import type { CheckpointOptions, CommitOptions, RecoveryReport, StoreOptions } from './store-options.js'
import { type Compaction, isMergeDue, mergeDelta } from './table/index.js'
import { LogWriter, sectorBytes, syncOrDoubt } from './wal/index.js'
import { writeCatalogRun } from './write-catalog.js'

export class Store {
  /** The file's real path. */
  readonly path: string
  readonly file: File
  readonly fileSystem: FileSystem
  readonly reader: PageReader
  readonly readOnly: boolean
  readonly recovery: RecoveryReport
  readonly #pool: BufferPool
  /** Bytes of memory that merges should keep to. */
  readonly mergeBytes: number
  readonly #lock: Lock | null
  readonly #log: LogWriter
  readonly #space: FreeSpace
  #superblock: Superblock
  #state: GraphState
  #dataIsDirty = false
  #closed = false
  #failure: MillraceError | null = null

  private constructor(file: File, recovered: Recovered, options: StoreOptions, lock: Lock | null) {
    this.path = file.path
    this.file = file
    this.fileSystem = options.fileSystem ?? nodeFileSystem
    this.readOnly = options.readOnly ?? false
    this.#pool = options.pool
    this.mergeBytes = options.mergeBytes ?? mergeBytesMax
    this.#lock = lock
    this.#superblock = recovered.roots.ruling
    this.#state = { catalog: recovered.catalog, delta: recovered.delta }
    this.#space = recovered.space
    this.#log = new LogWriter(this.fileSystem, logPathOf(file.path))
    this.reader = new PageReader(
      file,
      options.pool,
      this.readOnly ? { isOutdated: () => !rules(this.#superblock, file) } : {},
    )
    this.recovery = {
      checkpointNumber: recovered.roots.ruling.checkpointNumber,
      replayedTransactions: recovered.replayed,
      droppedLogBytes: recovered.droppedLogBytes,
      superblockRepaired: !this.readOnly && !recovered.roots.areEqual,
      damagedSuperblock: recovered.roots.damagedPage,
    }
  }

  /**
   * Opens the database at `path`, and creates it when it is not there (not with `readOnly`). Recovers after a
   * crash.
   * @throws MillraceError `MILLRACE_LOCKED`, `MILLRACE_NOT_A_DATABASE`, `MILLRACE_VERSION`,
   * `MILLRACE_CORRUPT`, `MILLRACE_FOREIGN_LOG`, `MILLRACE_IO`, `MILLRACE_DISK_FULL`
   */
  static open(path: string, options: StoreOptions): Store {
    const fileSystem = options.fileSystem ?? nodeFileSystem
    const realPath = withIoErrors({ operation: 'opening', file: path }, () => fileSystem.realPath(path))
    if (options.readOnly) return Store.#openReadOnly(fileSystem, realPath, options)
    const lock = fileSystem.lock(realPath)
    try {
      return Store.#openWritable(fileSystem, realPath, options, lock)
    } catch (error) {
      releaseQuietly(lock)
      throw error
    }
  }

  static #openReadOnly(fileSystem: FileSystem, path: string, options: StoreOptions): Store {
    const file = withIoErrors({ operation: 'opening', file: path }, () => fileSystem.open(path, 'read'))
    try {
      return new Store(file, recoverBesideWriter(fileSystem, file), options, null)
    } catch (error) {
      file.close()
      throw error
    }
  }

  static #openWritable(fileSystem: FileSystem, path: string, options: StoreOptions, lock: Lock): Store {
    const opening = { operation: 'opening', file: path }
    withIoErrors(opening, () => {
      for (const temporary of fileSystem.pathsWithPrefix(`${path}.tmp`)) fileSystem.remove(temporary)
      if (!fileSystem.exists(path)) createDatabase(fileSystem, path)
    })
    const file = withIoErrors(opening, () => fileSystem.open(path, 'readWrite'))
    let recovered: Recovered | undefined
    try {
      recovered = recover(fileSystem, file, 'readWrite')
      const store = new Store(file, recovered, options, lock)
      store.#putRight(recovered)
      store.#checkpointRecovered()
      return store
    } catch (error) {
      recovered?.log?.file.close()
      file.close()
      throw error
    }
  }

  /**
   * Completes what a crash interrupted: the other superblock, the tail of the log, the length of the file. A
   * log that holds nothing is not gone on with: nobody knows whether its header is durable.
   */
  #putRight({ roots, hasOlderLog, log }: Recovered): void {
    repairRoots(this.file, roots, !hasOlderLog)
    if (log !== null && log.endByte > sectorBytes) {
      const context = { operation: 'cutting', file: log.file.path }
      withIoErrors(context, () => this.#log.resume(log.file, log.header, log.endByte))
    } else log?.file.close()
    // What lies behind belongs to loads that never committed.
    this.trim(this.#space.pageCount * pageBytes)
  }

  /**
   * Moves what the log held into the data file. What was read of the log may be in the page cache alone,
   * after a sync that failed, so that nothing may be built on it. Where that fails (a full disk), it stays in
   * the log and in the delta: the database is as whole as before.
   */
  #checkpointRecovered(): void {
    try {
      this.checkpoint()
    } catch (error) {
      if (!isHarmless(error)) throw error
    }
  }

  #release({ oldestVersionInUse = this.#state.catalog.version }: CommitOptions): void {
    this.#space.release(oldestVersionInUse)
  }

  /** Gives the free pages at the end of the file back to the disk. */
  trim(bytes: number = this.#space.trim() * pageBytes): void {
    try {
      if (this.#failure === null && this.file.size() > bytes) this.file.truncate(bytes)
    } catch {
      // Only space is lost: the pages behind are free, and the next open tries again.
    }
  }

  /** The newest committed catalog. */
  get catalog(): Catalog {
    this.#requireWorking()
    return this.#state.catalog
  }

  /** The small writes that were committed and are not in segments yet. */
  get delta(): Delta {
    this.#requireWorking()
    return this.#state.delta
  }

  /** Pages of the file. */
  get pageCount(): number {
    return this.#space.pageCount
  }

  /** Pages that can be allocated without growing the file. */
  get freePages(): number {
    return this.#space.freePages
  }

  /** Pages that nothing has reached since changes after the last checkpoint: the next one lets go of them. */
  get removedPages(): number {
    return this.#space.removedPages
  }

  /** Bytes of records in the log: what a checkpoint would let go of. */
  get logBytes(): number {
    return this.#log.recordBytes
  }

  #requireWorking(): void {
    if (this.#closed) throw new MillraceError('MILLRACE_CLOSED', { file: this.path })
    if (this.#failure !== null) {
      const { file, reason } = this.#failure.details
      throw new MillraceError('MILLRACE_IN_DOUBT', { file, reason }, { cause: this.#failure })
    }
  }

  #requireWritable(what: string): void {
    this.#requireWorking()
    if (this.readOnly) throw new MillraceError('MILLRACE_READ_ONLY', { what, file: this.path })
  }

  /** Runs `action`; when it leaves something in doubt, the store refuses all work from then on. */
  #guard<T>(action: () => T): T {
    try {
      return action()
    } catch (error) {
      if (isMillraceError(error, 'MILLRACE_IN_DOUBT')) this.#failure = error
      throw error
    }
  }

  /**
   * Takes `pages` contiguous pages and returns the first: free ones, or (if `fresh`, in any case) new ones at
   * the end of the file. They are the caller's until a commit reaches them or `free` gives them back.
   */
  allocate(pages: number, fresh = false): number {
    this.#requireWritable('Writing')
    const { first, reused } = this.#space.allocate(pages, fresh)
    if (reused) this.#pool.invalidate(first, pages)
    return first
  }

  /** Takes free pages that end before page `end`; −1 when there are none. Else as `allocate`. */
  allocateBelow(end: number, pages: number): number {
    const first = this.#space.allocateBelow(end, pages)
    if (first !== -1) this.#pool.invalidate(first, pages)
    return first
  }

  /**
   * Gives back pages that no commit reached. On a store that refuses work it does nothing: the next open
   * frees them.
   */
  free(firstPage: number, pages: number): void {
    if (this.#closed || this.#failure !== null || pages === 0) return
    this.#space.giveBack(firstPage, pages)
    this.#pool.invalidate(firstPage, pages)
  }

  /**
   * Writes whole pages from `firstPage` on, past the pool. `bytes` may lie in shared or WebAssembly memory.
   * @throws MillraceError `MILLRACE_DISK_FULL`, `MILLRACE_IO`
   */
  writePages(firstPage: number, bytes: Uint8Array): void {
    this.#requireWritable('Writing')
    assert(bytes.length % pageBytes === 0, `${bytes.length} bytes are whole pages`)
    const end = firstPage + bytes.length / pageBytes
    assert(
      firstPage >= superblockPages && end <= this.pageCount,
      `pages ${firstPage} to ${end} were allocated`,
    )
    this.#dataIsDirty = true
    const context = { operation: 'writing', file: this.path, neededBytes: bytes.length }
    withIoErrors(context, () => this.file.write(bytes, firstPage * pageBytes))
  }

  #syncData(): void {
    if (!this.#dataIsDirty) return
    syncOrDoubt(this.file)
    this.#dataIsDirty = false
  }

  /**
   * Makes `change` durable and visible: syncs what was written, logs the change, syncs the log. When it
   * throws anything but `MILLRACE_IN_DOUBT`, nothing has changed, and the pages are still the caller's.
   * @returns the encoded change, for the catalogs of other threads
   * @throws MillraceError what `applyChange` throws; `MILLRACE_LIMIT`, `MILLRACE_IO`, `MILLRACE_DISK_FULL`,
   * `MILLRACE_IN_DOUBT`; whatever `options.confirm` throws
   */
  commit(change: CatalogChange, options: CommitOptions = {}): Uint8Array {
    this.#requireWritable('Changing the database')
    const next = checkChange(this.#state, change)
    const { added, removed } = changedPages(this.#state.catalog, change)
    assert(this.#space.areUncommitted(added), 'a change reaches only pages that were allocated for it')
    const bytes = encodeChange(change)
    if (bytes.length > changeBytesMax) {
      const limit = `${changeBytesMax} bytes`
      throw new MillraceError('MILLRACE_LIMIT', { what: 'The change', value: `${bytes.length} bytes`, limit })
    }
    const kept = inSharedBytes(change, bytes)
    const { uuid, checkpointNumber } = this.#superblock
    this.#guard(() => {
      this.#syncData()
      options.confirm?.()
      this.#log.append(next.version, bytes, { uuid, checkpointNumber })
    })
    this.#space.commit(next.version, added, removed)
    this.#state = applyToState(this.#state, kept)
    this.#space.release(options.oldestVersionInUse ?? next.version)
    return bytes
  }

  /**
   * Moves what the log holds into the data file and lets go of the log: small writes become segments, and
   * with `compaction` tables are tidied: all of it once, and where nothing is left of that to do, runs are
   * moved from the file's end into free pages. Does nothing when there is nothing to do. A compaction that
   * cannot be done, for want of space or memory or because of damage, is left for the next time.
   * @returns the encoded change that put segments in the place of others or of small writes, for the catalogs
   * of other threads; null when there was none
   * @throws MillraceError `MILLRACE_IO`, `MILLRACE_DISK_FULL`, `MILLRACE_MEMORY_BUDGET`, `MILLRACE_LIMIT`:
   * the old state still rules, nothing is lost; `MILLRACE_IN_DOUBT`
   */
  checkpoint(options: CheckpointOptions = {}): Uint8Array | null {
    this.#requireWritable('A checkpoint')
    const { compaction = 'none' } = options
    if (compaction === 'all') this.#release(options)
    let change: Uint8Array | null
    try {
      change = this.#guard(() => this.#checkpoint(compaction))
    } catch (error) {
      const isOptional = isHarmless(error) || isMillraceError(error, 'MILLRACE_CORRUPT')
      if (compaction === 'none' || !isOptional) throw error
      change = this.#guard(() => this.#checkpoint('none'))
    }
    this.#release(options)
    this.trim()
    return change
  }

  /** A merge is durable with the checkpoint: no log record carries it. @returns the encoded change */
  #checkpoint(compaction: Compaction): Uint8Array | null {
    const { catalog } = this.#state
    const isDue = isMergeDue(this.#state, compaction)
    const more = compaction === 'all' && !isDue ? moveDown(this, catalog) : null
    const merge = isDue ? mergeDelta(this, this.#state, { compaction, budgetBytes: this.mergeBytes }) : more
    if (merge === null) {
      if (this.#log.recordBytes > 0) this.#writeCheckpoint(catalog, { added: [], removed: [] })
      return null
    }
    try {
      const bytes = encodeChange(merge.change)
      const next = applyChange(catalog, inSharedBytes(merge.change, bytes))
      const changed = changedPages(catalog, merge.change)
      assert(this.#space.areUncommitted(changed.added), 'a merge reaches only pages allocated for it')
      this.#writeCheckpoint(next, changed)
      this.#state = stateOf(next)
      return bytes
    } catch (error) {
      if (!isMillraceError(error, 'MILLRACE_IN_DOUBT')) merge.abort()
      throw error
    }
  }

  /** Makes `catalog` the one that the superblocks name. It reaches `added`, and no longer `removed`. */
  #writeCheckpoint(catalog: Catalog, { added, removed }: ChangedPages): void {
    const current = this.#superblock
    const run = writeCatalogRun(this, catalog)
    const next: Superblock = {
      uuid: current.uuid,
      checkpointNumber: current.checkpointNumber + 1,
      pageCount: reachableEnd(catalog, run),
      catalog: run,
    }
    try {
      this.#syncData()
      replaceRoots(this.file, current, next)
    } catch (error) {
      if (!isMillraceError(error, 'MILLRACE_IN_DOUBT')) this.free(run.firstPage, runPagesOf(run.contentBytes))
      throw error
    }
    this.#superblock = next
    this.#log.reset()
    this.#space.commit(catalog.version, [...added, extentOf(run)], [...removed, extentOf(current.catalog)])
    this.#space.checkpointed()
  }

  /**
   * Checkpoints, closes the files, removes log and lock. When the checkpoint fails everything is closed all
   * the same: the log stays and the next open replays it. Closing twice is fine.
   * @throws MillraceError what `checkpoint` throws
   */
  close(): void {
    if (this.#closed) return
    let failure: unknown
    try {
      const compaction = this.logBytes > 0 ? 'some' : 'none'
      if (!this.readOnly && this.#failure === null) this.checkpoint({ compaction })
    } catch (error) {
      failure = error
    }
    this.#closed = true
    try {
      if (this.readOnly || this.#failure !== null || failure !== undefined) this.#log.abandon()
      else this.#log.close()
    } catch (error) {
      failure ??= wrapIoError(error, { operation: 'closing', file: logPathOf(this.path) })
    }
    try {
      this.file.close()
      this.#lock?.release()
    } catch (error) {
      failure ??= wrapIoError(error, { operation: 'closing', file: this.path })
    }
    if (failure !== undefined) throw failure
  }
}
