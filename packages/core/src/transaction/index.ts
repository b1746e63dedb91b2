/** Transactions of small writes: a view of the tables that sees its own writes. */
export { PendingChanges } from './pending-changes.js'
export type { DeleteOptions, WritableGraph } from './writable-graph.js'
export { type Savepoint, WriteTransaction } from './write-transaction.js'
