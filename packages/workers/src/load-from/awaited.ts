/** How a reading, which is asked for its batches one by one, waits for what takes time. */
import type { ExternalBatch } from '@millrace/core/query'

/** What `promise` becomes: until then, batches without rows. @throws what it is rejected with */
export function* awaited<T>(promise: Promise<T>): Generator<ExternalBatch, T> {
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined
  const until = promise.then(
    (value) => {
      outcome = { value }
    },
    (error: unknown) => {
      outcome = { error }
    },
  )
  while (outcome === undefined) yield { rows: 0, columns: [], until }
  if ('error' in outcome) throw outcome.error
  return outcome.value
}
