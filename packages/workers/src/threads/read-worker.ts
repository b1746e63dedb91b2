/**
 * The parse worker of those who read CSV without a database: as `parse-worker.ts`, but all that it encodes
 * are plain columns. It knows nothing of the store, so it loads in a fraction of the time.
 *
 * Runs in a piscina pool that has one job.
 *
 * Invariants
 * - Bytes go from the file straight into this worker's WebAssembly memory, and leave it in memory that moves.
 * - The memory that comes with a task is this worker's own until it is sent.
 */
import { parentPort } from 'node:worker_threads'
import { Arena, MemoryBudget } from '@millrace/core/base'
import { beginTask } from '../batch/index.js'
import { csvKernelsModule } from '../csv/index.js'
import { ColumnEncoder } from '../sink/index.js'
import { replyOf } from './error-wire.js'
import { inTurn } from './in-turn.js'
import { ParseJobState } from './parse-job.js'
import type { MovedMemory, ParseJob, ParseOutcome, ParseTask, Reply } from './protocol.js'
import { readInput } from './read-input.js'
import { sayLoaded } from './say-loaded.js'

let state: ParseJobState | undefined

sayLoaded()
// While the source is looked at, there is nothing else to do.
csvKernelsModule()

function stateFor(job: ParseJob): ParseJobState {
  const { workerBytes, slotBytes } = job
  const arena = new Arena(new MemoryBudget(workerBytes), workerBytes)
  return new ParseJobState(job, arena, new ColumnEncoder(slotBytes, arena))
}

const nowhere = new ArrayBuffer(0)

/** Sends the memory of the batch ahead: the pool would copy it. */
function moved({ slot }: ParseTask, outcome: ParseOutcome): ParseOutcome {
  const { batch } = outcome
  if (batch?.kind !== 'columns') return outcome
  const { memory } = batch
  parentPort!.postMessage({ slot, memory } satisfies MovedMemory, [memory])
  return { ...outcome, batch: { ...batch, memory: nowhere } }
}

function run(task: ParseTask): Reply<ParseOutcome> {
  return replyOf(() => {
    beginTask(task.job.control, task.slot, task.number)
    state ??= stateFor(task.job)
    return moved(task, state.run(task, readInput))
  })
}

/** The pool's task function. */
export default inTurn(run)
