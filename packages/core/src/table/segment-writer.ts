/**
 * Writes segments to pages of a load, one at a time, through a buffer of its own. For what is built on the
 * writer thread; what is built elsewhere comes as pages already.
 */
import type { ColumnBuffer, SegmentDescriptor } from '../column/index.js'
import { assert } from '../errors/index.js'
import { runPagesOf } from '../format/index.js'
import { pageBytes } from '../limits.js'
import type { MemoryBudget } from '../memory/index.js'
import type { PageLedger } from './page-ledger.js'
import { encodedBytesMax, encodeSegment } from './segment-writing.js'
import type { WorkingMemory } from './working-memory.js'

export class SegmentWriter {
  readonly #memory: WorkingMemory
  readonly #ledger: PageLedger
  readonly #budget: MemoryBudget
  #target = new Uint8Array(0)

  constructor(memory: WorkingMemory, ledger: PageLedger, budget: MemoryBudget) {
    this.#memory = memory
    this.#ledger = ledger
    this.#budget = budget
  }

  write(column: ColumnBuffer): SegmentDescriptor {
    const bytes = runPagesOf(encodedBytesMax(this.#memory, column)) * pageBytes
    if (this.#target.length < bytes) {
      this.#budget.reserve(bytes - this.#target.length, 'an encoded segment')
      this.#target = new Uint8Array(bytes)
    }
    const encoded = encodeSegment(this.#memory, column, this.#target, 0, 0)
    assert(encoded !== null, `a segment of ${column.rows} rows fits ${bytes} bytes`)
    const firstPage = this.#ledger.write(this.#target.subarray(0, encoded.pages * pageBytes))
    return { ...encoded.descriptor, firstPage }
  }

  /** Gives its buffer back to the budget. */
  close(): void {
    this.#budget.release(this.#target.length)
    this.#target = new Uint8Array(0)
  }
}
