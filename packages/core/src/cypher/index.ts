/**
 * Cypher: from the text of a statement to its meaning, and from a query's plan to its rows.
 *
 * - `parse` and `prepare` are pure: they touch no data.
 */

export type { Parameters } from './expression/parameters.js'
export type { QueryPlan, ResultColumn } from './plan/plan.js'
export { type Prepared, prepare } from './prepare.js'
export type { CopyOptionValue, Statement } from './syntax/ast.js'
export { parse, splitStatements } from './syntax/parse.js'
