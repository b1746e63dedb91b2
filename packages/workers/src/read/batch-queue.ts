/**
 * The receiver half of the plain sink: hands batches from the coordinator to whoever iterates, one at a time.
 *
 * A slot stays taken until its batch is asked for: that is all of the back-pressure. With every slot waiting
 * here no block is dispatched, and nothing more is read.
 */
import type { ColumnBatch, EncodedBatch } from '../batch/index.js'
import type { BatchReceiver } from '../import/index.js'

interface Waiting {
  readonly batch: ColumnBatch
  readonly taken: () => void
}

export class BatchQueue implements BatchReceiver {
  readonly #waiting: Waiting[] = []
  #wake: (() => void) | undefined
  #ended = false
  #failure: unknown

  /** Called in file order; resolves when the batch was taken or nobody wants it any more. */
  async receive(batch: EncodedBatch): Promise<void> {
    if (this.#ended) return
    await new Promise<void>((taken) => {
      this.#waiting.push({ batch: batch as ColumnBatch, taken })
      this.#notify()
    })
  }

  /** The next batch; undefined behind the last one. @throws what `fail` was told */
  async next(): Promise<ColumnBatch | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#failure !== undefined) throw this.#failure
      if (this.#ended) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const { batch, taken } = this.#waiting.shift()!
    taken()
    return batch
  }

  /** No batch follows those that wait. */
  end(): void {
    this.#ended = true
    this.#notify()
  }

  /** What follows the batches that wait is an error. */
  fail(failure: unknown): void {
    this.#failure = failure
    this.#notify()
  }

  /** Nobody asks any more: lets go of all slots. */
  abandon(): void {
    this.#ended = true
    for (const { taken } of this.#waiting.splice(0)) taken()
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
