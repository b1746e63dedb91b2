/** Finding the first duplicate among the keys of a load, and the error that names it. */
import { MillraceError } from '../errors/index.js'
import type { DuplicateCheck } from '../index/index.js'
import type { StoredNodeReader } from './node-reader.js'
import { sameKey, valueAt } from './vector-values.js'

/** Two rows with the same key. */
export interface DuplicateKey {
  readonly table: string
  readonly column: string
  readonly value: number | bigint | string
  /** The later row, counted from 0 at the load's first row. */
  readonly loadRow: number
  /** The earlier row of the load, or null when the key was in the table before. */
  readonly firstLoadRow: number | null
}

/**
 * A load holds a key twice, or one that the table has. Of all such rows `duplicate.loadRow` is the first.
 * Who knows the files of the load makes a better message from `duplicate`.
 */
export class DuplicateKeyError extends MillraceError<'MILLRACE_DUPLICATE_KEY'> {
  readonly duplicate: DuplicateKey

  constructor(duplicate: DuplicateKey) {
    const { table, column, value, loadRow, firstLoadRow } = duplicate
    super('MILLRACE_DUPLICATE_KEY', {
      place: `row ${loadRow + 1} of the load`,
      value,
      table,
      column,
      first: firstLoadRow === null ? ' (in the table)' : ` (in row ${firstLoadRow + 1})`,
      loadRow,
      firstLoadRow: firstLoadRow ?? 'in the table',
    })
    this.duplicate = duplicate
  }
}

/** What becomes of equal keys that a load meets. */
export interface DuplicateKeyFinder extends DuplicateCheck {
  /** Gives the finder the table with the load's groups, so that it can read keys back. */
  readFrom(reader: StoredNodeReader): void
  /** Notes two offsets that are known to have the same key. */
  note(earlier: number, later: number): void
  /**
   * All keys were compared; `firstOffset` is the load's first node offset. True: rows have to be left out.
   * @throws DuplicateKeyError when one was found that must not be
   */
  settle(firstOffset: number): boolean
}

/** Finds nothing: the keys were compared before. */
export const noDuplicates: DuplicateKeyFinder = {
  laterMax: 0,
  findsAll: false,
  readFrom: () => undefined,
  note: () => undefined,
  compare: () => undefined,
  settle: () => false,
}

/** Keeps the duplicate whose later row is the smallest. Compares keys only where that could still change. */
export class DuplicateFinder implements DuplicateKeyFinder {
  readonly findsAll = false
  /** Offsets from here on cannot be the first duplicate any more. */
  laterMax = Number.POSITIVE_INFINITY
  #earlier = -1
  #reader: StoredNodeReader | null = null

  readFrom(reader: StoredNodeReader): void {
    this.#reader = reader
  }

  note(earlier: number, later: number): void {
    if (later >= this.laterMax) return
    this.laterMax = later
    this.#earlier = earlier
  }

  compare(earlier: number, later: number): void {
    if (later >= this.laterMax) return
    const reader = this.#reader!
    const { keyColumn } = reader.table
    const earlierGroup = reader.groupOf(earlier)
    const laterGroup = reader.groupOf(later)
    const left = reader.column(earlierGroup, keyColumn)
    const right = reader.column(laterGroup, keyColumn)
    const leftRow = earlier - reader.groupStart(earlierGroup)
    const rightRow = later - reader.groupStart(laterGroup)
    if (sameKey(left, leftRow, right, rightRow)) this.note(earlier, later)
  }

  settle(firstOffset: number): false {
    if (this.laterMax === Number.POSITIVE_INFINITY) return false
    const reader = this.#reader!
    const { table } = reader
    const group = reader.groupOf(this.laterMax)
    const value = valueAt(reader.column(group, table.keyColumn), this.laterMax - reader.groupStart(group))
    throw new DuplicateKeyError({
      table: table.name,
      column: table.columns[table.keyColumn]!.name,
      value: value ?? 'null',
      loadRow: this.laterMax - firstOffset,
      firstLoadRow: this.#earlier >= firstOffset ? this.#earlier - firstOffset : null,
    })
  }
}
