/**
 * The inputs of the import bench: deterministic files of the shapes that people load, and what a database
 * that loaded them must answer. Knows nothing of how they are imported.
 */
export { prepareRows, prepareWorkload, removeWorkload, sumsOf, type Workload } from './generate.js'
export { defaultSeed, Random } from './random.js'
export { type CaseName, type Check, caseNames } from './shape.js'
export { shapes } from './shapes.js'
export type { TableDescription } from './table.js'
