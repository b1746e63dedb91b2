/** What strings that functions make may take, so that no expression makes more of them than memory holds. */
import { madeTextBytesMax } from '../../../limits.js'
import { batchRowsMax } from '../../vectors/vector.js'
import { evaluationError } from '../evaluation-error.js'

/** The room for the strings that one function makes of one batch. */
export class TextRoom {
  #characters = 0

  /**
   * Takes room for `characters` (UTF-16 code units, each a byte at least), before they are made where that is
   * possible.
   * @throws MillraceError `MILLRACE_EVALUATION`
   */
  take(characters: number): void {
    this.#characters += characters
    if (this.#characters <= madeTextBytesMax) return
    throw evaluationError(
      `The strings that a function makes for up to ${batchRowsMax} rows are longer than ${madeTextBytesMax} bytes`,
      'Make shorter strings, or handle fewer rows at a time.',
    )
  }
}
