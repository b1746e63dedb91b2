/** What every operator of a running query shares. */
import type { NodeTable, RelTable, Table } from '../../catalog/index.js'
import { assert, MillraceError } from '../../errors/index.js'
import type { MemoryBudget } from '../../memory/index.js'
import { type CompileContext, compile } from '../expression/compile.js'
import type { Compiled } from '../expression/definition.js'
import type { Expr } from '../expression/expression.js'
import type { Parameters } from '../expression/parameters.js'
import type { ValueType } from '../expression/types.js'
import type { GraphReader, NodeReader, RelReader, WritableGraph } from '../graph.js'
import { identityBase } from '../vectors/identity.js'
import type { Batch, NumberVector } from '../vectors/vector.js'
import { Pace } from './pace.js'

/**
 * Takes batches and gives batches. Made once a query, applied once. Batches without rows are passed on
 * (`pace.ts`).
 */
export type Operator = (input: Iterable<Batch>) => Iterable<Batch>

export class ExecutionContext {
  readonly graph: GraphReader
  /** When to let other work in. */
  readonly pace: Pace
  /** Identities of what this query has deleted: nothing can be read of it any more. */
  readonly deleted = new Set<number>()
  readonly #compile: CompileContext
  readonly #tables = new Map<number, Table>()

  /** Where the memory of operators that keep rows, and of what reads from outside, is reserved. */
  readonly budget: MemoryBudget

  /** @param workMs see `Pace` */
  constructor(
    graph: GraphReader,
    text: string,
    parameters: Parameters,
    budget: MemoryBudget,
    workMs: number | undefined,
  ) {
    this.graph = graph
    this.pace = new Pace(workMs)
    this.budget = budget
    this.#compile = { text, parameters }
  }

  get text(): string {
    return this.#compile.text
  }

  get parameters(): Parameters {
    return this.#compile.parameters
  }

  /** Compiles over batches whose slots have `slotTypes`, where the plan could not know them. */
  compile(expr: Expr, slotTypes: readonly ValueType[]): Compiled {
    return compile(expr, { ...this.#compile, slotTypes })
  }

  nodeTable(tableId: number): NodeTable {
    const table = this.#table(tableId)
    assert(table?.kind === 'node', `table ${tableId} is a node table of this catalog`)
    return table
  }

  relTable(tableId: number): RelTable {
    const table = this.#table(tableId)
    assert(table?.kind === 'rel', `table ${tableId} is a relationship table of this catalog`)
    return table
  }

  #table(tableId: number): Table | undefined {
    let table = this.#tables.get(tableId)
    if (table === undefined) {
      table = this.graph.catalog.tables.find(({ id }) => id === tableId)
      if (table !== undefined) this.#tables.set(tableId, table)
    }
    return table
  }

  /** The graph of a query that writes. */
  get writable(): WritableGraph {
    assert('createNode' in this.graph, 'a query that writes runs on a graph that can be written')
    return this.graph as WritableGraph
  }

  /**
   * Checks that none of the nodes (by offset) or relationships (by position) of a table was deleted by this
   * query.
   * @throws MillraceError `MILLRACE_DELETED`
   */
  requireAlive(table: Table, { values, rows }: NumberVector): void {
    if (this.deleted.size === 0) return
    const base = identityBase(table.id)
    for (let row = 0; row < rows; row++) {
      if (!this.deleted.has(base + values[row]!)) continue
      const what = table.kind === 'node' ? 'node' : 'relationship'
      throw new MillraceError('MILLRACE_DELETED', { what, table: table.name })
    }
  }

  nodes(tableId: number): NodeReader {
    return this.graph.nodes(this.nodeTable(tableId))
  }

  rels(tableId: number): RelReader {
    return this.graph.rels(this.relTable(tableId))
  }

  /** A reservation that follows what an operator keeps. */
  reservation(purpose: string): Reservation {
    return new Reservation(this.budget, purpose)
  }
}

/** Keeps the memory budget informed of what one operator holds. */
export class Reservation {
  readonly #budget: MemoryBudget
  readonly #purpose: string
  #bytes = 0

  constructor(budget: MemoryBudget, purpose: string) {
    this.#budget = budget
    this.#purpose = purpose
  }

  /**
   * Says that `bytes` are held now.
   * @throws MillraceError `MILLRACE_MEMORY_BUDGET` when they do not fit
   */
  update(bytes: number): void {
    if (bytes > this.#bytes) this.#budget.reserve(bytes - this.#bytes, this.#purpose)
    else this.#budget.release(this.#bytes - bytes)
    this.#bytes = bytes
  }

  release(): void {
    this.update(0)
  }
}
