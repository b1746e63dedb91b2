/** The schema's own types: enums, composites, domains. */
import { schemaError } from '../errors/index.js'
import type { CustomType } from './model.js'
import { checkName } from './names.js'
import { parseSqlType, type SqlType, typesExpected } from './sql-type.js'
import { joinPath } from './structure.js'

/** An identifier in SQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

interface RawType {
  readonly kind?: string
  readonly type?: string
  readonly values?: readonly string[]
  readonly fields?: readonly { readonly name: string; readonly type: string }[]
  readonly base_type?: string
  readonly constraint?: string
  readonly definition?: Omit<RawType, 'kind' | 'type' | 'definition'>
}

/** The types of `custom_types`, each after those that it is made of. */
export function customTypes(raw: Readonly<Record<string, unknown>>): CustomType[] {
  const done = new Map<string, SqlType>()
  const types: CustomType[] = []
  const open = new Set<string>()
  const resolve = (name: string): void => {
    if (done.has(name)) return
    const path = joinPath('custom_types', name)
    if (open.has(name)) throw schemaError(path, 'the type is made of itself', 'a type without a circle')
    open.add(name)
    const value = raw[name]
    const given: RawType = Array.isArray(value) ? { kind: 'enum', values: value } : (value as RawType)
    const type = { ...given, ...given.definition }
    for (const needed of namesIn(type)) if (Object.hasOwn(raw, needed)) resolve(needed)
    const made = makeType(checkName(name, path), type, path, done)
    done.set(name, made.type)
    types.push(made)
  }
  for (const name of Object.keys(raw)) resolve(name)
  return types
}

/** The names of types that a type is made of, arrays without their brackets. */
function namesIn(type: RawType): string[] {
  const names = [
    ...(type.fields ?? []).map((field) => field.type),
    ...(type.base_type === undefined ? [] : [type.base_type]),
  ]
  return names.map((name) => name.replace(/(?:\s*\[\s*\d*\s*\])+$/, '').trim())
}

function makeType(
  name: string,
  type: RawType,
  path: string,
  known: ReadonlyMap<string, SqlType>,
): CustomType {
  const ddl = quoteIdentifier(name)
  const kind = type.kind ?? type.type ?? (type.fields ? 'composite' : type.base_type ? 'domain' : 'enum')
  if (kind === 'enum') {
    if (type.values === undefined)
      throw schemaError(path, 'the enum has no values', 'values, a list of texts')
    for (const value of type.values) checkName(value, path)
    return { name, kind, type: { kind: 'enum', ddl, values: type.values } }
  }
  const typeOf = (text: string, at: string): SqlType => {
    const found = parseSqlType(text, known)
    if (found === undefined || found.serial === true)
      throw schemaError(at, `${text} is no type here`, typesExpected)
    return found
  }
  if (kind === 'composite') {
    if (type.fields === undefined)
      throw schemaError(path, 'the composite has no fields', 'fields, a list of {name, type}')
    const fields = type.fields.map((field, index) => {
      const at = joinPath(joinPath(path, 'fields'), String(index))
      return { name: checkName(field.name, at), type: typeOf(field.type, at) }
    })
    return { name, kind, type: { kind: 'composite', ddl, fields } }
  }
  if (type.base_type === undefined)
    throw schemaError(path, 'the domain has no base_type', 'base_type, a type')
  const base = typeOf(type.base_type, joinPath(path, 'base_type'))
  const check = type.constraint === undefined ? {} : { check: type.constraint }
  return { name, kind: 'domain', type: { ...base, ddl, ...check, base: base.ddl } }
}
