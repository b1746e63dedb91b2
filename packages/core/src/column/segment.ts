/**
 * A segment is one column of one row group: a run of pages with its encoding, described by its parent.
 *
 * Invariants
 * - The descriptor says everything a reader needs before it reads a page: encoding, rows, nulls, statistics,
 *   place.
 * - A segment whose values are all equal (or all null) has no pages: its value is in `stats`.
 * - A segment is a page run (`format/page-run.ts`): its checksums live here, in the parent.
 */
import type { PageRun } from '../format/index.js'
import type { LogicalType } from '../types/index.js'

/** Encodings with their codes in files. Zero is never a valid kind. */
export const encodings = {
  constant: 1,
  bitPacked: 2,
  delta: 3,
  decimal: 4,
  dictionary: 5,
  plain: 6,
  bitmap: 7,
  plainDouble: 8,
} as const

export type Encoding = keyof typeof encodings

/**
 * Smallest and largest non-null value.
 * int: bigint. double: number (NaN is left out; absent when all are NaN). string: the first
 * `statsPrefixBytesMax` bytes of the value, and for `max` the caller must treat a prefix of full length as
 * "this prefix or anything beginning with it"; for a constant string segment both are the whole value.
 */
export type SegmentStats =
  | { readonly kind: 'int'; readonly min: bigint; readonly max: bigint }
  | { readonly kind: 'double'; readonly min: number; readonly max: number }
  | { readonly kind: 'string'; readonly min: Uint8Array; readonly max: Uint8Array }
  | { readonly kind: 'none' }

export interface SegmentDescriptor extends PageRun {
  readonly type: LogicalType
  readonly encoding: Encoding
  readonly rows: number
  readonly nullCount: number
  /** int and key columns: every value is greater than the one before, no nulls. */
  readonly strictlyIncreasing: boolean
  readonly stats: SegmentStats
}

/** Bytes of a string kept in statistics. */
export const statsPrefixBytesMax = 32

/** A string longer than this never becomes a constant segment. */
export const constantStringBytesMax = 256
