/**
 * One open transaction: small writes gathered on this thread, and changes of tables pending on the writer.
 *
 * ```
 *   small writes ──► WriteTransaction, above the snapshot
 *   COPY, CREATE TABLE, DROP TABLE ──► the writes so far go to the writer, the change is made there, and the
 *                                      transaction goes on above the snapshot with both
 *   commit ──► one log transaction: the changes, then the writes since
 * ```
 *
 * Invariants
 * - Statements run one after the other, in the order of the calls.
 * - A statement that fails takes back what it wrote; the transaction goes on without it.
 * - Nobody else sees anything before the commit; nothing is left after a rollback.
 */
import {
  type Catalog,
  decodeChange,
  type MillraceError,
  type Snapshot,
  WriteTransaction,
} from '@millrace/core/internal'
import {
  execute,
  type Parameters,
  PendingQuery,
  type Prepared,
  pendingStatement,
  type ResultBatch,
  runToEnd,
} from '@millrace/core/query'
import { workersError } from '../errors/index.js'
import type { CopyOptions, ImportResult, ImportSource } from '../import/index.js'
import type { CsvSources } from '../load-from/index.js'
import type { CommitReply, WriterClient } from '../threads/index.js'
import type { CurrentState, Reading } from './current-state.js'
import type { ForgottenStatements } from './forgotten-statements.js'
import { misplaced } from './misplaced.js'
import type { PlanCache } from './plan-cache.js'
import { queryAsSource, withRefused } from './query-source.js'
import {
  type AskedStatement,
  copyOptionsOf,
  importRow,
  type QueryOptions,
  type RunOptions,
} from './statement-options.js'
import { changeTables, isNeedless } from './table-statements.js'

/** What runs in the function of `db.transaction`. */
export interface Transaction {
  readonly readOnly: boolean
  /** As `Database.run`, within the transaction. */
  run(statement: string, parameters?: Parameters, options?: RunOptions): Promise<ImportResult | undefined>
  /** As `Database.query`, within the transaction; the rows can be read until it ends. */
  query(statement: string, parameters?: Parameters, options?: QueryOptions): PendingQuery
  /** As `Database.copyFrom`, within the transaction. */
  copyFrom(table: string, source: ImportSource, options?: CopyOptions): Promise<ImportResult>
}

/** The state that an import within a transaction works on. */
export interface ImportView {
  readonly catalog: Catalog
  apply(reply: CommitReply): void
}

export interface TransactionHost {
  readonly state: CurrentState
  readonly plans: PlanCache
  /** What finds the files of one statement. */
  newSources(): CsvSources
  readonly forgotten: ForgottenStatements
  /** Aborted when the database closes. */
  readonly closing: AbortSignal
  copyFrom(view: ImportView, table: string, source: ImportSource, options: CopyOptions): Promise<ImportResult>
}

type QueryStatement = Extract<Prepared, { kind: 'query' }>
type OtherStatement = Exclude<Prepared, { kind: 'query' }>

export class OpenTransaction implements Transaction {
  readonly #host: TransactionHost
  /** Undefined in a transaction that only reads. */
  readonly #writer: WriterClient | undefined
  readonly #reading: Reading
  readonly #over = new AbortController()
  #snapshot: Snapshot
  #writes: WriteTransaction | undefined
  /** The writer has changes of this transaction. */
  #hasChanges = false
  #last: Promise<unknown> = Promise.resolve()

  /** Without `writer` it only reads. One with a writer must be the only one that writes. */
  constructor(host: TransactionHost, writer?: WriterClient) {
    this.#host = host
    this.#writer = writer
    this.#reading = host.state.read()
    this.#snapshot = this.#reading.snapshot
    if (writer !== undefined) this.#writes = new WriteTransaction(this.#snapshot)
  }

  get readOnly(): boolean {
    return this.#writer === undefined
  }

  async run(
    statement: string,
    parameters: Parameters = {},
    options: RunOptions = {},
  ): Promise<ImportResult | undefined> {
    return await this.#inTurn(async () => {
      const sources = this.#host.newSources()
      const prepared = this.prepare(statement, sources)
      if (prepared.kind !== 'query') {
        return await this.#runOther(prepared, { statement, parameters, sources }, options)
      }
      const { signal } = options
      const signals = this.#signals(signal)
      if (prepared.plan.writes) await this.#write(prepared, parameters, signals)
      else await runToEnd(execute(prepared.plan, this.#graph, parameters), signals, false)
      return undefined
    })
  }

  query(statement: string, parameters: Parameters = {}, options: QueryOptions = {}): PendingQuery {
    this.#requireOpen()
    const sources = this.#host.newSources()
    const prepared = this.prepare(statement, sources)
    const { signal, int64 = 'number' } = options
    if (prepared.kind !== 'query') {
      const run = () => this.run(statement, parameters, signal === undefined ? {} : { signal })
      return pendingStatement(async () => importRow(await run()), this.#host.forgotten.watch(statement))
    }
    const signals = this.#signals(signal)
    let letGo = (): void => {}
    const start = (): Promise<Iterable<ResultBatch>> =>
      this.#inTurn(async () => {
        const current = this.prepare(statement, sources) as QueryStatement
        if (current.plan.writes) return await this.#write(current, parameters, signals)
        const batches = execute(current.plan, this.#graph, parameters)
        // What reads this transaction's own writes is read at once: the next statement may write.
        if (this.#writes?.isEmpty === false) return await runToEnd(batches, signals)
        letGo = this.#snapshot.hold()
        return batches
      })
    const refused = () => sources.refused
    const ending = prepared.plan.writes ? this.#host.forgotten.watch(statement) : { onClose: () => letGo() }
    return new PendingQuery(prepared.columns, start, { int64, signals, refused, ...ending })
  }

  async copyFrom(table: string, source: ImportSource, options: CopyOptions = {}): Promise<ImportResult> {
    return await this.#inTurn(async () => await this.#copyFrom(table, source, options))
  }

  /**
   * Ends the transaction; what it wrote is durable when this returns.
   * @throws MillraceError what committing throws: nothing was committed then, unless it is in doubt
   */
  async commit(): Promise<void> {
    await this.#last
    const writes = this.#writes?.encoded() ?? new Uint8Array(0)
    const hasChanges = this.#hasChanges
    this.#end()
    const writer = this.#writer
    if (writer === undefined) return
    const { state } = this.#host
    if (!hasChanges) {
      if (writes.length > 0) await state.commitWrites(writer, writes)
      return
    }
    try {
      state.apply(await state.guard(writer.call('commitChanges', writes, state.commitRequest)))
    } catch (error) {
      await writer.call('rollbackChanges').catch(() => {})
      throw error
    }
  }

  /** Ends the transaction, and leaves nothing of it. Safe to call again. */
  async rollback(): Promise<void> {
    if (this.#over.signal.aborted) return
    this.#over.abort(this.#ended())
    await this.#last
    const hasChanges = this.#hasChanges
    this.#end()
    if (hasChanges) await this.#writer?.call('rollbackChanges')
  }

  #end(): void {
    this.#over.abort(this.#ended())
    this.#hasChanges = false
    this.#writes = undefined
    this.#reading.release()
  }

  #ended(): MillraceError {
    return workersError('MILLRACE_TRANSACTION', {
      what: 'The transaction has ended',
      hint: 'Begin another one; read rows before the function of a transaction returns.',
    })
  }

  #requireOpen(): void {
    this.#over.signal.throwIfAborted()
    this.#host.closing.throwIfAborted()
  }

  /** Runs `action` when all statements before it have ended. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      this.#requireOpen()
      return await action()
    })
    this.#last = turn.catch(() => {})
    return turn
  }

  #signals(signal: AbortSignal | undefined): AbortSignal[] {
    const always = [this.#over.signal, this.#host.closing]
    return signal === undefined ? always : [...always, signal]
  }

  /** What the statement means here. @throws MillraceError what `prepare` throws */
  prepare(statement: string, sources: CsvSources = this.#host.newSources()): Prepared {
    return this.#host.plans.prepare(statement, this.#snapshot.catalog, sources)
  }

  /** What statements read. Until something is written, that is the snapshot itself. */
  get #graph(): Snapshot | WriteTransaction {
    return this.#writes?.isEmpty === false ? this.#writes : this.#snapshot
  }

  #requireWritable(): WriterClient {
    if (this.#writer !== undefined) return this.#writer
    throw workersError('MILLRACE_TRANSACTION', {
      what: 'The transaction only reads',
      hint: 'Begin it without READ ONLY.',
    })
  }

  async #write(
    { plan }: QueryStatement,
    parameters: Parameters,
    signals: readonly AbortSignal[],
  ): Promise<ResultBatch[]> {
    this.#requireWritable()
    const writes = this.#writes!
    const savepoint = writes.savepoint()
    try {
      return await runToEnd(execute(plan, writes, parameters), signals)
    } catch (error) {
      writes.rollbackTo(savepoint)
      throw error
    }
  }

  async #runOther(
    prepared: OtherStatement,
    asked: AskedStatement,
    options: RunOptions,
  ): Promise<ImportResult | undefined> {
    switch (prepared.kind) {
      case 'copy': {
        const source = prepared.query === null ? prepared.sources : this.#queryAsSource(asked, options.signal)
        const copyOptions = copyOptionsOf(prepared, options, this.#snapshot.catalog)
        return withRefused(await this.#copyFrom(prepared.table, source, copyOptions), asked.sources.refused)
      }
      case 'createNodeTable':
      case 'createRelTable':
      case 'dropTable': {
        const writer = this.#requireWritable()
        if (isNeedless(prepared, this.#snapshot.catalog)) return undefined
        await this.#sendWrites(writer)
        this.#apply(await changeTables(prepared, writer, this.#host.state.commitRequest))
        return undefined
      }
      case 'begin':
        throw misplaced('BEGIN TRANSACTION within a transaction', 'Transactions do not nest.')
      case 'commit':
      case 'rollback': {
        const what = `${prepared.kind.toUpperCase()} within the function of a transaction`
        throw misplaced(what, 'It commits when the function returns, and rolls back when it throws.')
      }
      case 'checkpoint':
        throw misplaced('CHECKPOINT within a transaction', 'Run it behind COMMIT.')
    }
  }

  /** What was written before the load has been taken over by the writer when it asks for rows. */
  #queryAsSource({ statement, parameters, sources }: AskedStatement, signal: AbortSignal | undefined) {
    const start = () => {
      const release = this.#snapshot.hold()
      return { graph: this.#snapshot, prepare: () => this.prepare(statement, sources), release }
    }
    return queryAsSource(start, parameters, this.#signals(signal))
  }

  async #copyFrom(table: string, source: ImportSource, options: CopyOptions): Promise<ImportResult> {
    const writer = this.#requireWritable()
    if (options.onFailure === 'keep' || options.resume === true) {
      throw misplaced(
        'A load that can be resumed, within a transaction',
        'It commits by itself: run it outside, or leave out onFailure and resume.',
      )
    }
    await this.#sendWrites(writer)
    // A load sees segments only.
    if (!this.#snapshot.delta.isEmpty) {
      const merged = await writer.call('mergeWrites')
      this.#apply({ change: merged, merged: null })
    }
    const { signal } = options
    const view: ImportView = {
      catalog: this.#snapshot.catalog,
      apply: (reply) => this.#apply(reply),
    }
    const any = AbortSignal.any(this.#signals(signal))
    return await this.#host.copyFrom(view, table, source, { ...options, signal: any })
  }

  /** The writer takes over what was written so far; what follows is made above it. */
  async #sendWrites(writer: WriterClient): Promise<void> {
    if (!this.#hasChanges) {
      await writer.call('beginChanges')
      this.#hasChanges = true
    }
    const writes = this.#writes!
    if (writes.isEmpty) return
    const bytes = writes.encoded()
    await writer.call('addWrites', bytes)
    this.#snapshot = this.#snapshot.advance({ kind: 'writes', bytes })
    this.#writes = new WriteTransaction(this.#snapshot)
  }

  /** Goes on above what the writer has made for this transaction. */
  #apply({ change }: CommitReply): void {
    if (change === null) return
    this.#snapshot = this.#snapshot.advance(decodeChange(change))
    this.#writes = new WriteTransaction(this.#snapshot)
  }
}
