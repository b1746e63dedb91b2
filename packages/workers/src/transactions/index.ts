/**
 * Statements that write, and transactions: who may write when, what shares a commit, and what each sees.
 * Everything here runs on the caller's thread; the writer thread only makes durable what it is handed.
 */
export { CurrentState, type Reading } from './current-state.js'
export { ForgottenStatements } from './forgotten-statements.js'
export { MisuseGuard } from './misuse-guard.js'
export {
  type ImportView,
  OpenTransaction,
  type Transaction,
  type TransactionHost,
} from './open-transaction.js'
export { PlanCache } from './plan-cache.js'
export { committedRows, withRefused } from './query-source.js'
export { Session } from './session.js'
export {
  type AskedStatement,
  copyOptionsOf,
  importRow,
  type QueryOptions,
  type RunOptions,
} from './statement-options.js'
export { changeTables, isNeedless } from './table-statements.js'
export { WriteQueue } from './write-queue.js'
