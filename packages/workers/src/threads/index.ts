/**
 * The threads of an import: the pool of parse workers, the writer, and the protocol between them and the
 * caller's thread.
 */
export { bytesWorthCollecting, collectGarbage } from './collect-garbage.js'
export { ParseJobState } from './parse-job.js'
export { ParsePool } from './parse-pool.js'
export type {
  BuildOutcome,
  BuildTask,
  CommitReply,
  CommitRequest,
  InputBytes,
  KeyAnswers,
  KeysRequest,
  LoadReply,
  ParseJob,
  ParseOutcome,
  ParseTask,
} from './protocol.js'
export { readInput } from './read-input.js'
export { WriterClient } from './writer-client.js'
