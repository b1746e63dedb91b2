/**
 * Makes plain texts of quoted ones that hold escapes.
 *
 * - Where there is room for it, the texts of a column go to a region of their own, one behind the other as
 *   the column's encoding wants them. Of a file in which one column has quotes in all its parts that column
 *   is so gathered in passing.
 * - Where there is not, escapes are resolved in place: in the input.
 *
 * Thread: any; owned by a parser, as its regions are.
 */
import type { Arena } from '@millrace/core/base'
import type { CsvKernels } from './kernels.js'

/** Bytes that the kernels may write behind a text. */
const textSlackBytes = 192

/** Scratch for resolving escapes in place: `scratchTextBytes` of the kernels, and the slack. */
const scratchBytes = 16 * 1024 + textSlackBytes

export class PlainTexts {
  readonly #kernels: CsvKernels
  readonly #control: number
  readonly #scratch: number
  readonly #begin: number
  readonly #limit: number
  #end: number

  /**
   * @param control address of the control block
   * @param bytes of the region, 0 for none: as many as the input has are enough for one column
   */
  constructor(arena: Arena, kernels: CsvKernels, control: number, bytes: number) {
    this.#kernels = kernels
    this.#control = control
    this.#scratch = arena.allocate(scratchBytes)
    this.#begin = arena.allocate(bytes + textSlackBytes)
    this.#limit = this.#begin + bytes
    this.#end = this.#begin
  }

  /** Gives up all texts in the region. */
  clear(): void {
    this.#end = this.#begin
  }

  /** Resolves the escapes of `rows` string lanes at `values`, whose texts are of `bytes` bytes at most. */
  resolve(values: number, rows: number, bytes: number): void {
    if (this.#end + bytes > this.#limit) {
      this.#kernels.unescapeStrings(this.#control, rows, values, this.#scratch)
      return
    }
    // Addresses come back signed.
    this.#end = this.#kernels.movePlainTexts(this.#control, rows, values, this.#end) >>> 0
  }
}
