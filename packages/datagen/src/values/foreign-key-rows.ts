/** Which row of another table each row refers to. */
import { fillRowsMax } from '../limits.js'
import { fillUniform, type Key } from '../random/index.js'
import type { ParentRows } from './combining-sources.js'
import { RowSet } from './row-set.js'
import type { Chooser } from './source.js'

/** A fraction of the rows refer to none. */
export interface NullsOfRows {
  readonly key: Key
  readonly fraction: number
}

/** Rows of another table that a chooser chooses. A choice beyond its rows refers to none. */
export class ChosenRows implements ParentRows {
  readonly nulls = new Uint8Array(fillRowsMax)
  readonly #set = new RowSet()
  readonly #uniform = new Float64Array(fillRowsMax)
  readonly #chooser: Chooser
  readonly #size: number
  readonly #nullsOf: NullsOfRows | undefined
  #version = -1

  /** @param size rows of the other table */
  constructor(chooser: Chooser, size: number, nullsOf?: NullsOfRows) {
    this.#chooser = chooser
    this.#size = size
    this.#nullsOf = nullsOf
  }

  read(set: RowSet): RowSet {
    if (set.version === this.#version) return this.#set
    const { rows } = this.#set
    this.#chooser.choose(set, rows)
    this.#set.renew(set.count)
    for (let at = 0; at < set.count; at++) {
      const isBeyond = (rows[at] as number) >= this.#size
      this.nulls[at] = isBeyond ? 1 : 0
      if (isBeyond) rows[at] = 0
    }
    if (this.#nullsOf !== undefined) {
      const { key, fraction } = this.#nullsOf
      fillUniform(key, set.rows, set.count, 0, this.#uniform)
      for (let at = 0; at < set.count; at++) {
        if ((this.#uniform[at] as number) < fraction) this.nulls[at] = 1
      }
    }
    this.#version = set.version
    return this.#set
  }
}

/**
 * Rows of the same table: earlier ones, so that following them always ends. The first row, which has none
 * before it, refers to none, or to itself where it must refer to something.
 */
export class EarlierRows implements ParentRows {
  readonly nulls = new Uint8Array(fillRowsMax)
  readonly #set = new RowSet()
  readonly #uniform = new Float64Array(fillRowsMax)
  readonly #key: Key
  readonly #options: {
    readonly nullsOf?: NullsOfRows
    readonly isNullable: boolean
    readonly uniqueRows?: number
  }
  #version = -1

  /** @param options uniqueRows: no two rows refer to the same one; the number of rows of the table */
  constructor(
    key: Key,
    options: { readonly nullsOf?: NullsOfRows; readonly isNullable: boolean; readonly uniqueRows?: number },
  ) {
    this.#key = key
    this.#options = options
  }

  read(set: RowSet): RowSet {
    if (set.version === this.#version) return this.#set
    const { nullsOf, isNullable, uniqueRows } = this.#options
    const { rows } = this.#set
    fillUniform(this.#key, set.rows, set.count, 0, rows)
    for (let at = 0; at < set.count; at++) {
      const row = set.rows[at] as number
      if (uniqueRows === undefined) rows[at] = Math.floor((rows[at] as number) * row)
      else rows[at] = row > 0 ? row - 1 : isNullable ? 0 : uniqueRows - 1
      this.nulls[at] = isNullable && row === 0 ? 1 : 0
    }
    if (nullsOf !== undefined) {
      fillUniform(nullsOf.key, set.rows, set.count, 0, this.#uniform)
      for (let at = 0; at < set.count; at++) {
        if ((this.#uniform[at] as number) < nullsOf.fraction) this.nulls[at] = 1
      }
    }
    this.#set.renew(set.count)
    this.#version = set.version
    return this.#set
  }
}

/** Every row refers to itself. */
export class OwnRows implements ParentRows {
  readonly nulls = new Uint8Array(fillRowsMax)

  read(set: RowSet): RowSet {
    return set
  }
}
