/**
 * Preloaded into a process that loads: interrupts it when the log `INTERRUPT_AFTER_COMMIT_IN` holds a commit.
 * It does so on the thread that hands out the load's blocks, which turns its event loop for each of them: a
 * process that watched from outside might look away until the load has ended.
 */
import { statSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

/** A log without a commit is shorter. */
const headBytesMax = 1024

const log = process.env.INTERRUPT_AFTER_COMMIT_IN

if (isMainThread) {
  const watching = setInterval(() => {
    const bytes = statSync(log, { throwIfNoEntry: false })?.size ?? 0
    if (bytes <= headBytesMax) return
    clearInterval(watching)
    process.kill(process.pid, 'SIGINT')
  }, 1)
  watching.unref()
}
