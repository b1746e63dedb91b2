/**
 * Lines that stand before a header: a title, who made the file, a date. They have fewer fields than records,
 * the first of them at most half as many: a header that lacks a name or two is no title. And the line that
 * names the delimiter to spreadsheets.
 */
import { titleLinesMax } from '../limits.js'
import type { Dialect } from './dialect.js'
import { countPhysicalLines, readLine } from './reference-scan.js'

const delimiterLine = /^(?:\xef\xbb\xbf)?("?)sep=([\t !$%&*,/:;<>?@^_|~])\1[\r\n]/i

/** The delimiter that the first line names, alone: `sep=;`. Null where it is another line. */
export function namedDelimiter(text: Buffer): string | null {
  return delimiterLine.exec(text.toString('latin1', 0, 16))?.[2] ?? null
}

/**
 * Physical lines before the first record of `width` fields when at least one of them is such a line; 0 when
 * that record is the first one, or comes behind others that are no title.
 */
export function titleLines(text: Buffer, dialect: Dialect, width: number): number {
  const input = { bytes: text, end: text.length, atEnd: true, maxRowBytes: text.length, dialect }
  let [at, lines, titles] = [0, 0, 0]
  while (at < text.length && lines <= titleLinesMax) {
    const line = readLine(input, at)
    if (!('next' in line)) return 0
    if (line.kind === 'record') {
      const { length } = line.fields
      if (length === width && line.badQuote === -1) return titles > 0 ? lines : 0
      if (length >= width || (titles === 0 && length * 2 > width)) return 0
      titles++
    }
    lines += countPhysicalLines(text, at, line.next)
    at = line.next
  }
  return 0
}
