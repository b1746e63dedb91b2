/**
 * The refused records of an import: counted exactly, the first ones kept, and the decision whether to go on.
 */

import { MillraceError as MillraceErrorClass } from '@millrace/core/base'
import type { ErrorDetails, MillraceError } from '@millrace/core/internal'
import { addKind, addKinds, type CsvError, type ErrorKinds } from '../csv/index.js'
import { errorCodeOfKind, workersCatalogue, workersError } from '../errors/index.js'
import type { ParseOutcome } from '../threads/index.js'
import type { Ledger } from './ledger.js'
import type { ImportError } from './result.js'

/** File, line, row and column of a record, as all messages name them. */
export function placeOf(error: Pick<ImportError, 'file' | 'row' | 'line' | 'column'>): string {
  const column = error.column === undefined ? '' : `, column ${error.column}`
  return `${error.file}, line ${error.line}, row ${error.row}${column}`
}

/** The error that stops an import at `record`. Its details carry the record's place and value. */
export function errorOfRecord(record: ImportError, extra: ErrorDetails = {}): MillraceError {
  const { kind, message, ...rest } = record
  const hint = kind === 'rowTooLong' ? { hint: tooLongHint(record) } : {}
  const details = { ...rest, kind, place: placeOf(record), problem: message, ...hint, ...extra }
  const code = errorCodeOfKind[kind]
  if (code === 'MILLRACE_DUPLICATE_KEY') return new MillraceErrorClass(code, details)
  return new MillraceErrorClass(code, details, {}, workersCatalogue)
}

/** What to do about a record that is too long. */
function tooLongHint({ openQuote }: ImportError): string {
  return openQuote === undefined
    ? 'Raise maxRowBytes if the record is right'
    : 'Close the quote or set quote to another character or none, or raise maxRowBytes if the record is right'
}

/** `error` with the place that it has in its file, of which `ledger` knows where the block began. */
export function recordOf(
  error: CsvError,
  file: string,
  ledger: Pick<Ledger, 'records' | 'lines'>,
): ImportError {
  const { row, line, recordBytes: _, openQuote, ...rest } = error
  const record = { ...rest, file, row: ledger.records + row + 1, line: ledger.lines + line + 1 }
  if (openQuote === undefined) return record
  const quote = { ...openQuote, line: ledger.lines + openQuote.line + 1 }
  const message = `${rest.message}: it stands on line ${quote.line}, at byte ${quote.byteOffset}`
  return { ...record, message, openQuote: quote }
}

export class ErrorLog {
  readonly kept: ImportError[] = []
  count = 0
  /** Of `count`, by kind. */
  readonly kinds: ErrorKinds = {}
  readonly #ignore: boolean
  readonly #max: number
  readonly #keptMax: number

  constructor(options: { ignoreErrors: boolean; maxErrors: number; keptMax: number }) {
    this.#ignore = options.ignoreErrors
    this.#max = options.maxErrors
    this.#keptMax = options.keptMax
  }

  /** Records that `keep` still describes. */
  get room(): number {
    return this.#keptMax - this.kept.length
  }

  /**
   * Takes records that were left out when all were read, of which `described` are the first.
   * @returns what stops the import: `MILLRACE_TOO_MANY_ERRORS` beyond `maxErrors`; null when it goes on
   */
  addLeftOut(count: number, described: readonly ImportError[]): MillraceError | null {
    this.kept.push(...described.slice(0, this.room))
    this.count += count
    addKind(this.kinds, 'duplicateKey', count)
    return this.#tooMany()
  }

  /**
   * Takes the refused records of an outcome, whose places are relative to where `ledger` stands.
   * @returns what stops the import: the first one's error, or `MILLRACE_TOO_MANY_ERRORS` beyond `maxErrors`;
   * null when it goes on
   */
  add(file: string, ledger: Ledger, outcome: ParseOutcome): MillraceError | null {
    if (outcome.errorCount === 0) return null
    for (const error of outcome.errors) {
      if (this.#ignore && this.kept.length >= this.#keptMax) break
      const record = recordOf(error, file, ledger)
      if (!this.#ignore) return errorOfRecord(record)
      this.kept.push(record)
    }
    this.count += outcome.errorCount
    addKinds(this.kinds, outcome.errorKinds)
    return this.#tooMany()
  }

  #tooMany(): MillraceError | null {
    const first = this.kept[0]
    if (this.count <= this.#max || first === undefined) return null
    return workersError('MILLRACE_TOO_MANY_ERRORS', {
      count: this.count,
      maxErrors: this.#max,
      first: `${placeOf(first)}: ${first.message}.`,
    })
  }
}
