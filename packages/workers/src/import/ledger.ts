/**
 * The ledger of an import: where in which input the next record begins, and which rows came from where.
 * It turns places within a block into places in a file, and a row of the load back into its record.
 *
 * A load that commits on the way is a sequence of stretches, each a load of its own for the store: rows that
 * are asked for are those of the stretch at hand.
 */
import type { LoadPosition } from '@millrace/core/internal'
import type { ParseOutcome } from '../threads/index.js'
import type { OpenInput } from './input.js'
import type { KeptBatch, KeptPlaces } from './kept-places.js'

/** One batch: where its rows came from. */
export interface LedgerEntry {
  readonly source: OpenInput
  /** Rows of the stretch before this batch. */
  readonly firstRow: number
  readonly rows: number
  /** Records of the input, and line ends, before this batch. */
  readonly recordsBefore: number
  readonly linesBefore: number
  readonly start: number
  readonly end: number
  /** `start` is in the middle of a line that is given up. */
  readonly midLine: boolean
  /** Where its rows begin; null where the input can be read again. */
  readonly places: KeptBatch | null
}

export class Ledger {
  readonly #places: KeptPlaces | null
  #entries: LedgerEntry[] = []
  #source: OpenInput | undefined
  #position = 0
  #records = 0
  #lines = 0
  #rows = 0
  #midLine = false
  #skipped = 0
  #rowsBefore = 0
  #skippedBefore = 0

  /** @param places takes where rows begin, if the job says that outcomes tell */
  constructor(places: KeptPlaces | null = null) {
    this.#places = places
  }

  /** The next record's place is in the middle of a line that is given up. */
  get midLine(): boolean {
    return this.#midLine
  }

  /** Where the next record of the current input begins. */
  get position(): number {
    return this.#position
  }

  /** Records of the current input so far, refused ones included. */
  get records(): number {
    return this.#records
  }

  /** Line ends of the current input so far, those of its header included. */
  get lines(): number {
    return this.#lines
  }

  /** Rows of the stretch so far. */
  get rows(): number {
    return this.#rows
  }

  /** Where the load stands. @param checksum of the current input's bytes up to there */
  positionWith(checksum: number): LoadPosition {
    return {
      source: this.#source?.index ?? 0,
      byteOffset: this.#position,
      records: this.#records,
      lines: this.#lines,
      midLine: this.#midLine,
      checksum,
      rows: this.#rowsBefore + this.#rows,
      skipped: this.#skippedBefore + this.#skipped,
    }
  }

  /** Stands where an earlier load of the same sources stood, in `source`. */
  resume(source: OpenInput, position: LoadPosition): void {
    this.#source = source
    this.#position = position.byteOffset
    this.#records = position.records
    this.#lines = position.lines
    this.#midLine = position.midLine
    this.#rowsBefore = position.rows
    this.#skippedBefore = position.skipped
  }

  /** What was loaded so far is committed: the next row is the first of a stretch. */
  beginStretch(): void {
    this.#rowsBefore += this.#rows
    this.#skippedBefore += this.#skipped
    this.#rows = 0
    this.#skipped = 0
    this.#entries = []
    this.#places?.clear()
  }

  /** Rows of the stretch were left out after they had been taken. */
  leaveOut(rows: number): void {
    this.#rows -= rows
    this.#skipped += rows
  }

  /** The batches of the stretch, in their order. */
  get entries(): readonly LedgerEntry[] {
    return this.#entries
  }

  /** The input the load stands in. */
  get source(): OpenInput | undefined {
    return this.#source
  }

  /** Makes `source` the current input, if it is not, and returns where its next record begins. */
  enter(source: OpenInput): number {
    if (this.#source !== source) {
      this.#source = source
      this.#position = source.dataStart
      this.#records = 0
      this.#lines = source.dataLine
      this.#midLine = false
    }
    return this.#position
  }

  /**
   * Moves behind what `outcome` consumed. @throws MillraceError when places cannot be kept: the disk is full
   */
  advance(outcome: ParseOutcome): void {
    const source = this.#source
    if (source === undefined) return
    if (outcome.rows > 0) {
      this.#entries.push({
        source,
        firstRow: this.#rows,
        rows: outcome.rows,
        recordsBefore: this.#records,
        linesBefore: this.#lines,
        start: outcome.start,
        end: outcome.end,
        midLine: this.#midLine,
        places: outcome.places === null ? null : (this.#places?.add(outcome.places) ?? null),
      })
    }
    this.#position = outcome.end
    this.#records += outcome.records
    this.#lines += outcome.lines
    this.#rows += outcome.rows
    this.#skipped += outcome.skipped
    this.#midLine = outcome.midLine
  }

  /** The batch that row `row` of the stretch came with, or undefined when there is no such row. */
  find(row: number): LedgerEntry | undefined {
    let low = 0
    let high = this.#entries.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const entry = this.#entries[middle] as LedgerEntry
      if (row < entry.firstRow) high = middle - 1
      else if (row >= entry.firstRow + entry.rows) low = middle + 1
      else return entry
    }
    return undefined
  }
}
