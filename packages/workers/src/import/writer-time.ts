/**
 * How long the writer is at calls, which it answers in their order: the time of each begins when it is done
 * with the one before.
 */
export class WriterTime {
  #lastReplyAt = 0

  /**
   * Waits for the answer to a call that was just made. @returns the milliseconds that the writer was at it
   */
  async of(call: Promise<unknown>): Promise<number> {
    const calledAt = performance.now()
    await call
    const now = performance.now()
    const ms = now - Math.max(calledAt, this.#lastReplyAt)
    this.#lastReplyAt = now
    return ms
  }
}
