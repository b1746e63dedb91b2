/**
 * The inputs of the import bench: files of the shapes that people load, made from the schemas in
 * `packages/bench/workloads`, and what a database that loaded them must answer. Knows nothing of how they are
 * imported.
 */
export {
  defaultSeed,
  prepareRows,
  prepareWorkload,
  removeWorkload,
  sumsOf,
  type Workload,
} from './generate.js'
export { type CaseName, type Check, caseNames, type TableDescription } from './shape.js'
export { shapes } from './shapes.js'
