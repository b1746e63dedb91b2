import type { File } from '@millrace/core/internal'

/** Bytes of a file after which a sync of them is started. */
const startBytes = 16 << 20

/**
 * Syncs that are started while a load goes on, so that its commit waits for the last of its pages only. What
 * fails is remembered by the file, whose `sync` fails then. One per open store, on the writer thread.
 */
export class EarlySync {
  readonly #file: File
  #underWay: Promise<void> | null = null

  constructor(file: File) {
    this.#file = file
  }

  /** Starts one, if much was written and none is under way. */
  start(): void {
    if (this.#underWay !== null || this.#file.unsyncedBytes < startBytes) return
    this.#underWay = this.#file.startSync().then(() => {
      this.#underWay = null
    })
  }

  /** Waits for the one under way: nobody may sync or close the file before. */
  async end(): Promise<void> {
    await this.#underWay
  }
}
