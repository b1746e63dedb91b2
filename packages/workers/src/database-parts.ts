/**
 * What an open database is made of: the code that works on it, the file, the buffer pool, the first snapshot,
 * and the writer thread unless it is open for reading only.
 */
import type { BufferPool, File, GraphState, PageReader, Snapshot, Store } from '@millrace/core/internal'
import {
  type DatabaseMemory,
  type DatabaseOptions,
  divideMemory,
  resolveDatabaseOptions,
} from './database-options.js'
import type { AllowedPaths, KeptMemory } from './import/index.js'
import { type ParsePool, WriterClient } from './threads/index.js'

/** The code that works on an open database. See its module. */
type Engine = typeof import('./engine.js')

/** The parts that only a writable database has. */
export interface WritableParts {
  readonly writer: WriterClient
  parsePool: ParsePool | undefined
  readonly kept: KeptMemory
}

/** Everything `Database.open` prepares. */
export interface Parts {
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

function openSnapshot(engine: Engine, state: GraphState, reader: PageReader, queryBytes: number): Snapshot {
  return new engine.Snapshot(state, reader, {
    budget: new engine.MemoryBudget(queryBytes),
    cacheBytes: Math.floor(queryBytes / 2),
  })
}

/** Removes the lock that a writer which has ended may have left. */
async function giveUpLock(path: string, writer: WriterClient): Promise<void> {
  const { nodeFileSystem, removeLockOfThread } = await import('./engine.js')
  try {
    removeLockOfThread(nodeFileSystem.realPath(path), writer.threadId)
  } catch {
    // There is no such path any more.
  }
}

/**
 * Opens through a writer thread. What takes time here is done while the thread starts and opens the file: it
 * finds its call waiting, and waits for nothing that this thread still loads.
 */
async function openWritable(path: string, { poolBytes, queryBytes, importBytes }: DatabaseMemory) {
  const writer = new WriterClient()
  try {
    const opening = writer.call('open', { path, poolBytes, mergeBytes: importBytes })
    // It is awaited when the engine is loaded; until then a rejection must not count as unhandled.
    opening.catch(() => {})
    const engine = await import('./engine.js')
    const { path: realPath, pool: shared, catalog, writes } = await opening
    const pool = engine.BufferPool.attach(shared)
    const state = engine.stateWith(engine.decodeCatalog(catalog), writes)
    const context = { operation: 'opening', file: realPath }
    const file = engine.withIoErrors(context, () => engine.nodeFileSystem.open(realPath, 'read'))
    const snapshot = openSnapshot(engine, state, new engine.PageReader(file, pool), queryBytes)
    const writable = { writer, parsePool: undefined, kept: { slots: undefined } }
    return { engine, path: realPath, pool, file, snapshot, writable }
  } catch (error) {
    // The store may be open there, with its lock. The error that led here is the one to hear of.
    await writer.call('close').catch(() => {})
    await writer.terminate()
    await giveUpLock(path, writer)
    throw error
  }
}

/** @throws MillraceError what `Database.open` throws */
export async function openParts(path: string, options: DatabaseOptions): Promise<Parts> {
  const resolved = resolveDatabaseOptions(options)
  const memory = divideMemory(resolved.memoryBudget)
  const { allowedPaths: named } = options
  const allowedPaths = named === undefined ? null : (await import('./engine.js')).AllowedPaths.resolve(named)
  const own = { options: resolved, allowedPaths }
  if (resolved.readOnly) {
    const engine = await import('./engine.js')
    const pool = engine.BufferPool.create(memory.poolBytes)
    const store = engine.Store.open(path, { readOnly: true, pool })
    const snapshot = openSnapshot(engine, store, store.reader, memory.queryBytes)
    const none = { file: undefined, writable: undefined }
    return { engine, path, pool, snapshot, store, ...none, ...own }
  }
  const parts = await openWritable(path, memory)
  return { ...parts, store: undefined, ...own }
}
