/**
 * Several files of one load: each may have the columns of the first in an order of its own, where a header
 * says which. Pure.
 */
import { workersError } from '../errors/index.js'
import type { FileShape } from './binding.js'

/** Where `names` has each of `wanted`, told apart by `key`; null unless all are there once, and no others. */
function placesOf(
  names: readonly string[],
  wanted: readonly string[],
  key: (name: string) => string,
): Uint32Array | null {
  const places = new Map(names.map((name, place) => [key(name), place]))
  const found = new Set(wanted.map((name) => places.get(key(name)) ?? -1))
  if (found.has(-1) || names.length !== wanted.length || found.size !== names.length) return null
  return Uint32Array.from(found)
}

/**
 * Where the fields of the first file's records stand in those of `shape`: they have the same names, if need
 * be in another case. Null: in the same places.
 * @throws MillraceError when `shape` has other columns: `MILLRACE_CSV_HEADER`, or without a header
 * `MILLRACE_MISSING_COLUMN` when it has fewer (more are found, and refused, record by record)
 */
export function columnOrder(shape: FileShape, first: FileShape): Uint32Array | null {
  const { header } = shape
  if (header === null || first.header === null) {
    if (shape.fieldCount < first.fieldCount) throw fewerColumns(shape, first)
    return null
  }
  if (header.length === first.header.length && header.every((name, i) => name === first.header![i]))
    return null
  const order =
    placesOf(header, first.header, (name) => name) ??
    placesOf(header, first.header, (name) => name.toLowerCase())
  if (order === null) throw otherColumns(shape.file, differenceOf(header, first.header), first)
  return order.every((place, i) => place === i) ? null : order
}

/** In what `header` differs from `wanted`, that of the first file. */
function differenceOf(header: readonly string[], wanted: readonly string[]): string {
  const [missing] = wanted.filter((name) => !header.includes(name))
  const [added] = header.filter((name) => !wanted.includes(name))
  if (missing === undefined && added === undefined) return 'names are there several times, in another order'
  const parts = [
    ...(missing === undefined ? [] : [`no ${JSON.stringify(missing)}`]),
    ...(added === undefined ? [] : [JSON.stringify(added)]),
  ]
  return `it has ${parts.join(', but ')}`
}

function otherColumns(file: string, difference: string, first: FileShape): Error {
  const problem = `its columns are not those of ${first.file}: ${difference}; load it by itself`
  return workersError('MILLRACE_CSV_HEADER', { place: file, problem })
}

function fewerColumns({ file, fieldCount }: FileShape, first: FileShape): Error {
  const where = `records of ${first.file} have ${first.fieldCount} fields, its first record has`
  return workersError('MILLRACE_MISSING_COLUMN', {
    file,
    column: `column${fieldCount}`,
    where,
    found: fieldCount,
  })
}
