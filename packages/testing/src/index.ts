/** Simulated and faulty files, models and generators for Millrace's tests. Not published. */
export { actionAt, databaseAction, firstActions } from './database-model/actions.js'
export {
  type Action,
  type DatabaseModel,
  emptyDatabase,
  isLoad,
  isMeaningful,
  type Load,
  type Outcome,
  type Performed,
  perform,
  performPart,
  relsToLoad,
  type TableName,
  tableNames,
  type Write,
} from './database-model/model.js'
export { type DatabaseUnderTest, performOn } from './database-model/perform-on.js'
export { describeDatabase, outcomeOf, SimulatedDatabase } from './database-model/simulated-database.js'
export { type Statement, statementOf, tableStatements } from './database-model/statements.js'
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
  type Look,
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
export { type Round, torture, tortureTimeoutMs } from './torture/dose.js'
export { mutate } from './torture/mutate.js'
