/**
 * What the keys of tables at the ends of relationships look like, each found out once. On the caller's
 * thread.
 */
import {
  type KeyPacking,
  keyPackingOf,
  type NodeTable,
  type SegmentSource,
  sampleHasCodes,
} from '@millrace/core/internal'
import type { KeyLooks } from './look-up-plan.js'

export class SampledKeys implements KeyLooks {
  readonly #source: SegmentSource
  readonly #coded = new Map<NodeTable, boolean>()
  readonly #packings = new Map<NodeTable, KeyPacking | null>()

  constructor(source: SegmentSource) {
    this.#source = source
  }

  hasCodes(table: NodeTable): boolean {
    const known = this.#coded.get(table)
    if (known !== undefined) return known
    const coded = sampleHasCodes(this.#source, table)
    this.#coded.set(table, coded)
    return coded
  }

  packingOf(table: NodeTable): KeyPacking | null {
    const known = this.#packings.get(table)
    if (known !== undefined) return known
    const packing = keyPackingOf(this.#source, table)
    this.#packings.set(table, packing)
    return packing
  }
}
