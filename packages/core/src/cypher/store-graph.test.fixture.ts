/** A database in a file, statement by statement as the database of the ingestion engine runs them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BufferPool } from '../buffer/index.js'
import { decodeChange, planTable } from '../catalog/index.js'
import { type FileSystem, nodeFileSystem } from '../io/index.js'
import { MemoryBudget } from '../memory/index.js'
import { Store } from '../store.js'
import { Snapshot } from '../table/index.js'
import { WriteTransaction } from '../transaction/index.js'
import { execute } from './execute.js'
import type { Parameters } from './expression/parameters.js'
import { prepare } from './prepare.js'
import { PendingQuery } from './result/pending-query.js'
import { runToEnd } from './result/run-to-end.js'

/**
 * The files of this machine, which are never synced: nothing crashes here, and syncs are most of the time.
 */
const unsynced: FileSystem = {
  ...nodeFileSystem,
  open(path, mode) {
    const file = nodeFileSystem.open(path, mode)
    return new Proxy(file, {
      get: (target, name) => {
        if (name === 'sync') return () => {}
        const value = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  },
  syncDirectoryOf: () => {},
}

export class StoreGraph {
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-cypher-'))
  readonly #pool = BufferPool.create(4 << 20)
  #store: Store
  #snapshot: Snapshot

  constructor() {
    this.#store = this.#open()
    this.#snapshot = this.#newest()
  }

  #open(): Store {
    return Store.open(join(this.#folder, 'graph.mill'), { pool: this.#pool, fileSystem: unsynced })
  }

  #newest(): Snapshot {
    const options = { budget: new MemoryBudget(32 << 20), cacheBytes: 8 << 20 }
    // An opened store has no delta: the snapshot begins one of its own, which the same changes lead on.
    return new Snapshot(this.#store.catalog, this.#store.reader, options)
  }

  /** Runs a statement by itself: what it wrote is committed, or nothing of it when it fails. */
  async rows(text: string, parameters: Parameters = {}): Promise<unknown[][]> {
    const prepared = prepare(text, this.#snapshot.catalog)
    switch (prepared.kind) {
      case 'createNodeTable':
      case 'createRelTable': {
        const table = planTable(this.#store.catalog, prepared.schema)
        this.#advance(this.#store.commit({ kind: 'createTable', table }))
        return []
      }
      case 'query': {
        const transaction = new WriteTransaction(this.#snapshot)
        const graph = prepared.plan.writes ? transaction : this.#snapshot
        const batches = await runToEnd(execute(prepared.plan, graph, parameters), [])
        const rows = await new PendingQuery(prepared.columns, () => batches, { int64: 'number' }).toArray()
        if (!transaction.isEmpty)
          this.#advance(this.#store.commit({ kind: 'writes', bytes: transaction.encoded() }))
        return rows.map((row) => Object.values(row))
      }
      default:
        throw new Error(`${text} is nothing that this graph runs`)
    }
  }

  #advance(change: Uint8Array): void {
    this.#snapshot = this.#snapshot.advance(decodeChange(change))
  }

  checkpoint(): void {
    const merged = this.#store.checkpoint()
    if (merged !== null) this.#advance(merged)
  }

  /** Closes the file and opens it again. */
  reopen(): void {
    this.#snapshot.close()
    this.#store.close()
    this.#store = this.#open()
    this.#snapshot = this.#newest()
  }

  close(): void {
    this.#snapshot.close()
    this.#store.close()
    rmSync(this.#folder, { recursive: true })
  }
}
