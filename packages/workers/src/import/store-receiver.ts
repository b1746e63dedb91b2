import type { EncodedBatch, StoreBatch } from '../batch/index.js'
import type { WriterClient } from '../threads/index.js'
import { WriterTime } from './writer-time.js'

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
  readonly #time = new WriterTime()
  #busyMs = 0

  constructor(writer: WriterClient) {
    this.#writer = writer
  }

  /** Milliseconds in which the writer had at least one batch to write. */
  get busyMs(): number {
    return this.#busyMs
  }

  async receive(batch: EncodedBatch, slot: number): Promise<void> {
    const ms = await this.#time.of(this.#writer.call('append', batch as StoreBatch, slot))
    // Not in one step with the wait: calls overlap, and the sum would be what it was before all of them.
    this.#busyMs += ms
  }
}
