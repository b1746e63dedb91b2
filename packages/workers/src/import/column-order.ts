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
 * @throws MillraceError `MILLRACE_CSV_HEADER` when `shape` has other columns
 */
export function columnOrder(shape: FileShape, first: FileShape): Uint32Array | null {
  const { header } = shape
  if (header === null || first.header === null) {
    if (shape.fieldCount !== first.fieldCount) throw otherColumns(shape, first)
    return null
  }
  if (header.length === first.header.length && header.every((name, i) => name === first.header![i]))
    return null
  const order =
    placesOf(header, first.header, (name) => name) ??
    placesOf(header, first.header, (name) => name.toLowerCase())
  if (order === null) throw otherColumns(shape, first)
  return order.every((place, i) => place === i) ? null : order
}

/** In what the columns of `shape` differ from those of the first file. */
function differenceOf(shape: FileShape, first: FileShape): string {
  if (shape.header === null || first.header === null) {
    return `its first record has ${shape.fieldCount} fields, not ${first.fieldCount}`
  }
  const [missing] = first.header.filter((name) => !shape.header!.includes(name))
  const [added] = shape.header.filter((name) => !first.header!.includes(name))
  if (missing === undefined && added === undefined) return 'names are there several times, in another order'
  const parts = [
    ...(missing === undefined ? [] : [`no ${JSON.stringify(missing)}`]),
    ...(added === undefined ? [] : [JSON.stringify(added)]),
  ]
  return `it has ${parts.join(', but ')}`
}

function otherColumns(shape: FileShape, first: FileShape): Error {
  const what = `its columns are not those of ${first.file}: ${differenceOf(shape, first)}`
  return workersError('MILLRACE_CSV_HEADER', { place: shape.file, problem: `${what}; load it by itself` })
}
