/**
 * What the keys of tables at the ends of relationships look like, each found out once. On the caller's
 * thread.
 */
import {
  type KeyPacking,
  keyPackingOf,
  keyReadBytes,
  type NodeTable,
  type SegmentSource,
  sampleHasCodes,
} from '@millrace/core/internal'
import type { KeyLooks } from './look-up-plan.js'

/** What `find` says of a table, asked once. */
function once<T>(known: Map<NodeTable, T>, table: NodeTable, find: () => T): T {
  const found = known.get(table)
  if (found !== undefined) return found
  const value = find()
  known.set(table, value)
  return value
}

export class SampledKeys implements KeyLooks {
  readonly #source: SegmentSource
  readonly #coded = new Map<NodeTable, boolean>()
  readonly #packings = new Map<NodeTable, KeyPacking | null>()
  readonly #readBytes = new Map<NodeTable, number>()

  constructor(source: SegmentSource) {
    this.#source = source
  }

  hasCodes(table: NodeTable): boolean {
    return once(this.#coded, table, () => sampleHasCodes(this.#source, table))
  }

  packingOf(table: NodeTable): KeyPacking | null {
    return once(this.#packings, table, () => keyPackingOf(this.#source, table))
  }

  readBytesOf(table: NodeTable): number {
    return once(this.#readBytes, table, () => keyReadBytes(this.#source, table))
  }
}
