/** Plans: from a schema to the sources of its columns; unique columns, foreign keys, numbers of rows. */
export { sequenceOf } from './counters.js'
export type { ProjectedColumn, Projection } from './projection.js'
export { type PlanSettings, SchemaPlan } from './schema-plan.js'
export { tablesInOrder } from './table-order.js'
export type { TypedSource } from './table-scope.js'
export { generatorNames } from './text-generators.js'
export { unusedOptions } from './unused-options.js'
