import { statementBytesMax } from '@millrace/core'
import { parse, splitStatements } from '@millrace/core/query'
import { isMillraceError } from '../index.js'

/**
 * Lines on their way to statements: a statement ends with a `;` outside of quotes and comments, on whatever
 * line that comes.
 */
export class StatementBuffer {
  #text = ''
  /** What ends the string, name or comment that is open; null: none is known to be. */
  #closing: string | null = null

  /** Nothing is waiting for its `;`. */
  get isEmpty(): boolean {
    return this.#text.trim() === ''
  }

  /**
   * Takes a line; returns the statements that it completes.
   * @throws MillraceError `MILLRACE_ARGUMENT` when what waits is longer than a statement may be; it is gone
   */
  add(line: string): string[] {
    this.#text += `${line}\n`
    if (this.#text.length > statementBytesMax) return this.takeRest()
    if (this.#closing !== null && line.includes(this.#closing)) this.#closing = null
    // Within a string a `;` ends nothing: the text is not read again for each.
    if (!line.includes(';') || this.#closing !== null) return []
    const statements = splitStatements(this.#text)
    if (isEnded(this.#text, statements)) this.#text = ''
    else {
      this.#text = `${statements.pop() ?? ''}\n`
      this.#closing = closingOf(this.#text)
    }
    return statements
  }

  /** What is left when no more lines come: a last statement may do without its `;`. */
  takeRest(): string[] {
    const text = this.#text
    this.clear()
    return splitStatements(text)
  }

  /** Forgets what was begun. */
  clear(): void {
    this.#text = ''
    this.#closing = null
  }
}

/** True when nothing of `text`, which holds `statements`, waits for more lines. */
function isEnded(text: string, statements: readonly string[]): boolean {
  // One more word becomes a statement of its own exactly when a `;` has ended what was there.
  if (splitStatements(`${text}RETURN`).length > statements.length) return true
  const isReadable = splitStatements(`${text};RETURN`).length > statements.length
  // What no more lines can make readable is to be told at once, instead of swallowing the next statements.
  return !isReadable && text.trimEnd().endsWith(';') && closingOf(statements.at(-1) ?? '') === null
}

/** What would end a string, name or comment of `statement` that is open; null when none is. */
function closingOf(statement: string): string | null {
  try {
    parse(statement)
    return null
  } catch (error) {
    if (!isMillraceError(error, 'MILLRACE_SYNTAX')) return null
    const { found, expected } = error.details
    return String(found).startsWith('an unclosed') ? String(expected).replace('a closing ', '') : null
  }
}
