/** What a memory plan (`memory-plan.ts`) is asked for. */
import type { NodeTable } from '@millrace/core/internal'
import type { KeyLooks } from './look-up-plan.js'

export interface MemoryPlanRequest {
  /** Bytes for everything below. */
  readonly budgetBytes: number
  readonly threads: number
  /** As asked for, or null to choose. */
  readonly blockSize: number | null
  /** Bytes of a block that is chosen, at most: what a stream's ring was made for. */
  readonly blockBytesMax: number
  readonly batchSize: number | null
  /** Bytes of a record on average, as far as is known, and of all the input; null: not at all. */
  readonly recordBytes: number | null
  readonly inputBytes: number | null
  readonly maxRowBytes: number
  /** Columns that are parsed, and those of the table that are absent. */
  readonly columnCount: number
  /** Bytes of a row, and of all rows, that are no bytes of the input (`csv/value-heap.ts`). */
  readonly heapBytes: { readonly ofRow: number; readonly shared: number }
  /** Slots have room for refused records besides. Default false. */
  readonly writesRefused?: boolean
  readonly target: NodeTarget | RelTarget
}

export interface NodeTarget {
  readonly kind: 'node'
  /** True when a column is a string. */
  readonly strings: boolean
}

export interface RelTarget {
  readonly kind: 'rel'
  /** The node tables at its ends: one or two. */
  readonly endpoints: readonly NodeTable[]
  readonly keyLooks: KeyLooks
  /** True when a property is a string. */
  readonly strings: boolean
  /** Bytes of memory for building a unit. */
  readonly unitBytes: number
  /** Bytes that the load takes at least. */
  readonly loadBytesMin: number
}
