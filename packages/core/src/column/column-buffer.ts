/**
 * A column buffer is one parsed column of a batch, laid out in a WebAssembly memory.
 *
 * It is what the CSV field parsers leave behind, what the encoders read, and what the CSR build sorts.
 * All addresses are byte offsets into the same `WebAssembly.Memory`.
 *
 * | part     | bytes      | holds                                                                    |
 * |----------|------------|--------------------------------------------------------------------------|
 * | `values` | 8 × rows   | int: i64 LE; double: f64 LE; string: `u32 address`, then `u32 length`    |
 * | `nulls`  | 1 × rows   | 1 where the value is null, 0 elsewhere; the lane of a null is 0          |
 *
 * Invariants
 * - `values` is 8-byte aligned; `nulls` is 16-byte aligned and has 64 bytes of slack behind it.
 * - The bytes a string lane points to are valid UTF-8 (STRING, JSON) or those of another type, in the same
 *   memory, and stay there until the batch is encoded. The address is absolute: the low half of the lane is
 *   the address, the high half the length in bytes.
 * - `nullCount` is exactly the number of ones in `nulls`.
 */
import type { LogicalType } from '../types/index.js'

export interface ColumnBuffer {
  readonly type: LogicalType
  readonly rows: number
  /** Address of the lanes. */
  readonly values: number
  /** Address of the null bytes. */
  readonly nulls: number
  readonly nullCount: number
}

/** Bytes of a lane. */
export const laneBytes = 8
