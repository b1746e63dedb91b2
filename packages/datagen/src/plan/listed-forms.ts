/** Values that a schema lists for types which are written as texts of a certain form. */
import { isIPv4, isIPv6 } from 'node:net'
import { schemaError } from '../errors/index.js'
import type { TypeKind } from '../schema/index.js'
import type { ColumnContext } from './generator.js'

function isAddress(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
  return most > 0 && more.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const isUuid = (text: string) => /^\{?[0-9a-f]{4}(?:-?[0-9a-f]{4}){7}\}?$/i.test(text)
const isMacAddress = (text: string) =>
  /^[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}$|^[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}$/i.test(text)
/** As hexadecimal digits, or with backslashes escaped. */
const isBytes = (text: string) =>
  /^\\x(?:[0-9a-f]{2})*$/i.test(text) || /^(?:[^\\]|\\\\|\\[0-3][0-7]{2})*$/.test(text)

const forms: Partial<Record<TypeKind, (text: string) => boolean>> = {
  uuid: isUuid,
  inet: isAddress,
  json: isJson,
  macaddr: isMacAddress,
  bytea: isBytes,
}

/** @throws MillraceError `MILLRACE_DATAGEN_SCHEMA` for a listed value that is none of the column's type */
export function checkListed({ path, type, options }: ColumnContext): void {
  const isOfForm = forms[type.kind]
  const values = options.values ?? (options.value === undefined ? [] : [options.value])
  const wrong = values.find((value) => value !== null && isOfForm?.(String(value)) === false)
  if (wrong === undefined) return
  const expected = `values of type ${type.ddl}`
  throw schemaError(`${path}.values`, `${JSON.stringify(wrong)} is no ${type.ddl}`, expected)
}
