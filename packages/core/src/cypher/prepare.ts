/**
 * From a statement to what is to be done: schemas for the catalog, options for an import, a plan for a query,
 * be it one that reads or one that writes.
 */
import type { Catalog } from '../catalog/index.js'
import type { NodeTableSchema, RelTableSchema } from '../types/index.js'
import { bindingError } from './bind/binding-error.js'
import { bindQuery } from './bind/query.js'
import { bindNodeTable, bindOptions, bindRelTable } from './bind/schema.js'
import type { ExternalSources } from './external.js'
import type { QueryPlan, ResultColumn } from './plan/plan.js'
import { planQuery } from './plan/planner.js'
import type { CopyStatement, OptionValue, QueryStatement, Statement } from './syntax/ast.js'
import { parse } from './syntax/parse.js'

/** A query whose rows are loaded into a table. */
export interface CopiedQuery {
  readonly plan: QueryPlan
  readonly columns: readonly ResultColumn[]
}

export type Prepared =
  | { readonly kind: 'createNodeTable'; readonly schema: NodeTableSchema; readonly ifNotExists: boolean }
  | { readonly kind: 'createRelTable'; readonly schema: RelTableSchema; readonly ifNotExists: boolean }
  | { readonly kind: 'dropTable'; readonly table: string; readonly ifExists: boolean }
  | {
      readonly kind: 'copy'
      readonly table: string
      readonly columns: string[] | null
      readonly sources: string[]
      /**
       * The query that gives the rows, one column for each of the file that it stands for; null: files do.
       */
      readonly query: CopiedQuery | null
      /** By camel-case name: `NULL_STRINGS` is `nullStrings`. An option that stands alone is true. */
      readonly options: Map<string, OptionValue>
    }
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'begin'; readonly readOnly: boolean }
  | { readonly kind: 'commit' | 'rollback' }
  /** Reads, writes or both: `plan.writes` says. */
  | { readonly kind: 'query'; readonly plan: QueryPlan; readonly columns: readonly ResultColumn[] }

/**
 * Checks a statement against the catalog and plans it. Parameters are checked when it runs.
 * @param sources asked for the columns of LOAD FROM and CALL; a plan with such holds what they found, for
 * one run: see `QueryPlan.isExternal`
 * @throws MillraceError `MILLRACE_SYNTAX`, `MILLRACE_BINDING`, `MILLRACE_UNSUPPORTED`, and what `sources`
 * raises
 */
export function prepare(
  statement: Statement | string,
  catalog: Catalog,
  sources: ExternalSources | null = null,
): Prepared {
  const parsed = typeof statement === 'string' ? parse(statement) : statement
  switch (parsed.kind) {
    case 'createNodeTable':
      return { kind: parsed.kind, schema: bindNodeTable(parsed), ifNotExists: parsed.ifNotExists }
    case 'createRelTable':
      return { kind: parsed.kind, schema: bindRelTable(parsed), ifNotExists: parsed.ifNotExists }
    case 'dropTable':
      return { kind: parsed.kind, table: parsed.table.text, ifExists: parsed.ifExists }
    case 'copy':
      return {
        kind: parsed.kind,
        table: parsed.table.text,
        columns: parsed.columns?.map((column) => column.text) ?? null,
        sources: [...parsed.sources],
        query: parsed.query && prepareCopied(parsed, parsed.query, catalog, sources),
        options: bindOptions(parsed.options, parsed.text),
      }
    case 'begin':
      return { kind: parsed.kind, readOnly: parsed.readOnly }
    case 'checkpoint':
    case 'commit':
    case 'rollback':
      return { kind: parsed.kind }
    case 'query': {
      const plan = planQuery(bindQuery(parsed, catalog, sources), parsed.text)
      return { kind: parsed.kind, plan, columns: plan.columns }
    }
  }
}

/** @throws MillraceError `MILLRACE_BINDING` when it cannot give the rows of a table; what `prepare` throws */
function prepareCopied(
  { table: { text: name, place }, columns: listed, text }: CopyStatement,
  query: QueryStatement,
  catalog: Catalog,
  sources: ExternalSources | null,
): CopiedQuery {
  const plan = planQuery(bindQuery(query, catalog, sources), text)
  const { columns } = plan
  const refuse = (what: string, hint: string) => bindingError(text, place, what, hint)
  if (plan.writes) throw refuse('The query of a COPY writes', 'Write with a statement of its own.')
  const entity = columns.find(({ type }) => type === 'NODE' || type === 'REL')
  if (entity !== undefined) {
    throw refuse(`${entity.name} is no value of a column`, `Return its properties: ${entity.name}.name.`)
  }
  const table = catalog.tables.find((each) => each.name === name)
  const expected = listed?.length ?? (table && table.columns.length + (table.kind === 'rel' ? 2 : 0))
  if (expected !== undefined && columns.length !== expected) {
    const has = `The query returns ${columns.length} columns, and COPY takes ${expected}`
    const hint =
      'Columns go by their order: return all, or name those that are returned, COPY T(a, b) FROM (…).'
    throw refuse(has, table?.kind === 'rel' ? `The keys of both ends come first. ${hint}` : hint)
  }
  return { plan, columns }
}
