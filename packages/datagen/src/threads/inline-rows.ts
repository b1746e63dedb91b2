/** Makes the few rows of a small output on the caller's thread, sooner than workers would have started. */
import { setImmediate } from 'node:timers/promises'
import { ByteWriter, type Piece, RowWriter } from '../formats/index.js'
import { fillRowsMax, taskBytes } from '../limits.js'
import type { SchemaPlan } from '../plan/index.js'
import type { WorkerPlan } from './protocol.js'
import type { Chunk, RowMaker } from './row-factory.js'

export class InlineRows implements RowMaker {
  readonly #plan: SchemaPlan
  readonly #given: Pick<WorkerPlan, 'format' | 'insertRows'>
  readonly #out = new ByteWriter(new Uint8Array(64 * 1024))

  constructor(plan: SchemaPlan, given: Pick<WorkerPlan, 'format' | 'insertRows'>) {
    this.#plan = plan
    this.#given = given
  }

  async *run(pieces: readonly Piece[], signal?: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    const { format, insertRows } = this.#given
    for (const piece of pieces) {
      signal?.throwIfAborted()
      if (piece.kind === 'text') {
        yield { bytes: Buffer.from(piece.text), rows: 0 }
        continue
      }
      const { table, projection } = piece
      const writer = new RowWriter(this.#plan, table, format, { insertRows, projection })
      let step = 8
      for (let first = piece.first; first < piece.end; ) {
        const end = Math.min(piece.end, first + step)
        this.#out.at = 0
        writer.write(first, end, this.#out)
        yield { bytes: this.#out.bytes.subarray(0, this.#out.at), rows: end - first, table: table.name }
        // Rows of long texts are made a few at a time.
        const rowBytes = Math.max(1, this.#out.at / (end - first))
        step = Math.max(1, Math.min(fillRowsMax, Math.floor(taskBytes / rowBytes)))
        first = end
        // Others on this thread have their turn, and a signal can be heard.
        await setImmediate()
        signal?.throwIfAborted()
      }
    }
  }

  async close(): Promise<void> {}
}
