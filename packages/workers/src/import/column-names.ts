/**
 * The names of columns, a file's or a table's, to be found by: exactly, else ignoring case when that is
 * unique. Found in constant time: a header of 100,000 names may meet a table of 10,000 columns.
 */
import type { MillraceError } from '@millrace/core/base'
import type { Table } from '@millrace/core/internal'
import { namesOfColumns } from '../csv/index.js'
import { workersError } from '../errors/index.js'
import { namesShownMax } from '../limits.js'

/** The error that a file lacks `column`, which has columns with `names`: those of a header, if it has one. */
export function missingColumn(
  file: string,
  column: string,
  names: readonly string[],
  areOfHeader = true,
): MillraceError {
  const where = areOfHeader ? 'its header names' : 'its columns are called'
  return workersError('MILLRACE_MISSING_COLUMN', { file, column, where, found: shownNames(names) })
}

export function columnNamesOf(table: Table): string[] {
  return table.columns.map(({ name }) => name)
}

/** Stands for an index where several columns have the name. */
const several = -2

function indexByName(names: readonly string[]): Map<string, number> {
  const indexes = new Map<string, number>()
  for (const [index, name] of names.entries()) indexes.set(name, indexes.has(name) ? several : index)
  return indexes
}

/** `names` for a message: the first ones, and how many more there are. */
export function shownNames(names: readonly string[]): string {
  if (names.length <= namesShownMax) return names.join(', ')
  return `${names.slice(0, namesShownMax).join(', ')} and ${names.length - namesShownMax} more`
}

export class ColumnNames {
  readonly #file: string
  readonly #names: readonly string[]
  readonly #areOfHeader: boolean
  readonly #exact: ReadonlyMap<string, number>
  #lower: ReadonlyMap<string, number> | undefined

  /** @param file named in errors. @param areOfHeader whether they stand in the file, for errors */
  constructor(file: string, names: readonly string[], areOfHeader = true) {
    this.#file = file
    this.#areOfHeader = areOfHeader
    this.#names = names
    this.#exact = indexByName(names)
  }

  /** The names of the table's columns, of which no two are the same. */
  static of(table: Table): ColumnNames {
    return new ColumnNames(table.name, columnNamesOf(table))
  }

  /** Whether a column, or several, can be meant by `name`. */
  has(name: string): boolean {
    return this.#exact.get(name) === several || this.find(name) !== -1
  }

  /**
   * Index of the column `name`, or −1. @throws MillraceError `MILLRACE_CSV_HEADER` when two have that name
   */
  find(name: string): number {
    const exact = this.#exact.get(name)
    if (exact === several) {
      throw workersError('MILLRACE_CSV_HEADER', {
        place: this.#file,
        problem: `two columns are named ${name}`,
      })
    }
    if (exact !== undefined) return exact
    this.#lower ??= indexByName(this.#names.map((candidate) => candidate.toLowerCase()))
    const alike = this.#lower.get(name.toLowerCase())
    return alike === undefined || alike === several ? -1 : alike
  }

  /** Index of the column `name`. @throws MillraceError `MILLRACE_MISSING_COLUMN` */
  require(name: string): number {
    const index = this.find(name)
    if (index !== -1) return index
    throw missingColumn(this.#file, name, this.#names, this.#areOfHeader)
  }
}

/**
 * The names of `header` by which `wanted` are looked for: a column without a name has the one that readers
 * give it, and so have several of one name where all of theirs are wanted.
 */
export function calledColumns(header: readonly string[], wanted: ColumnNames): string[] {
  const called = namesOfColumns(header)
  const unwanted = new Set(header.filter((name, index) => name !== '' && !wanted.has(called[index]!)))
  return header.map((name, index) => (unwanted.has(name) ? name : called[index]!))
}
