/**
 * The writer thread: the only owner of the data file, the log and the catalog.
 *
 * Runs in a Worker of its own, not in the pool: an idle pool worker blocks in `Atomics.wait` and answers no
 * port. It does one thing at a time; the order of calls is the order of everything that reaches the disk. All
 * of it is synchronous, but for syncs that are started while a load runs (`EarlySync`): what syncs waits for
 * their end, for they may have failed. A small input is parsed here, too: it takes less time than starting a
 * thread.
 */
import { parentPort } from 'node:worker_threads'
import {
  BufferPool,
  type BuiltUnit,
  type Catalog,
  type CatalogChange,
  type CommitOptions,
  type Compaction,
  checkedStore,
  encodeCatalog,
  encodeChange,
  encodeDelta,
  isMillraceError,
  type LoadProgress,
  MemoryBudget,
  MillraceError,
  NodeLoad,
  type NodeTable,
  PendingChanges,
  pageBytes,
  planTable,
  RelLoad,
  type RelStore,
  requireTable,
  Store,
} from '@millrace/core/internal'
import { expose } from 'comlink/dist/esm/comlink.mjs'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { beginCommit, beginTask, endCommit, type StoreBatch, throwIfCalledOff } from '../batch/index.js'
import { bytesWorthCollecting, collectGarbage } from './collect-garbage.js'
import { EarlySync } from './early-sync.js'
import { asyncReplyOf } from './error-wire.js'
import { lookAtKeys, readsSample } from './key-looks.js'
import type {
  CheckpointRequest,
  CommitReply,
  CommitRequest,
  FinishRequest,
  KeyAnswers,
  KeysRequest,
  LoadReply,
  LoadRequest,
  LoadStarted,
  OpenReply,
  OpenRequest,
  ParseOutcome,
  ParseTask,
  Reply,
  WriterCalls,
} from './protocol.js'
import { readInput } from './read-input.js'
import { WorkerJob } from './worker-job.js'

/** The load in progress. There is at most one. */
type Load =
  | { readonly kind: 'nodes'; readonly load: NodeLoad; readonly request: LoadRequest }
  | { readonly kind: 'rels'; readonly load: RelLoad; readonly request: LoadRequest }

/** A log of more bytes is checkpointed after the commit that made it so. */
const checkpointLogBytes = 4 << 20

/**
 * So is one whose changes have removed pages of more bytes: until then nothing else can be written to them.
 */
const checkpointRemovedBytes = 16 << 20

let openStore: Store | undefined
let earlySync: EarlySync | undefined
/** Ends, without rejecting, when the last call has ended. */
let lastCall: Promise<unknown> = Promise.resolve()
let current: Load | undefined
/** Bytes of batches that went through loads since garbage was collected. */
let bytesLoaded = 0

/** Of an input so small that it is parsed here. */
let parsing: WorkerJob | undefined

/** The changes of the transaction that makes, drops or fills tables, while one is open. */
let pending: PendingChanges | undefined

/** The share of those bytes that brings about the next checkpoint. */
let checkpointAtShare = 1

/** The catalog as the open transaction sees it, else as it is committed. */
function catalog(): Catalog {
  return pending?.catalog ?? store().catalog
}

function store(): Store {
  if (openStore === undefined) throw new MillraceError('MILLRACE_INTERNAL', { what: 'a store is open' })
  return openStore
}

/** Makes a change: commits it, unless it belongs to a transaction. */
function make(
  change: CatalogChange,
  request: CommitRequest & CommitOptions,
  compaction: Compaction = 'some',
): CommitReply {
  if (pending === undefined) return committed(store().commit(change, request), request, compaction)
  request.confirm?.()
  pending.add(change)
  return { change: encodeChange(change), merged: null }
}

/** What is answered to a commit, after which a checkpoint may be due. */
function committed(
  change: Uint8Array | null,
  request: CommitRequest,
  compaction: Compaction = 'some',
): CommitReply {
  return { change, merged: checkpointWhenDue({ ...request, compaction }) }
}

/** How much has gathered that a checkpoint lets go of: 1 is as much as brings one about. */
function checkpointShare(): number {
  const { logBytes, removedPages } = store()
  return Math.max(logBytes / checkpointLogBytes, (removedPages * pageBytes) / checkpointRemovedBytes)
}

/**
 * Checkpoints when the log has grown, which must be replayed by the next open after a crash, or when much was
 * dropped. Where that fails, what was committed stays committed: the log holds it, and is given time to grow
 * again.
 */
function checkpointWhenDue(request: CheckpointRequest): Uint8Array | null {
  if (checkpointShare() <= checkpointAtShare) return null
  try {
    const merged = store().checkpoint(request)
    checkpointAtShare = 1
    return merged
  } catch (error) {
    if (isMillraceError(error, 'MILLRACE_IN_DOUBT')) throw error
    checkpointAtShare = 2 * checkpointShare()
    return null
  }
}

function requirePending(): PendingChanges {
  if (pending === undefined) throw new MillraceError('MILLRACE_INTERNAL', { what: 'a transaction is open' })
  return pending
}

function commitChanges(writes: Uint8Array, request: CommitRequest): CommitReply {
  const changes = requirePending()
  if (writes.length > 0) changes.add({ kind: 'writes', bytes: writes })
  const change = changes.commit(request)
  pending = undefined
  return committed(change, request)
}

/** Safe to call when no transaction is open. */
function rollbackChanges(): null {
  const changes = pending
  pending = undefined
  if (changes === undefined) return null
  changes.rollback()
  openStore?.trim()
  return null
}

function open(request: OpenRequest): OpenReply {
  const { poolBytes, mergeBytes } = request
  const pool = BufferPool.create(poolBytes)
  openStore = Store.open(request.path, { pool, mergeBytes })
  earlySync = new EarlySync(openStore.file)
  const { path, catalog: opened, delta } = openStore
  return { path, pool: pool.shared, catalog: encodeCatalog(opened), writes: encodeDelta(delta) }
}

function keysOf(request: KeysRequest): KeyAnswers {
  const answers = lookAtKeys(store().reader, requireTable(catalog(), request.table) as NodeTable, request)
  // The memory that the sample was read into goes before the load takes its own.
  if (readsSample(request.asked)) collectGarbage()
  return answers
}

function beginLoad(request: LoadRequest): LoadStarted {
  if (current !== undefined) throw new MillraceError('MILLRACE_INTERNAL', { what: 'one load at a time' })
  if (bytesLoaded >= bytesWorthCollecting) collectGarbage()
  bytesLoaded = 0
  const check = () => throwIfCalledOff(request.control)
  // A dry run leaves every byte of the file alone, also those of free pages.
  const fresh = request.isDryRun && pending === undefined
  const target: RelStore = fresh
    ? checkedStore(store(), check, (pages) => store().allocate(pages, true))
    : checkedStore(pending?.loadStore ?? store(), check)
  const table = requireTable(target.catalog, request.table)
  const options = { budget: new MemoryBudget(request.budgetBytes), unitBytes: request.unitBytes }
  if (table.kind === 'node') {
    const { skipDuplicates } = request
    current = { kind: 'nodes', load: new NodeLoad(target, table, { ...options, skipDuplicates }), request }
    return { partitioning: null }
  }
  const load = new RelLoad(target, table, options)
  current = { kind: 'rels', load, request }
  return { partitioning: load.partitioning }
}

/** The bytes of a slot of the load in progress. */
function slotBytes(slot: number): Uint8Array {
  if (current === undefined) throw new MillraceError('MILLRACE_INTERNAL', { what: 'a load is running' })
  const { slots, slotBytes: length } = current.request
  return new Uint8Array(slots, slot * length, length)
}

function parse(task: ParseTask): ParseOutcome {
  beginTask(task.job.control, task.slot, task.number)
  parsing ??= new WorkerJob(task.job)
  return parsing.parse(task, readInput)
}

function endParsing(): void {
  parsing?.close()
  parsing = undefined
}

function append(batch: StoreBatch, slot: number): null {
  if (current === undefined) throw new MillraceError('MILLRACE_INTERNAL', { what: 'a load is running' })
  throwIfCalledOff(current.request.control)
  const bytes = slotBytes(slot)
  bytesLoaded += batch.bytes
  if (current.kind === 'nodes' && batch.kind === 'nodes') current.load.append(batch, bytes)
  else if (current.kind === 'rels' && batch.kind === 'rels') current.load.append(batch, bytes)
  else
    throw new MillraceError('MILLRACE_INTERNAL', {
      what: `a ${batch.kind} batch goes into a ${current.kind} load`,
    })
  return null
}

function relLoad(): RelLoad {
  if (current?.kind === 'rels') return current.load
  throw new MillraceError('MILLRACE_INTERNAL', { what: 'a load of relationships is running' })
}

function placeUnit(unit: number, built: BuiltUnit, slot: number): null {
  relLoad().place(unit, built, slotBytes(slot))
  return null
}

/** Gives back what the load holds. Safe to call when none is running. */
function abortLoad(): null {
  const load = current
  current = undefined
  endParsing()
  if (load === undefined) return null
  load.load.abort()
  // The disk may be full because of it.
  openStore?.trim()
  return null
}

/** The change that commits the load in progress. What ends without a row needs no row group or run for it. */
function changeOf({ load }: Load, progress: LoadProgress | undefined): CatalogChange {
  const { rows } = load
  const change = load.finish()
  if (progress === undefined) return change
  if (rows === 0 && 'tableId' in change) return { kind: 'recordLoad', tableId: change.tableId, progress }
  return { ...change, progress } as CatalogChange
}

async function finishLoad({ progress, ...request }: FinishRequest): Promise<LoadReply> {
  if (current === undefined) throw new MillraceError('MILLRACE_INTERNAL', { what: 'a load is running' })
  const finished = current
  const { control } = finished.request
  try {
    endParsing()
    const startedAt = performance.now()
    throwIfCalledOff(control)
    earlySync?.start()
    const change = changeOf(finished, progress)
    const indexedAt = performance.now()
    await earlySync?.end()
    throwIfCalledOff(control)
    // The threads of an import that goes on still read the tables as they were when it began.
    const reply = make(change, { ...request, confirm: () => beginCommit(control) }, 'none')
    endCommit(control)
    if (finished.kind === 'nodes') finished.load.committed()
    current = undefined
    return { ...reply, indexMs: indexedAt - startedAt, commitMs: performance.now() - indexedAt }
  } catch (error) {
    abortLoad()
    throw error
  }
}

/** Finds what would keep the load from being committed, and gives it back. */
function discardLoad(): { readonly indexMs: number } {
  if (current === undefined) throw new MillraceError('MILLRACE_INTERNAL', { what: 'a load is running' })
  try {
    endParsing()
    const startedAt = performance.now()
    throwIfCalledOff(current.request.control)
    current.load.finish()
    return { indexMs: performance.now() - startedAt }
  } finally {
    abortLoad()
  }
}

/** A call: what it does begins when the calls before it have ended. */
function inOrder<T>(action: () => T | Promise<T>): Promise<Reply<T>> {
  const reply = lastCall.then(() => asyncReplyOf(action))
  lastCall = reply
  return reply
}

/** A call that writes pages of a load. */
function loading<T>(action: () => T): Promise<Reply<T>> {
  return inOrder(() => {
    const value = action()
    earlySync?.start()
    return value
  })
}

/** A call that syncs, or may. */
function syncing<T>(action: () => T): Promise<Reply<T>> {
  return inOrder(async () => {
    await earlySync?.end()
    return action()
  })
}

const calls: WriterCalls = {
  open: (request) => inOrder(() => open(request)),
  commitWrites: (writes, request) =>
    syncing(() => {
      store().commit({ kind: 'writes', bytes: writes }, request)
      return committed(null, request)
    }),
  beginChanges: () =>
    inOrder(() => {
      if (pending !== undefined)
        throw new MillraceError('MILLRACE_INTERNAL', { what: 'one transaction at a time' })
      pending = new PendingChanges(store())
      return null
    }),
  addWrites: (writes) =>
    inOrder(() => {
      requirePending().add({ kind: 'writes', bytes: writes })
      return null
    }),
  mergeWrites: () =>
    inOrder(() => {
      const change = requirePending().merge()
      return change === null ? null : encodeChange(change)
    }),
  commitChanges: (writes, request) => syncing(() => commitChanges(writes, request)),
  rollbackChanges: () => inOrder(rollbackChanges),
  createTable: (schema, request) =>
    syncing(() => make({ kind: 'createTable', table: planTable(catalog(), schema) }, request)),
  dropTable: (table, request) =>
    syncing(() => make({ kind: 'dropTable', tableId: requireTable(catalog(), table).id }, request)),
  lookAtKeys: (request) => inOrder(() => keysOf(request)),
  beginLoad: (request) => inOrder(() => beginLoad(request)),
  parse: (task) => inOrder(() => parse(task)),
  append: (batch, slot) => loading(() => append(batch, slot)),
  leaveOutDuplicates: (valuesMax) =>
    inOrder(() => (current?.kind === 'nodes' ? current.load.leaveOutDuplicates(valuesMax) : null)),
  finishLoad: (request) => inOrder(() => finishLoad(request)),
  discardLoad: () => inOrder(discardLoad),
  beginSide: () => inOrder(() => (current?.kind === 'rels' ? current.load.beginSide() : null)),
  placeUnit: (unit, built, slot) => loading(() => placeUnit(unit, built, slot)),
  buildUnit: (unit) =>
    loading(() => {
      relLoad().build(unit)
      return null
    }),
  abortLoad: () => inOrder(abortLoad),
  checkpoint: (request) => syncing(() => ({ change: null, merged: store().checkpoint(request) })),
  close: () =>
    syncing(() => {
      abortLoad()
      rollbackChanges()
      const closing = openStore
      openStore = undefined
      closing?.close()
      return null
    }),
}

if (parentPort === null) throw new Error('the writer thread is started as a worker thread only')
expose(calls, nodeEndpoint(parentPort))
