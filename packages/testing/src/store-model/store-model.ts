/**
 * A model of the store: what its tables hold, as fingerprints of their content. The same steps are done to
 * the store and to the model; a state read back from a store is compared with the model's.
 */
import {
  BufferPool,
  crc32,
  poolBytesMin,
  requireTable,
  runPagesOf,
  Store,
  tableRuns,
} from '@millrace/core/internal'
import { randomBytes } from '../simulated/random.js'
import type { SimulatedFileSystem } from '../simulated/simulated-file-system.js'
import { type FabricatedColumn, fabricateGroup, fabricateKeyIndex, fabricateNodeTable } from './fabricate.js'

/** A table's content: one fingerprint per run of pages, in the order of `tableRuns`. */
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
    state.set(table.name, found)
  }
  return state
}

/** A text for comparing and for messages. */
export function describeState(state: ModelState): string {
  const tables = [...state].sort(([a], [b]) => (a < b ? -1 : 1))
  return tables.map(([name, runs]) => `${name}(${runs.join(' ')})`).join(' ') || '(no tables)'
}

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
    }
  /** A load that gives up: pages written and given back. */
  | { readonly kind: 'abandon'; readonly content: FabricatedColumn }

/**
 * The model's state after `step`. The key index comes last among a table's fingerprints, and is replaced
 * whole.
 */
export function stateAfter(state: ModelState, step: Step): ModelState {
  const next = new Map(state)
  if (step.kind === 'create') next.set(step.table, [])
  else if (step.kind === 'drop') next.delete(step.table)
  else if (step.kind === 'append') {
    const before = state.get(step.table) ?? []
    const groups = before.filter((print) => !print.startsWith('index '))
    const index = step.index === undefined ? [] : [`index ${fingerprintOf(step.index)}`]
    next.set(step.table, [...groups, ...step.columns.map(fingerprintOf), ...index])
  }
  return next
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
      case 'abandon':
        fabricateGroup(this.store, [step.content]).segments.forEach(({ firstPage, contentBytes }) => {
          this.store.free(firstPage, runPagesOf(contentBytes))
        })
    }
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
    store.commit({ kind: 'appendNodes', tableId: table.id, groups: [group], keys })
  }
}
