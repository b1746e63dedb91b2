/**
 * Options that all commands share, and the readers of option values. Every reader refuses what it does not
 * understand.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { DatabaseOptions } from '../index.js'
import { type OutputFormat, outputFormats } from '../output/index.js'
import { parseBytes } from '../terminal/index.js'

export interface CommonOptions {
  readonly memory?: number
  readonly threads?: number
  readonly progress: boolean
  readonly readOnly?: boolean
}

/** Adds `--memory --threads --no-progress --read-only`. */
export function addCommonOptions(command: Command): Command {
  return command
    .option('--memory <size>', 'memory the database may use, for example 160MB or 1GiB', bytesOption)
    .option('--threads <count>', 'parse worker threads', positiveInteger)
    .option('--no-progress', 'do not report progress')
    .option('--read-only', 'open without writing anything, beside another process that has the database open')
}

/** Adds `--format`. */
export function addFormatOption(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'how results are printed').choices(outputFormats).default('table'),
    )
    .option(
      '--spreadsheet-safe',
      "CSV: write ' before texts that a spreadsheet would take for a formula; this changes the data",
    )
}

export interface FormatOption {
  readonly format: OutputFormat
  readonly spreadsheetSafe?: boolean
}

/** What `Database.open` takes of the common options. */
export function databaseOptions(options: CommonOptions): DatabaseOptions {
  return {
    ...(options.memory !== undefined && { memoryBudget: options.memory }),
    ...(options.threads !== undefined && { threads: options.threads }),
    ...(options.readOnly && { readOnly: true }),
  }
}

/** A size such as `64MB`, in bytes. */
export function bytesOption(text: string): number {
  const bytes = parseBytes(text)
  if (bytes === undefined || bytes === 0) {
    throw new InvalidArgumentError('Write a size such as 64MB, 1GiB or 4096 (bytes).')
  }
  return bytes
}

/** A whole number ≥ 1. */
export function positiveInteger(text: string): number {
  const value = wholeNumber(text)
  if (value === 0) throw new InvalidArgumentError('Write a whole number from 1 on.')
  return value
}

/** A whole number ≥ 0. */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('Write a whole number.')
  }
  return value
}

/** A byte by its number, as options of programs and statements write it. */
const numberedByte = /^\\x[\da-f]{2}$/i

/** A single character; `\\t` and `tab` stand for the tabulator, `\\x1f` for a byte by its number. */
export function separatorOption(text: string): string {
  if (text.toLowerCase() === 'tab' || text === '\\t') return '\t'
  if ([...text].length === 1 || numberedByte.test(text)) return text
  throw new InvalidArgumentError('Write one character, \\t for the tabulator, or such as \\x1f for a byte.')
}

/** The same, or nothing: there is none. */
export function characterOption(text: string): string {
  return text === '' ? '' : separatorOption(text)
}

/** Names separated by commas; the option may be given several times. */
export function commaSeparated(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, ...text.split(',').map((part) => part.trim())]
}
