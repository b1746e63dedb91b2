/**
 * Texts in which nothing but delimiters and line feeds has a meaning: records are lines, and fields are what
 * is between delimiters. Most files are such, and so they are read by what the language has built in: a
 * sample is read in a process that has just started, where a loop over bytes takes a hundred times as long.
 */
import { sniffHeadRows } from '../limits.js'
import type { Dialect } from './dialect.js'

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Whether there are neither quotes, escapes, comments nor carriage returns in the text. */
export function isPlain(text: Buffer, { quote, escape: escapeByte, comment, trim }: Dialect): boolean {
  const special = [carriageReturn, quote, escapeByte, comment]
  return !trim && special.every((byte) => byte === -1 || !text.includes(byte))
}

/**
 * The records of a plain text behind `skipLines` lines; a line that has no end counts. Blank lines do not.
 */
export function readPlainLines(text: Buffer, { delimiter }: Dialect, skipLines: number): string[][] {
  const mark = String.fromCharCode(delimiter)
  const lines = text.toString('utf8').split('\n').slice(skipLines)
  return lines.filter((line) => line !== '').map((line) => line.split(mark))
}

/** The first lines of a text: those to skip, and as many behind them as tell how it is written. */
export function firstLines(text: Buffer, skipLines: number, bytes: number): Buffer {
  let end = 0
  let counted = 0
  for (let line = 0; line < skipLines + sniffHeadRows || end < counted + bytes; line++) {
    const feed = text.indexOf(lineFeed, end)
    if (feed === -1) return text
    end = feed + 1
    if (line < skipLines) counted = end
  }
  return text.subarray(0, end)
}
