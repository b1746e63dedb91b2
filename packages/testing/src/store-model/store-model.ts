/**
 * A model of the store: what its tables hold, as fingerprints of their content. The same steps are done to
 * the store and to the model; a state read back from a store is compared with the model's.
 */
import {
  BufferPool,
  crc32,
  type LoadProgress,
  poolBytesMin,
  requireTable,
  runPagesOf,
  Store,
  type TableLoads,
  tableRuns,
} from '@millrace/core/internal'
import { randomBytes } from '../simulated/random.js'
import type { SimulatedFileSystem } from '../simulated/simulated-file-system.js'
import { type FabricatedColumn, fabricateGroup, fabricateKeyIndex, fabricateNodeTable } from './fabricate.js'

/**
 * A table's content: one fingerprint per run of pages, in the order of `tableRuns`; then what the table
 * remembers of its loads, if anything.
 */
export type ModelState = ReadonlyMap<string, readonly string[]>

function fingerprint(bytes: Uint8Array): string {
  return `${bytes.length}:${crc32(bytes).toString(16)}`
}

const fingerprints = new Map<string, string>()

function fingerprintOf({ seed, contentBytes }: FabricatedColumn): string {
  const key = `${seed}/${contentBytes}`
  const known = fingerprints.get(key) ?? fingerprint(randomBytes(contentBytes, seed))
  fingerprints.set(key, known)
  return known
}

/** Where an unfinished load stands, and how many sources were loaded to their end. */
function describeLoads({ unfinished, finished }: TableLoads): string {
  return `${unfinished?.position.byteOffset ?? '-'} ${finished.length}`
}

function describeLoadsAfter(before: string | undefined, progress: StepProgress): string {
  const finished = Number(before?.split(' ')[2] ?? 0)
  return progress === 'ended' ? `loads - ${finished + 1}` : `loads ${progress} ${finished}`
}

/** Reads all that `store` holds, through its page reader. */
export function readState(store: Store): ModelState {
  const state = new Map<string, string[]>()
  for (const table of store.catalog.tables) {
    const found: string[] = []
    for (const { run, place } of tableRuns(table)) {
      const content = new Uint8Array(run.contentBytes)
      store.reader.read(run, place, 0, content)
      found.push(fingerprint(content))
    }
    if (table.loads !== undefined) found.push(`loads ${describeLoads(table.loads)}`)
    state.set(table.name, found)
  }
  return state
}

/** A text for comparing and for messages. */
export function describeState(state: ModelState): string {
  const tables = [...state].sort(([a], [b]) => (a < b ? -1 : 1))
  return tables.map(([name, runs]) => `${name}(${runs.join(' ')})`).join(' ') || '(no tables)'
}

/** Where the load of a step stands: at a byte of its source, or at its end. */
export type StepProgress = number | 'ended'

/** One step of a workload, done to a store. */
export type Step =
  | { readonly kind: 'open' | 'close' | 'checkpoint' }
  | { readonly kind: 'create' | 'drop'; readonly table: string }
  | {
      readonly kind: 'append'
      readonly table: string
      /** One row group. */
      readonly columns: readonly [FabricatedColumn, FabricatedColumn]
      /** The key index that replaces the earlier one. */
      readonly index?: FabricatedColumn
      /** Of a load that is recorded. */
      readonly progress?: StepProgress
      /** A sync is started when its pages are written. */
      readonly startsSync?: boolean
    }
  /** A load goes on, or ends, without a row. */
  | { readonly kind: 'record'; readonly table: string; readonly progress: StepProgress }
  /** A load that gives up: pages written and given back. */
  | { readonly kind: 'abandon'; readonly content: FabricatedColumn; readonly startsSync?: boolean }

/**
 * The model's state after `step`. The key index comes behind the row groups of a table, and is replaced
 * whole; then comes what is remembered of its loads.
 */
export function stateAfter(state: ModelState, step: Step): ModelState {
  const next = new Map(state)
  if (step.kind === 'create') next.set(step.table, [])
  else if (step.kind === 'drop') next.delete(step.table)
  else if (step.kind === 'append' || step.kind === 'record') {
    const before = state.get(step.table) ?? []
    const loadsBefore = before.find((print) => print.startsWith('loads '))
    const { progress } = step
    const after = progress === undefined ? loadsBefore : describeLoadsAfter(loadsBefore, progress)
    const loads = after === undefined ? [] : [after]
    const data = before.filter((print) => !print.startsWith('loads '))
    if (step.kind === 'record') next.set(step.table, [...data, ...loads])
    else {
      const groups = data.filter((print) => !print.startsWith('index '))
      const index = step.index === undefined ? [] : [`index ${fingerprintOf(step.index)}`]
      next.set(step.table, [...groups, ...step.columns.map(fingerprintOf), ...index, ...loads])
    }
  }
  return next
}

const hash = '0123456789abcdef'.repeat(2)

function progressOf(progress: StepProgress): LoadProgress {
  if (progress === 'ended') return { kind: 'ended', sources: [{ identity: hash, modifiedNs: 1n }] }
  const none = { source: 0, records: 0, lines: 0, midLine: false, checksum: 0, rows: 0, skipped: 0 }
  const sources = [{ path: '/simulated/source.csv', sizeBytes: 1000, modifiedNs: 1n, headHash: hash }]
  const position = { ...none, byteOffset: progress }
  return { kind: 'unfinished', load: { sources, settings: '{}', position, rejects: null } }
}

/** The model's state as `readState` shows it. */
export function visibleState(state: ModelState): ModelState {
  return new Map(
    Array.from(state, ([name, runs]) => [name, runs.map((print) => print.replace(/^index /, ''))]),
  )
}

/** A store under test on a simulated file system. */
export class StoreModel {
  readonly fileSystem: SimulatedFileSystem
  readonly path: string
  #store: Store | null = null

  constructor(fileSystem: SimulatedFileSystem, path = '/simulated/graph.mill') {
    this.fileSystem = fileSystem
    this.path = path
  }

  get store(): Store {
    if (this.#store === null) throw new Error('the store is not open')
    return this.#store
  }

  /** A pool so small that pages are replaced all the time. */
  open(): Store {
    this.#store = Store.open(this.path, {
      fileSystem: this.fileSystem,
      pool: BufferPool.create(2 * poolBytesMin),
    })
    return this.#store
  }

  close(): void {
    const store = this.#store
    this.#store = null
    store?.close()
  }

  do(step: Step): void {
    switch (step.kind) {
      case 'open':
        this.open()
        break
      case 'close':
        this.close()
        break
      case 'checkpoint':
        this.store.checkpoint()
        break
      case 'create':
        this.store.commit({ kind: 'createTable', table: fabricateNodeTable(this.store, step.table) })
        break
      case 'drop':
        this.store.commit({ kind: 'dropTable', tableId: requireTable(this.store.catalog, step.table).id })
        break
      case 'append':
        this.#append(step)
        break
      case 'record':
        this.store.commit({
          kind: 'recordLoad',
          tableId: requireTable(this.store.catalog, step.table).id,
          progress: progressOf(step.progress),
        })
        break
      case 'abandon': {
        const { segments } = fabricateGroup(this.store, [step.content])
        if (step.startsSync) this.#startSync()
        for (const { firstPage, contentBytes } of segments) {
          this.store.free(firstPage, runPagesOf(contentBytes))
        }
      }
    }
  }

  /** It has ended when this returns, as the writer thread waits for its end; the file remembers how. */
  #startSync(): void {
    void this.store.file.startSync()
  }

  #append(step: Step & { kind: 'append' }): void {
    const { store } = this
    const table = requireTable(store.catalog, step.table)
    if (table.kind !== 'node') throw new Error(`${step.table} is a node table`)
    const group = fabricateGroup(store, step.columns)
    const keys =
      step.index === undefined
        ? { ...table.keys, runs: [], hashedRange: null }
        : fabricateKeyIndex(store, table.rowCount + group.rows, step.index)
    if (step.startsSync) this.#startSync()
    const progress = step.progress === undefined ? {} : { progress: progressOf(step.progress) }
    store.commit({ kind: 'appendNodes', tableId: table.id, groups: [group], keys, ...progress })
  }
}
