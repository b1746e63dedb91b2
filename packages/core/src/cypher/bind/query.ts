/**
 * Binds queries: stage by stage, each over the columns that the stage before hands on. Clauses that match or
 * project make parts; every UNWIND, LOAD FROM and CALL and
 * every clause that writes is a stage of its own.
 */
import type { Catalog } from '../../catalog/index.js'
import { MillraceError } from '../../errors/index.js'
import { queryPartsMax, queryUpdatesMax } from '../../limits.js'
import { conjuncts, type Expr } from '../expression/expression.js'
import type { ExternalSources } from '../external.js'
import type {
  Expression,
  MatchClause,
  QueryPart,
  QueryStatement,
  SourceClause,
  UnwindClause,
} from '../syntax/ast.js'
import { startOfText } from '../syntax/place.js'
import { ExpressionBinder } from './expression.js'
import { type Alternative, PatternBinder } from './pattern.js'
import { type BoundProjection, ProjectionBinder } from './projection.js'
import { type HandedColumn, type PatternGraph, Scope } from './scope.js'
import { type BoundSource, bindSource } from './source.js'
import { type BoundUnwind, bindUnwind } from './unwind.js'
import { type BoundWrite, UpdateBinder } from './update.js'

export type BoundStage = BoundPart | BoundUnwind | BoundSource | BoundWrite

export interface BoundPart {
  readonly kind: 'part'
  readonly input: readonly HandedColumn[]
  readonly graph: PatternGraph
  readonly alternatives: readonly Alternative[]
  /** All must be true. */
  readonly conditions: readonly Expr[]
  readonly projection: BoundProjection
}

/**
 * Looks up every name of a query and checks its types.
 * @throws MillraceError `MILLRACE_BINDING`, `MILLRACE_UNSUPPORTED`, and what `sources` raises
 */
export function bindQuery(
  statement: QueryStatement,
  catalog: Catalog,
  sources: ExternalSources | null,
): BoundStage[] {
  const binder = new QueryBinder(statement, catalog, sources)
  const { parts } = statement
  const others = parts.flatMap(({ readings }) => readings.filter(({ kind }) => kind !== 'match'))
  requireAtMost(parts.length + others.length, queryPartsMax, 'parts (WITH, RETURN, UNWIND, LOAD, CALL)')
  const updates = parts.reduce((sum, part) => sum + part.updates.length, 0)
  requireAtMost(updates, queryUpdatesMax, 'clauses that write')
  for (const part of parts) binder.add(part)
  return binder.stages
}

/** Parts work inside one another: too many would end in a stack that is full. */
function requireAtMost(count: number, most: number, what: string): void {
  if (count <= most) return
  const hint = 'Divide it into several statements, in a transaction if they belong together.'
  throw new MillraceError('MILLRACE_UNSUPPORTED', { what: `A query of more than ${most} ${what}`, hint })
}

class QueryBinder {
  readonly stages: BoundStage[] = []
  readonly #statement: QueryStatement
  readonly #catalog: Catalog
  #input: readonly HandedColumn[] = []
  readonly #sources: ExternalSources | null
  /** What WITH … WHERE, and LOAD and CALL with it, filter is filtered at the beginning of the next part. */
  #pending: Expression[] = []

  constructor(statement: QueryStatement, catalog: Catalog, sources: ExternalSources | null) {
    this.#statement = statement
    this.#catalog = catalog
    this.#sources = sources
  }

  add(part: QueryPart): void {
    let matches: MatchClause[] = []
    const flush = (): void => {
      if (matches.length > 0 || this.#pending.length > 0) this.#part(matches, null)
      matches = []
    }
    for (const reading of part.readings) {
      if (reading.kind === 'match') matches.push(reading)
      else {
        flush()
        this.#read(reading)
      }
    }
    if (part.updates.length > 0) flush()
    for (const update of part.updates) {
      this.#push(new UpdateBinder(this.#catalog, this.#statement.text, this.#input).bind(update))
    }
    if (part.projection === null) return
    this.#part(matches, part)
    if (part.where !== null) this.#pending.push(part.where)
  }

  /** A clause that is a stage of its own. */
  #read(clause: UnwindClause | SourceClause): void {
    if (clause.kind === 'unwind') {
      this.#push(bindUnwind(clause, this.#statement, this.#input))
      return
    }
    this.#push(bindSource(clause, this.#statement, this.#input, this.#sources))
    if (clause.where !== null) this.#pending.push(clause.where)
  }

  #push(stage: BoundUnwind | BoundSource | BoundWrite): void {
    this.stages.push(stage)
    this.#input = stage.output
  }

  /** `ending`: the WITH or RETURN that ends the part; null: every name is handed on. */
  #part(matches: readonly MatchClause[], ending: QueryPart | null): void {
    const { text, parts } = this.#statement
    const scope = new Scope(this.#input, startOfText)
    const conditions: Expr[] = []
    const { alternatives, conditions: matched } = new PatternBinder(this.#catalog, scope, text).bind(matches)
    for (const condition of this.#pending.splice(0)) {
      conditions.push(new ExpressionBinder(scope, text, { aggregates: false }).bindCondition(condition))
    }
    conditions.push(...matched)
    const binder = new ProjectionBinder(scope, text)
    const written = ending?.projection ?? null
    const projection = written === null ? binder.bindAll() : binder.bind(written, ending === parts.at(-1))
    const { graph } = scope
    const flat = conditions.flatMap(conjuncts)
    this.stages.push({ kind: 'part', input: this.#input, graph, alternatives, conditions: flat, projection })
    this.#input = projection.columns
  }
}
