/**
 * A parse worker: reads one block, parses it column by column, encodes the batch into its slot; later, sorts
 * and encodes units of relationships.
 *
 * Runs in a piscina pool. Everything it needs comes with the task; what can be kept between tasks of one job
 * is kept.
 *
 * Invariants
 * - Bytes go from the file straight into this worker's WebAssembly memory and leave it encoded. There is no
 *   JavaScript object or string per row or per cell.
 * - The slot is this worker's own from the task's beginning to its answer. Another task may have arrived
 *   meanwhile: it waits, its slot untouched.
 */
import { beginTask } from '../batch/index.js'
import { bytesWorthCollecting, collectGarbage } from './collect-garbage.js'
import { replyOf } from './error-wire.js'
import { inTurn } from './in-turn.js'
import type { BuildOutcome, ParseJob, ParseOutcome, Reply, WorkerTask } from './protocol.js'
import { readInput } from './read-input.js'
import { sayLoaded } from './say-loaded.js'
import { WorkerJob } from './worker-job.js'

let current: WorkerJob | undefined

sayLoaded()

/** Gives up the job before. @returns bytes of memory that are garbage now */
function giveUpJob(): number {
  const bytes = current?.memoryBytes ?? 0
  current?.close()
  current = undefined
  return bytes
}

function isCurrent(job: ParseJob): boolean {
  return current?.id === job.id
}

/**
 * Goes over to another job. Touches nothing of the one before: what a running function has seen is in use.
 */
function goOver(job: ParseJob): void {
  if (giveUpJob() >= bytesWorthCollecting) collectGarbage()
  current = new WorkerJob(job)
}

function runInJob(task: WorkerTask): ParseOutcome | BuildOutcome {
  const job = current as WorkerJob
  return task.kind === 'parse' ? job.parse(task, readInput) : job.build(task)
}

function run(task: WorkerTask): Reply<ParseOutcome | BuildOutcome> {
  return replyOf(() => {
    beginTask(task.job.control, task.slot, task.number)
    if (!isCurrent(task.job)) goOver(task.job)
    return runInJob(task)
  })
}

/** The pool's task function. */
export default inTurn(run)
