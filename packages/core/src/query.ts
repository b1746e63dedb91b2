/**
 * Queries: statements parsed, bound to a catalog, planned and executed over a snapshot. An entry of its own,
 * so that threads that only load data do not load the grammar.
 */
export * from './cypher/index.js'
