/** A store with the tables of the graph model, on which its steps are done. */
import {
  Arena,
  BufferPool,
  type CatalogChange,
  checkTable,
  createBatchEncoderContext,
  decodeChange,
  encodeDelta,
  encodeNodeBatch,
  type LogicalType,
  MemoryBudget,
  NodeLoad,
  PendingChanges,
  pageBytes,
  planTable,
  poolBytesMin,
  type RelStore,
  relsOfNode,
  requireTable,
  type SegmentSource,
  Snapshot,
  Store,
  stateWith,
  type Table,
  type TableProblem,
  WriteTransaction,
} from '@millrace/core/internal'
import type { SimulatedFileSystem } from '../simulated/simulated-file-system.js'
import { type Cell, columnOfCells } from './column-of-cells.js'
import {
  afterWrite,
  afterWrites,
  describeGraph,
  emptyGraph,
  type GraphModel,
  type GraphWrite,
  isPossible,
  type Person,
  type Rel,
} from './graph-model.js'
import { describeStored } from './read-graph.js'

const relColumns = [
  { name: 'tag', type: 'INT64' as const },
  { name: 'note', type: 'STRING' as const },
]

const budgetBytes = 1 << 28
const cacheBytes = 1 << 20
const targetPages = 64

/** One step, done to the store and to the model. */
export type GraphStep =
  | { readonly kind: 'create' | 'checkpoint' | 'reopen' | 'close' }
  /** A transaction; one that is rolled back changes nothing. */
  | { readonly kind: 'write'; readonly writes: readonly GraphWrite[]; readonly rollback?: boolean }
  /** A transaction that writes, loads people, and writes again. */
  | {
      readonly kind: 'mixed'
      readonly before: readonly GraphWrite[]
      readonly people: readonly Person[]
      readonly after: readonly GraphWrite[]
      readonly rollback?: boolean
    }
  /** A load of people whose keys are not there. Merges first, as a COPY does. */
  | { readonly kind: 'load'; readonly people: readonly Person[] }

function withPeople(model: GraphModel, loaded: readonly Person[]): GraphModel {
  const people = loaded.filter(({ id }) => !model.people.has(id))
  return {
    ...model,
    people: new Map([...model.people, ...people.map((person) => [person.id, person] as const)]),
  }
}

/** The model after a step. */
export function modelAfter(model: GraphModel, step: GraphStep): GraphModel {
  switch (step.kind) {
    case 'write':
      return step.rollback ? model : afterWrites(model, step.writes)
    case 'mixed':
      if (step.rollback) return model
      return afterWrites(withPeople(afterWrites(model, step.before), step.people), step.after)
    case 'load':
      return withPeople(model, step.people)
    default:
      return model
  }
}

export class GraphUnderTest {
  readonly fileSystem: SimulatedFileSystem
  readonly path: string
  model: GraphModel = emptyGraph
  #store: Store | null = null
  #snapshot: Snapshot | null = null

  constructor(fileSystem: SimulatedFileSystem, path = '/simulated/graph.mill') {
    this.fileSystem = fileSystem
    this.path = path
  }

  get store(): Store {
    if (this.#store === null) throw new Error('the store is not open')
    return this.#store
  }

  /** What the caller's thread holds: it follows the committed changes. */
  get snapshot(): Snapshot {
    if (this.#snapshot === null) throw new Error('the store is not open')
    return this.#snapshot
  }

  open(readOnly = false): void {
    const pool = BufferPool.create(4 * poolBytesMin)
    this.#store = Store.open(this.path, { fileSystem: this.fileSystem, pool, readOnly })
    this.#snapshot = this.freshSnapshot()
  }

  /** A snapshot that has followed nothing: it sees what the store has. */
  freshSnapshot(source?: SegmentSource): Snapshot {
    const state = stateWith(this.store.catalog, encodeDelta(this.store.delta))
    const options = source ?? { budget: new MemoryBudget(budgetBytes), cacheBytes }
    return new Snapshot(state, this.store.reader, options)
  }

  close(): void {
    const store = this.#store
    this.#store = null
    this.#snapshot = null
    store?.close()
  }

  do(step: GraphStep): void {
    this.#do(step)
    this.model = modelAfter(this.model, step)
  }

  #do(step: GraphStep): void {
    switch (step.kind) {
      case 'create':
        if (this.#store === null) this.open()
        this.#createTables()
        break
      case 'checkpoint':
        this.checkpoint()
        break
      case 'reopen':
        this.close()
        this.open()
        break
      case 'close':
        this.close()
        break
      case 'write': {
        const transaction = new WriteTransaction(this.snapshot)
        this.write(transaction, step.writes)
        if (!step.rollback) this.commit({ kind: 'writes', bytes: transaction.encoded() })
        break
      }
      case 'mixed':
        this.#mixed(step)
        break
      case 'load': {
        this.checkpoint()
        const change = this.#load(this.store, this.model, step.people)
        if (change !== null) this.commit(change)
      }
    }
  }

  /** As a transaction with a COPY: writes become segments, the load comes above them, all is one commit. */
  #mixed(step: Extract<GraphStep, { kind: 'mixed' }>): void {
    const pending = new PendingChanges(this.store)
    try {
      const first = new WriteTransaction(this.snapshot)
      this.write(first, step.before)
      pending.add({ kind: 'writes', bytes: first.encoded() })
      pending.merge()
      let model = afterWrites(this.model, step.before)
      const change = this.#load(pending.loadStore, model, step.people)
      if (change !== null) pending.add(change)
      model = withPeople(model, step.people)
      const above = new Snapshot(pending.catalog, this.store.reader, this.snapshot.source)
      const second = new WriteTransaction(above)
      this.write(second, step.after, model)
      pending.add({ kind: 'writes', bytes: second.encoded() })
      const seen = describeGraph(afterWrites(model, step.after))
      if (describeStored(second) !== seen) throw new Error('the transaction does not see what it has done')
      if (step.rollback) {
        pending.rollback()
        return
      }
      const bytes = pending.commit()
      if (bytes !== null) this.#snapshot = this.snapshot.advance(decodeChange(bytes))
    } catch (error) {
      pending.rollback()
      throw error
    }
  }

  #createTables(): void {
    const people = [
      { name: 'id', type: 'INT64' as const },
      { name: 'name', type: 'STRING' as const },
      { name: 'score', type: 'DOUBLE' as const },
    ]
    const cities = [
      { name: 'name', type: 'STRING' as const },
      { name: 'size', type: 'INT64' as const },
      { name: 'capital', type: 'BOOL' as const },
    ]
    const create = (schema: Parameters<typeof planTable>[1]) =>
      this.commit({ kind: 'createTable', table: planTable(this.store.catalog, schema) })
    create({ kind: 'node', name: 'Person', columns: people, keyColumn: 0 })
    create({ kind: 'node', name: 'City', columns: cities, keyColumn: 0 })
    create({ kind: 'rel', name: 'Knows', fromTable: 'Person', toTable: 'Person', columns: relColumns })
    create({ kind: 'rel', name: 'Lives', fromTable: 'Person', toTable: 'City', columns: relColumns })
  }

  /** Commits, and has the snapshot follow, as the caller's thread does. */
  commit(change: CatalogChange): void {
    const bytes = this.store.commit(change)
    this.#snapshot = this.snapshot.advance(decodeChange(bytes))
  }

  checkpoint(): void {
    // Once for the log and the tables, then for the pages at the end of the file.
    for (let pass = 0; pass < 2; pass++) {
      const bytes = this.store.checkpoint({ compaction: 'all' })
      if (bytes !== null) this.#snapshot = this.snapshot.advance(decodeChange(bytes))
    }
  }

  table(name: string): Table {
    return requireTable(this.store.catalog, name)
  }

  /** Does the possible ones of `writes` in a transaction that sees the model's graph. */
  write(transaction: WriteTransaction, writes: readonly GraphWrite[], before = this.model): void {
    let model = before
    for (const write of writes) {
      if (!isPossible(model, write)) continue
      this.#write(transaction, model, write)
      model = afterWrite(model, write)
    }
  }

  #write(transaction: WriteTransaction, model: GraphModel, write: GraphWrite): void {
    const people = this.table('Person').id
    const cities = this.table('City').id
    switch (write.kind) {
      case 'createPerson': {
        const { id, name, score } = write.person
        transaction.createNode(people, [id, name, score])
        break
      }
      case 'createCity': {
        const { name, size, capital } = write.city
        transaction.createNode(cities, [name, size, capital])
        break
      }
      case 'createRel': {
        const { kind, from, to, tag, note } = write.rel
        const source = this.#offset(transaction, 'Person', from)
        const target = this.#offset(transaction, kind === 'Knows' ? 'Person' : 'City', to)
        transaction.createRel(this.table(kind).id, source, target, [tag, note])
        break
      }
      case 'setPerson':
        this.#setNode(transaction, 'Person', write.id, write.change)
        break
      case 'setCity':
        this.#setNode(transaction, 'City', write.name, write.change)
        break
      case 'rekeyPerson':
        this.#setNode(transaction, 'Person', write.id, { id: write.to })
        break
      case 'rekeyCity':
        this.#setNode(transaction, 'City', write.name, { name: write.to })
        break
      case 'setRel': {
        const rel = model.rels.get(write.tag)!
        transaction.setRel(this.table(rel.kind).id, this.#position(transaction, rel), 1, write.note)
        break
      }
      case 'deletePerson':
        transaction.deleteNode(people, this.#offset(transaction, 'Person', write.id), { detach: true })
        break
      case 'deleteCity':
        transaction.deleteNode(cities, this.#offset(transaction, 'City', write.name), { detach: true })
        break
      case 'deleteRel': {
        const rel = model.rels.get(write.tag)!
        transaction.deleteRel(this.table(rel.kind).id, this.#position(transaction, rel))
      }
    }
  }

  #setNode(
    transaction: WriteTransaction,
    name: string,
    key: bigint | string,
    change: Readonly<Record<string, bigint | number | boolean | string | null | undefined>>,
  ): void {
    const table = this.table(name)
    const offset = this.#offset(transaction, name, key)
    for (const [property, value] of Object.entries(change)) {
      const column = table.columns.findIndex((candidate) => candidate.name === property)
      if (value !== undefined) transaction.setNode(table.id, offset, column, value)
    }
  }

  #offset(transaction: WriteTransaction, name: string, key: bigint | string): number {
    const offset = transaction
      .nodes(requireTable(transaction.catalog, name) as Table & { kind: 'node' })
      .lookup(key)
    if (offset < 0) throw new Error(`${name} ${key} is not found`)
    return offset
  }

  #position(transaction: WriteTransaction, rel: Rel): number {
    const table = requireTable(transaction.catalog, rel.kind) as Table & { kind: 'rel' }
    const reader = transaction.rels(table)
    const from = this.#offset(transaction, 'Person', rel.from)
    const to = this.#offset(transaction, rel.kind === 'Knows' ? 'Person' : 'City', rel.to)
    const between = transaction.findRels(table.id, from, to)
    const all = relsOfNode(reader, 'forward', from)
    for (const position of between) {
      if (!all.includes(position)) throw new Error(`relationship ${position} is found in one way only`)
      let run = 0
      while (run + 1 < reader.runCount && reader.runStart(run + 1) <= position) run++
      const vector = reader.property(run, [position - reader.runStart(run)], 1, 0)
      if (vector.kind !== 'string' && BigInt(vector.values[0]!) === rel.tag) return position
    }
    throw new Error(`relationship ${rel.tag} is not found`)
  }

  /** Loads the people who are not in `model`; null when all are. */
  #load(store: RelStore, model: GraphModel, people: readonly Person[]): CatalogChange | null {
    const rows = people.filter(({ id }) => !model.people.has(id))
    if (rows.length === 0) return null
    const table = requireTable(store.catalog, 'Person') as Table & { kind: 'node' }
    const context = createBatchEncoderContext(new Arena(new MemoryBudget(budgetBytes), budgetBytes))
    const column = (type: LogicalType, cells: Cell[]) => columnOfCells(context.arena, type, cells)
    const target = new Uint8Array(targetPages * pageBytes)
    const columns = [
      column(
        'INT64',
        rows.map(({ id }) => id),
      ),
      column(
        'STRING',
        rows.map(({ name }) => name),
      ),
      column(
        'DOUBLE',
        rows.map(({ score }) => score),
      ),
    ]
    const batch = encodeNodeBatch(context, columns, 0, rows.length, target)
    const load = new NodeLoad(store, table, { budget: new MemoryBudget(1 << 26) })
    try {
      load.append(batch!, target)
      return load.finish()
    } catch (error) {
      load.abort()
      throw error
    }
  }

  /** Everything that the checks of the tables find. */
  problems(): TableProblem[] {
    const { snapshot } = this
    return this.store.catalog.tables.flatMap((table) => Array.from(checkTable(snapshot, table)))
  }
}
