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
    if (isEnded(this.#text, statements)) this.#text = ''
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

/** True when nothing of `text`, which holds `statements`, waits for more lines. */
function isEnded(text: string, statements: readonly string[]): boolean {
  // One more word becomes a statement of its own exactly when a `;` has ended what was there.
  if (splitStatements(`${text}RETURN`).length > statements.length) return true
  const isReadable = splitStatements(`${text};RETURN`).length > statements.length
  // What no more lines can make readable is to be told at once, instead of swallowing the next statements.
  return !isReadable && text.trimEnd().endsWith(';') && !isUnclosed(statements.at(-1) ?? '')
}

/** True when a string, name or comment of `statement` is open. */
function isUnclosed(statement: string): boolean {
  try {
    parse(statement)
    return false
  } catch (error) {
    const found = isMillraceError(error, 'MILLRACE_SYNTAX') ? String(error.details.found) : ''
    return found.startsWith('an unclosed')
  }
}
