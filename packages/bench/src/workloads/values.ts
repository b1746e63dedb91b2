/** Single values of the workloads' rows: written as CSV, and told again for checks. */
import type { Random } from './random.js'
import type { RowWriter } from './row-writer.js'
import { noteLines, personNames } from './words.js'

const noteLinesOfRow = 3
export const space = 0x20
export const comma = 0x2c
export const newline = 0x0a
export const quote = 0x22
export const point = 0x2e
export const hyphen = 0x2d
export const trueText = Buffer.from('true')
export const falseText = Buffer.from('false')
const keyPrefix = Buffer.from('user-')

/** The string key of node `index`: unique, because its last eight digits are. */
export function writeStringKey(random: Random, index: number, out: RowWriter): void {
  out.bytesOf(keyPrefix)
  out.hex(random.at(index, 40))
  out.hex(random.unique(index))
}

export function stringKeyOf(random: Random, index: number): string {
  const hex = (value: number) => value.toString(16).padStart(8, '0')
  return `${keyPrefix}${hex(random.at(index, 40))}${hex(random.unique(index))}`
}

export function writeName(random: Random, index: number, out: RowWriter): void {
  out.bytesOf(personNames[random.at(index, 1) & (personNames.length - 1)] as Uint8Array)
  out.integer(random.below(index, 2, 1000))
}

/** A name of two words and a number. */
export function writeFullName(random: Random, index: number, out: RowWriter): void {
  out.bytesOf(personNames[random.at(index, 30) & (personNames.length - 1)] as Uint8Array)
  out.byte(space)
  writeName(random, index, out)
}

export function fullNameOf(random: Random, index: number): string {
  return `${personNames[random.at(index, 30) & (personNames.length - 1)]} ${nameOf(random, index)}`
}

export function nameOf(random: Random, index: number): string {
  return `${personNames[random.at(index, 1) & (personNames.length - 1)]}${random.below(index, 2, 1000)}`
}

export function writeDate(days: number, out: RowWriter): void {
  // Months of 28 days keep the generator simple; every date is valid.
  out.integer(1990 + Math.floor(days / 336), 4)
  out.byte(hyphen)
  out.integer(1 + (Math.floor(days / 28) % 12), 2)
  out.byte(hyphen)
  out.integer(1 + (days % 28), 2)
}

/** A quoted text of three lines, with commas and doubled quotes. */
export function writeNote(random: Random, index: number, out: RowWriter): void {
  out.byte(comma)
  out.byte(quote)
  for (let line = 0; line < noteLinesOfRow; line++) {
    if (line > 0) out.byte(newline)
    out.bytesOf(noteLines[random.at(index, 8 + line) & (noteLines.length - 1)] as Uint8Array)
    out.integer(random.below(index, 12 + line, 1_000_000))
  }
  out.byte(quote)
}

export function noteOf(random: Random, index: number): string {
  const lines = Array.from({ length: noteLinesOfRow }, (_, line) => {
    const text = String(noteLines[random.at(index, 8 + line) & (noteLines.length - 1)])
    return `${text.replaceAll('""', '"')}${random.below(index, 12 + line, 1_000_000)}`
  })
  return lines.join('\n')
}
