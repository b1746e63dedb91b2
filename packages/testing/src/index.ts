/** Simulated and faulty files, models and generators for Millrace's tests. Not published. */
export {
  afterWrites,
  type City,
  describeGraph,
  emptyGraph,
  type GraphModel,
  type GraphWrite,
  type Person,
  type Rel,
} from './graph-model/graph-model.js'
export { type GraphStep, GraphUnderTest, modelAfter } from './graph-model/graph-under-test.js'
export { describeStored, readGraph } from './graph-model/read-graph.js'
export { Random, randomBytes } from './simulated/random.js'
export {
  type CrashMode,
  crashModes,
  type Fault,
  type FaultPlan,
  type Operation,
  type OperationKind,
  SimulatedCrash,
  SimulatedFileSystem,
} from './simulated/simulated-file-system.js'
export {
  type FabricatedColumn,
  fabricateGroup,
  fabricateKeyIndex,
  fabricateNodeTable,
  fabricateRun,
} from './store-model/fabricate.js'
export {
  describeState,
  type ModelState,
  readState,
  type Step,
  StoreModel,
  stateAfter,
  visibleState,
} from './store-model/store-model.js'
export { expectBounded } from './torture/bounds.js'
export { type Round, torture } from './torture/dose.js'
export { mutate } from './torture/mutate.js'
