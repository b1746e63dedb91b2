import { MillraceError } from '@millrace/core/base'
import {
  type CallRequest,
  type ExternalRows,
  type ExternalSources,
  type FileRequest,
  type RefusedRows,
  vectorOfLanes,
} from '@millrace/core/query'
import type { AllowedPaths } from '../import/index.js'
import { type CsvRequest, type FoundCsv, findCsv } from './found-csv.js'
import { readRows } from './read-rows.js'
import { sniffedColumns, sniffedRow } from './sniffed-row.js'

/**
 * The CSV files of one statement. A statement may be bound several times before it runs; its files are looked
 * at once.
 */
export class CsvSources implements ExternalSources {
  readonly functions = ['sniff_csv']
  readonly #allowed: AllowedPaths | null
  readonly #found = new Map<string, FoundCsv>()
  readonly #refused: RefusedRows[] = []

  /** @param allowed what may be read; null: everything */
  constructor(allowed: AllowedPaths | null) {
    this.#allowed = allowed
  }

  /** What was left out, of sources that were read to their end or as far as was asked for. */
  get refused(): readonly RefusedRows[] {
    return this.#refused
  }

  files({ sources, columns, options }: FileRequest): ExternalRows {
    const found = this.#find({ what: 'LOAD FROM', sources, columns, options })
    return {
      columns: found.columns,
      read: (indexes, budget) =>
        readRows(found, indexes, budget, ({ count, kept }) => {
          this.#refused.push({ source: sources.join(', '), errorCount: count, errors: kept })
        }),
    }
  }

  call({ name, args, options }: CallRequest): ExternalRows {
    const [source] = args
    if (args.length !== 1 || typeof source !== 'string') {
      const expected = `one path, in quotes: CALL ${name}('file.csv')`
      throw new MillraceError('MILLRACE_ARGUMENT', {
        what: `arguments of ${name}`,
        value: String(args),
        expected,
      })
    }
    const row = sniffedRow(this.#find({ what: name, sources: [source], columns: null, options }))
    const vectors = sniffedColumns.map(({ type }, index) => vectorOfLanes(type, [row[index]!]))
    return {
      columns: sniffedColumns,
      read: (indexes) => [{ rows: 1, columns: indexes.map((index) => vectors[index]!) }],
    }
  }

  #find(request: CsvRequest): FoundCsv {
    const { what, sources, columns, options } = request
    const key = JSON.stringify([what, sources, columns, [...options]])
    let found = this.#found.get(key)
    if (found === undefined) {
      found = findCsv(request, this.#allowed)
      this.#found.set(key, found)
    }
    return found
  }
}
