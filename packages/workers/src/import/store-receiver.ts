import type { EncodedBatch, StoreBatch } from '../batch/index.js'
import type { WriterClient } from '../threads/index.js'

/** The half beside the coordinator. */
export interface BatchReceiver {
  /**
   * Takes the batch in `slot`; resolves when the slot's bytes are not needed any more. Called in file order.
   */
  receive(batch: EncodedBatch, slot: number): Promise<void>
}

/**
 * The receiver half of the store's sink: hands batches to the writer thread, which answers them in the order
 * of the calls.
 */
export class StoreReceiver implements BatchReceiver {
  readonly #writer: WriterClient
  #busyMs = 0
  #lastReplyAt = 0

  constructor(writer: WriterClient) {
    this.#writer = writer
  }

  /** Milliseconds in which the writer had at least one batch to write. */
  get busyMs(): number {
    return this.#busyMs
  }

  async receive(batch: EncodedBatch, slot: number): Promise<void> {
    const calledAt = performance.now()
    await this.#writer.call('append', batch as StoreBatch, slot)
    const now = performance.now()
    this.#busyMs += now - Math.max(calledAt, this.#lastReplyAt)
    this.#lastReplyAt = now
  }
}
