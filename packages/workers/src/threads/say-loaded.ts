import { workerData } from 'node:worker_threads'
import type { ParseWorkerData } from './protocol.js'

/** Tells the pool that this thread has loaded its modules. The last line of a thread's entry. */
export function sayLoaded(): void {
  // As a microtask: the entry is loaded by piscina's `require`, which is not done with it when its last line
  // has run.
  queueMicrotask(() => Atomics.add((workerData as ParseWorkerData).loaded, 0, 1))
}
