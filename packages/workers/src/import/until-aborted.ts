type Reject = (reason: unknown) => void

/**
 * What is to be told when a signal is aborted: one listener serves all that wait, as there are some a block.
 *
 * Places are taken in turn instead of added to a `Set`: whenever V8 makes the table of a `Map` or `Set` anew,
 * the old one goes on to refer to its entries and to the new one. Once one of them is old, all that follow
 * stay, and with them what was waited for, until V8 marks the whole heap.
 */
class Waiters {
  readonly #places: (Reject | undefined)[] = []
  readonly #free: number[] = []

  add(reject: Reject): number {
    const place = this.#free.pop() ?? this.#places.length
    this.#places[place] = reject
    return place
  }

  delete(place: number): void {
    this.#places[place] = undefined
    this.#free.push(place)
  }

  rejectAll(reason: unknown): void {
    for (const reject of this.#places) reject?.(reason)
  }
}

const waitingFor = new WeakMap<AbortSignal, Waiters>()

function waitersOf(signal: AbortSignal): Waiters {
  const known = waitingFor.get(signal)
  if (known !== undefined) return known
  const waiters = new Waiters()
  signal.addEventListener('abort', () => waiters.rejectAll(signal.reason), { once: true })
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
    const place = waiters.add(reject)
    promise.then(
      (value) => {
        waiters.delete(place)
        resolve(value)
      },
      (error) => {
        waiters.delete(place)
        reject(error)
      },
    )
  })
}
