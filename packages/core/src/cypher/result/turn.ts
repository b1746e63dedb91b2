/** How whoever drives a query lets other work of the event loop in, between two of its batches. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ResultBatch } from './result-batch.js'

/** Resolves when `until` has, or one of the signals is aborted. */
async function settledOrAborted(until: Promise<void>, signals: readonly AbortSignal[]): Promise<void> {
  const woken = new AbortController()
  await new Promise<void>((resolve) => {
    const options = { once: true, signal: woken.signal }
    for (const signal of signals) signal.addEventListener('abort', () => resolve(), options)
    if (signals.some(({ aborted }) => aborted)) resolve()
    void until.then(resolve)
  })
  woken.abort()
}

/**
 * Lets the event loop turn; behind a batch that waits for something, until that has happened.
 * @param signals end the waiting when one of them is aborted
 */
export async function turn({ until }: ResultBatch, signals: readonly AbortSignal[]): Promise<void> {
  if (until !== undefined) await settledOrAborted(until, signals)
  // What was waited for may have been there already, which is no turn.
  await nextTurn()
}
