import { parse, splitStatements } from '@millrace/core/query'
import { isMillraceError } from '../index.js'

/**
 * Lines on their way to statements: a statement ends with a `;` outside of quotes and comments, on whatever
 * line that comes.
 */
export class StatementBuffer {
  #text = ''

  /** Nothing is waiting for its `;`. */
  get isEmpty(): boolean {
    return this.#text.trim() === ''
  }

  /** Takes a line; returns the statements that it completes. */
  add(line: string): string[] {
    this.#text += `${line}\n`
    if (!line.includes(';')) return []
    const statements = splitStatements(this.#text)
    // One more word becomes a statement of its own exactly when the last `;` has ended what was there.
    const ended = splitStatements(`${this.#text}RETURN`).length > statements.length
    if (ended || (line.trimEnd().endsWith(';') && !isUnclosed(statements.at(-1) ?? ''))) this.#text = ''
    else this.#text = `${statements.pop() ?? ''}\n`
    return statements
  }

  /** What is left when no more lines come: a last statement may do without its `;`. */
  takeRest(): string[] {
    const statements = splitStatements(this.#text)
    this.#text = ''
    return statements
  }

  /** Forgets what was begun. */
  clear(): void {
    this.#text = ''
  }
}

/** True when `statement` may go on: a string, name or comment is open. Anything else unreadable is to be told at once. */
function isUnclosed(statement: string): boolean {
  try {
    parse(statement)
    return false
  } catch (error) {
    return isMillraceError(error, 'MILLRACE_SYNTAX') && String(error.details.found).startsWith('an unclosed')
  }
}
