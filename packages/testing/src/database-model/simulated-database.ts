/**
 * A database on a simulated file system, statement by statement, as the ingestion engine runs one: what its
 * threads do one after the other is done here in one place, so that any operation of it can be the last.
 */
import {
  Arena,
  BufferPool,
  type CatalogChange,
  checkTable,
  createBatchEncoderContext,
  decodeChange,
  encodeDelta,
  encodeNodeBatch,
  encodeRelBatch,
  MemoryBudget,
  NodeLoad,
  type NodeTable,
  PendingChanges,
  pageBytes,
  planTable,
  poolBytesMin,
  RelLoad,
  type RelStore,
  type RelTable,
  requireTable,
  Snapshot,
  Store,
  stateWith,
  WriteTransaction,
} from '@millrace/core/internal'
import { execute, prepare, runToEnd } from '@millrace/core/query'
import { type Cell, columnOfCells } from '../graph-model/column-of-cells.js'
import { describeGraph } from '../graph-model/graph-model.js'
import { readGraph } from '../graph-model/read-graph.js'
import type { SimulatedFileSystem } from '../simulated/simulated-file-system.js'
import {
  type Action,
  type DatabaseModel,
  isLoad,
  isMeaningful,
  type Load,
  type Outcome,
  performPart,
  relsToLoad,
  type Write,
} from './model.js'
import { statementOf, tableStatements } from './statements.js'

const budgetBytes = 1 << 28
const cacheBytes = 1 << 20
/** Rows of a batch: few, so that loads have several. */
const batchRows = 12

/** Errors that say that an action makes no sense, and not that something broke. */
const refusals = new Set([
  'MILLRACE_BINDING',
  'MILLRACE_DUPLICATE_KEY',
  'MILLRACE_MISSING_NODE',
  'MILLRACE_NODE_IN_USE',
  'MILLRACE_NO_TABLE',
  'MILLRACE_SCHEMA',
  'MILLRACE_TABLE_EXISTS',
  'MILLRACE_TABLE_IN_USE',
])

/** The outcome of `action`, unless something broke. */
export async function outcomeOf(action: () => unknown): Promise<Outcome> {
  try {
    await action()
    return 'done'
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (typeof code === 'string' && refusals.has(code)) return code as Outcome
    throw error
  }
}

/** Tables and content of a model, as `SimulatedDatabase.describe` has those of a database. */
export function describeDatabase({ tables, graph }: DatabaseModel): string {
  return `${[...tables].sort().join(' ')}\n${describeGraph(graph)}`
}

/** Loads `load` into `store`, above what `snapshot` shows. */
function loadRows(store: RelStore, snapshot: Snapshot, model: DatabaseModel, load: Load): CatalogChange {
  const table = requireTable(store.catalog, load.kind === 'loadPeople' ? 'Person' : load.table)
  return load.kind === 'loadPeople'
    ? loadPeople(
        store,
        table as NodeTable,
        load.people.map(({ id, name, score }) => [id, name, score]),
      )
    : loadRels(store, snapshot, table as RelTable, relsToLoad(model, load.rels))
}

function* batchesOf<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let at = 0; at < rows.length; at += batchRows) yield rows.slice(at, at + batchRows)
}

function encoder() {
  const context = createBatchEncoderContext(new Arena(new MemoryBudget(budgetBytes), budgetBytes))
  return { context, target: new Uint8Array(64 * pageBytes) }
}

function loadPeople(store: RelStore, table: NodeTable, rows: readonly Cell[][]): CatalogChange {
  const { context, target } = encoder()
  const load = new NodeLoad(store, table, { budget: new MemoryBudget(1 << 26) })
  try {
    for (const batch of batchesOf(rows)) {
      const columns = table.columns.map(({ type }, column) =>
        columnOfCells(
          context.arena,
          type,
          batch.map((row) => row[column]!),
        ),
      )
      load.append(encodeNodeBatch(context, columns, 0, batch.length, target)!, target)
    }
    return load.finish()
  } catch (error) {
    load.abort()
    throw error
  }
}

/** What an import says where a relationship's end is missing: here, too, it ends the load. */
class MissingNode extends Error {
  readonly code = 'MILLRACE_MISSING_NODE'
}

/** @throws MissingNode */
function offsetOf(snapshot: Snapshot, tableId: number, key: bigint | string): number {
  const table = snapshot.catalog.tables.find(({ id }) => id === tableId) as NodeTable
  const offset = snapshot.nodes(table).lookup(key)
  if (offset >= 0) return offset
  throw new MissingNode(`there is no ${table.name} with the key ${key}`)
}

function loadRels(
  store: RelStore,
  snapshot: Snapshot,
  table: RelTable,
  rels: ReturnType<typeof relsToLoad>,
): CatalogChange {
  const { context, target } = encoder()
  const load = new RelLoad(store, table, { budget: new MemoryBudget(1 << 26) })
  try {
    for (const batch of batchesOf(rels)) {
      const { arena } = context
      const lanes = (tableId: number, keys: (bigint | string)[]) =>
        columnOfCells(
          arena,
          'INT64',
          keys.map((key) => BigInt(offsetOf(snapshot, tableId, key))),
        ).values
      const from = lanes(
        table.fromTableId,
        batch.map((rel) => rel.from),
      )
      const to = lanes(
        table.toTableId,
        batch.map((rel) => rel.to),
      )
      const tags = columnOfCells(
        arena,
        'INT64',
        batch.map(({ tag }) => tag),
      )
      const notes = columnOfCells(
        arena,
        'STRING',
        batch.map(({ note }) => note),
      )
      const encoded = encodeRelBatch(
        context,
        from,
        to,
        [tags, notes],
        batch.length,
        load.partitioning,
        target,
      )
      load.append(encoded!, target)
    }
    return load.finish()
  } catch (error) {
    load.abort()
    throw error
  }
}

export class SimulatedDatabase {
  readonly fileSystem: SimulatedFileSystem
  readonly path: string
  #store: Store | null = null
  #snapshot: Snapshot | null = null

  constructor(fileSystem: SimulatedFileSystem, path = '/simulated/graph.mill') {
    this.fileSystem = fileSystem
    this.path = path
  }

  get store(): Store {
    if (this.#store === null) throw new Error('the database is not open')
    return this.#store
  }

  get #reading(): Snapshot {
    if (this.#snapshot === null) throw new Error('the database is not open')
    return this.#snapshot
  }

  open(): void {
    const pool = BufferPool.create(4 * poolBytesMin)
    this.#store = Store.open(this.path, { fileSystem: this.fileSystem, pool })
    this.#snapshot = this.#fresh()
  }

  /** A snapshot that has followed nothing: it sees what the store has. */
  #fresh(): Snapshot {
    const state = stateWith(this.store.catalog, encodeDelta(this.store.delta))
    return new Snapshot(state, this.store.reader, { budget: new MemoryBudget(budgetBytes), cacheBytes })
  }

  close(): void {
    const store = this.#store
    this.#store = null
    this.#snapshot?.close()
    this.#snapshot = null
    store?.close()
  }

  /**
   * All that there is, read in every way; as the caller's thread has followed it, and as the store has it.
   * @throws Error where these differ, or where the check of the tables finds anything
   */
  describe(): string {
    const fresh = this.#fresh()
    const tables = fresh.catalog.tables.map(({ name }) => name)
    for (const table of fresh.catalog.tables) {
      const [problem] = checkTable(fresh, table)
      if (problem !== undefined) throw new Error(`the check finds: ${JSON.stringify(problem)}`)
    }
    const found = describeGraph(readGraph(fresh))
    const followed = describeGraph(readGraph(this.#reading))
    if (found !== followed) throw new Error(`the caller sees\n${followed}\nthe store has\n${found}`)
    fresh.close()
    return `${tables.sort().join(' ')}\n${found}`
  }

  /**
   * Does `action` to a database that is as `model` says.
   * @throws MillraceError what is no refusal: then nothing was done, or it is in doubt
   */
  async perform(model: DatabaseModel, action: Action): Promise<Outcome[]> {
    switch (action.kind) {
      case 'createTable':
        return [await outcomeOf(() => this.#commit(this.#planned(action.table)))]
      case 'dropTable':
        return [
          await outcomeOf(() => {
            const { id: tableId } = requireTable(this.store.catalog, action.table)
            this.#commit({ kind: 'dropTable', tableId })
          }),
        ]
      case 'write':
        return await this.#transaction(model, [action.write], false)
      case 'load':
        return [await outcomeOf(() => this.#load(model, action.load))]
      case 'transaction':
        return await this.#transaction(model, action.parts, action.rollback)
      case 'checkpoint':
        this.#checkpoint()
        return ['done']
      case 'reopen':
        this.close()
        this.open()
        return ['done']
    }
  }

  #planned(table: keyof typeof tableStatements): CatalogChange {
    const prepared = prepare(tableStatements[table], this.store.catalog)
    if (prepared.kind !== 'createNodeTable' && prepared.kind !== 'createRelTable') throw new Error(table)
    return { kind: 'createTable', table: planTable(this.store.catalog, prepared.schema) }
  }

  #follow(change: Uint8Array | null): void {
    if (change !== null) this.#snapshot = this.#reading.advance(decodeChange(change))
  }

  #commit(change: CatalogChange): void {
    this.#follow(this.store.commit(change))
  }

  #checkpoint(): void {
    this.#follow(this.store.checkpoint())
  }

  /** A COPY by itself: it sees segments only. */
  #load(model: DatabaseModel, load: Load): void {
    requireTable(this.store.catalog, load.kind === 'loadPeople' ? 'Person' : load.table)
    if (!this.#reading.delta.isEmpty) this.#checkpoint()
    this.#commit(loadRows(this.store, this.#reading, model, load))
  }

  async #transaction(
    model: DatabaseModel,
    parts: readonly (Write | Load)[],
    rollback: boolean,
  ): Promise<Outcome[]> {
    const transaction = new Transaction(this.store, this.#reading)
    try {
      const outcomes: Outcome[] = []
      let seen = model
      for (const part of parts) {
        outcomes.push(await transaction.perform(seen, part))
        seen = performPart(seen, part).model
      }
      if (rollback) transaction.rollback()
      else this.#follow(transaction.commit())
      return outcomes
    } catch (error) {
      transaction.rollback()
      throw error
    }
  }
}

/** One transaction, as the engine keeps it: small writes, until a load has them made pending changes. */
class Transaction {
  readonly #store: Store
  #pending: PendingChanges | null = null
  #snapshot: Snapshot
  #writes: WriteTransaction

  constructor(store: Store, snapshot: Snapshot) {
    this.#store = store
    this.#snapshot = snapshot
    this.#writes = new WriteTransaction(snapshot)
  }

  async perform(model: DatabaseModel, part: Write | Load): Promise<Outcome> {
    if (isLoad(part)) return await outcomeOf(() => this.#load(model, part))
    if (!isMeaningful(model, part)) return 'done'
    const { text, parameters } = statementOf(model, part)
    const savepoint = this.#writes.savepoint()
    return await outcomeOf(async () => {
      const prepared = prepare(text, this.#snapshot.catalog)
      if (prepared.kind !== 'query') throw new Error(`${text} is no query`)
      try {
        await runToEnd(execute(prepared.plan, this.#writes, parameters), [])
      } catch (error) {
        this.#writes.rollbackTo(savepoint)
        throw error
      }
    })
  }

  /** The writes so far become pending changes, and those and everything below them segments. */
  #load(model: DatabaseModel, load: Load): void {
    requireTable(this.#snapshot.catalog, load.kind === 'loadPeople' ? 'Person' : load.table)
    this.#pending ??= new PendingChanges(this.#store)
    if (!this.#writes.isEmpty) this.#pending.add({ kind: 'writes', bytes: this.#writes.encoded() })
    this.#pending.merge()
    this.#goOn()
    this.#pending.add(loadRows(this.#pending.loadStore, this.#snapshot, model, load))
    this.#goOn()
  }

  #goOn(): void {
    const { catalog } = this.#pending!
    this.#snapshot = new Snapshot(catalog, this.#store.reader, this.#snapshot.source)
    this.#writes = new WriteTransaction(this.#snapshot)
  }

  commit(): Uint8Array | null {
    const bytes = this.#writes.encoded()
    if (this.#pending !== null) {
      if (bytes.length > 0) this.#pending.add({ kind: 'writes', bytes })
      return this.#pending.commit()
    }
    return bytes.length === 0 ? null : this.#store.commit({ kind: 'writes', bytes })
  }

  rollback(): void {
    this.#pending?.rollback()
    this.#pending = null
  }
}
