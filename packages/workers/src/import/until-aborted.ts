/**
 * What is to be told when a signal is aborted: one listener serves all that wait, as there are some a block.
 */
const waitingFor = new WeakMap<AbortSignal, Set<(reason: unknown) => void>>()

function waitersOf(signal: AbortSignal): Set<(reason: unknown) => void> {
  const known = waitingFor.get(signal)
  if (known !== undefined) return known
  const waiters = new Set<(reason: unknown) => void>()
  const onAbort = () => {
    for (const reject of waiters) reject(signal.reason)
    waiters.clear()
  }
  signal.addEventListener('abort', onAbort, { once: true })
  waitingFor.set(signal, waiters)
  return waiters
}

/**
 * What `promise` becomes, or a rejection with the signal's reason as soon as it is aborted. The promise is
 * not stopped by it.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {})
    return Promise.reject(signal.reason)
  }
  const waiters = waitersOf(signal)
  return new Promise((resolve, reject) => {
    waiters.add(reject)
    promise.then(
      (value) => {
        waiters.delete(reject)
        resolve(value)
      },
      (error) => {
        waiters.delete(reject)
        reject(error)
      },
    )
  })
}
