/**
 * The ledger of an import: where in which input the next record begins, and which rows came from where.
 * It turns places within a block into places in a file, and a row of the load back into its record.
 */
import type { ParseOutcome } from '../threads/index.js'
import type { OpenInput } from './input.js'

/** One batch: where its rows came from. */
export interface LedgerEntry {
  readonly source: OpenInput
  /** Rows of the load before this batch. */
  readonly firstRow: number
  readonly rows: number
  /** Records of the input, and line ends, before this batch. */
  readonly recordsBefore: number
  readonly linesBefore: number
  readonly start: number
  readonly end: number
}

export class Ledger {
  readonly #entries: LedgerEntry[] = []
  #source: OpenInput | undefined
  #position = 0
  #records = 0
  #lines = 0
  #rows = 0
  #midLine = false

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

  /** Moves behind what `outcome` consumed. */
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
      })
    }
    this.#position = outcome.end
    this.#records += outcome.records
    this.#lines += outcome.lines
    this.#rows += outcome.rows
    this.#midLine = outcome.midLine
  }

  /** The batch that row `row` of the load came with, or undefined when there is no such row. */
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
