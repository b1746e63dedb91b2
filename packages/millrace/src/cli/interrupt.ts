/**
 * What Ctrl-C does: the first asks the running work to stop and roll back, a second ends the process at once
 * (the store recovers by itself at the next open).
 *
 * Invariants
 * - The process's signal handlers are there only while an `Interrupt` is in force.
 */

/** Signals heard, with their exit codes. */
export const exitCodeOfSignal = { SIGINT: 130, SIGTERM: 143 } as const
type HeardSignal = keyof typeof exitCodeOfSignal

export class Interrupt {
  readonly #controller = new AbortController()
  #received: HeardSignal | undefined

  constructor() {
    for (const name of heardSignals()) process.on(name, this.#hear)
  }

  /** Aborts at the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The first signal received, if any. */
  get received(): HeardSignal | undefined {
    return this.#received
  }

  /** Gives the signals back to the process. */
  dispose(): void {
    for (const name of heardSignals()) process.off(name, this.#hear)
  }

  /** Acts as if `name` had been received; for a Ctrl-C that readline has taken from the terminal. */
  raise(name: HeardSignal): void {
    if (this.#received !== undefined) process.exit(exitCodeOfSignal[name])
    this.#received = name
    this.#controller.abort(new DOMException(`interrupted by ${name}`, 'AbortError'))
  }

  readonly #hear = (name: NodeJS.Signals): void => this.raise(name as HeardSignal)
}

function heardSignals(): HeardSignal[] {
  return Object.keys(exitCodeOfSignal) as HeardSignal[]
}
