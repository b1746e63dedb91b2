/**
 * What an open database is made of: the file, the buffer pool, the first snapshot, and the writer thread
 * unless it is open for reading only.
 */
import { realpathSync } from 'node:fs'
import {
  BufferPool,
  decodeCatalog,
  type File,
  type GraphState,
  MemoryBudget,
  nodeFileSystem,
  PageReader,
  Snapshot,
  Store,
  stateWith,
} from '@millrace/core/internal'
import { type DatabaseOptions, divideMemory, resolveDatabaseOptions } from './database-options.js'
import { type ParsePool, WriterClient } from './threads/index.js'

/** The parts that only a writable database has. */
export interface WritableParts {
  readonly writer: WriterClient
  parsePool: ParsePool | undefined
}

/** Everything `Database.open` prepares. */
export interface Parts {
  readonly path: string
  readonly options: ReturnType<typeof resolveDatabaseOptions>
  readonly pool: BufferPool
  readonly snapshot: Snapshot
  /** Read-only: the store itself, which also holds the file. */
  readonly store: Store | undefined
  readonly file: File | undefined
  readonly writable: WritableParts | undefined
}

function openSnapshot(state: GraphState, reader: PageReader, queryBytes: number): Snapshot {
  return new Snapshot(state, reader, {
    budget: new MemoryBudget(queryBytes),
    cacheBytes: Math.floor(queryBytes / 2),
  })
}

async function openWritable(path: string, pool: BufferPool, queryBytes: number) {
  const writer = new WriterClient()
  try {
    const { catalog, writes } = await writer.call('open', { path, pool: pool.shared })
    const state = stateWith(decodeCatalog(catalog), writes)
    const file = nodeFileSystem.open(path, 'read')
    return { writer, file, snapshot: openSnapshot(state, new PageReader(file, pool), queryBytes) }
  } catch (error) {
    await writer.terminate()
    throw error
  }
}

/** @throws MillraceError what `Database.open` throws */
export async function openParts(path: string, options: DatabaseOptions): Promise<Parts> {
  const resolved = resolveDatabaseOptions(options)
  const memory = divideMemory(resolved.memoryBudget)
  const pool = BufferPool.create(memory.poolBytes)
  if (resolved.readOnly) {
    const store = Store.open(path, { readOnly: true, pool })
    const snapshot = openSnapshot(store, store.reader, memory.queryBytes)
    return { path, options: resolved, pool, snapshot, store, file: undefined, writable: undefined }
  }
  const { writer, file, snapshot } = await openWritable(path, pool, memory.queryBytes)
  const writable = { writer, parsePool: undefined }
  return { path: realpathSync(path), options: resolved, pool, snapshot, store: undefined, file, writable }
}
