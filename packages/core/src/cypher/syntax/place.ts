/** Where something stands in a statement, and how it is shown to people. */

/** A stretch of a statement's text. `line` and `column` count from 1, `offset` from 0. */
export interface Place {
  readonly offset: number
  readonly length: number
  readonly line: number
  readonly column: number
}

/** The beginning of a statement: where errors without a better place point. */
export const startOfText: Place = { offset: 0, length: 0, line: 1, column: 1 }

const excerptCharactersMax = 96

/** The line of `text` at `place`, shortened around it when long, with a caret below the place. */
export function excerptAt(text: string, place: Place): string {
  // At the beginning there is nothing before it: `lastIndexOf` would look at the first character itself.
  const lineStart = place.offset === 0 ? 0 : text.lastIndexOf('\n', place.offset - 1) + 1
  const nextBreak = text.indexOf('\n', place.offset)
  const line = text.slice(lineStart, nextBreak < 0 ? text.length : nextBreak).trimEnd()
  const position = place.offset - lineStart
  const from = position <= excerptCharactersMax - 24 ? 0 : position - 48
  const shown = line.slice(from, from + excerptCharactersMax).replaceAll('\t', ' ')
  const before = from > 0 ? '…' : ''
  const behind = from + excerptCharactersMax < line.length ? '…' : ''
  const caretsMax = Math.max(1, before.length + shown.length - (position - from) - before.length)
  const carets = '^'.repeat(Math.max(1, Math.min(place.length, caretsMax)))
  const indent = ' '.repeat(before.length + position - from)
  return `  ${before}${shown}${behind}\n  ${indent}${carets}`
}

/** The place just behind the last character of `text`. */
export function endOfText(text: string): Place {
  const trimmed = text.trimEnd()
  const line = trimmed.split('\n').length
  const column = trimmed.length - (trimmed.lastIndexOf('\n') + 1) + 1
  return { offset: trimmed.length, length: 1, line, column }
}
