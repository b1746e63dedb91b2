/**
 * A sink is where parsed rows go. It has two halves that never meet: the encoder, here, runs in each parse
 * worker and fills a slot from the parsed columns; the receiver (`import/store-receiver.ts`) runs beside the
 * coordinator and takes the filled slots in file order.
 */
import type { EncodedBatch } from '../batch/index.js'
import type { ParsedBlock } from '../csv/index.js'

/** A row that names a node that does not exist. */
export interface MissingNode {
  /** Counted among the block's rows. */
  readonly row: number
  /** The input's column, the node table and the key it names. */
  readonly column: string
  readonly table: string
  readonly key: string
}

/** What an encoder made of a parsed block. */
export type EncodeResult =
  | {
      readonly kind: 'batch'
      /** Null when no row is left. */
      readonly batch: EncodedBatch | null
      /** Rows left out of the batch because a node is missing; the first of them, in row order. */
      readonly missing: readonly MissingNode[]
      readonly missingCount: number
    }
  /** The rows do not fit into the slot: parse fewer. */
  | { readonly kind: 'full' }

/** The half in the parse worker. */
export interface BatchEncoder {
  /**
   * Fills `target`: the slot, or for plain columns the memory of an earlier batch, if there is any. Takes
   * scratch from the arena and gives it back.
   */
  encode(parsed: ParsedBlock, target: Uint8Array): EncodeResult
  /** Gives up what it holds open. */
  close(): void
}
