/**
 * The first check of a schema: its structure, against the JSON Schema. Of what ajv finds, the mistake that
 * lies deepest is told: where a value may be one of several things, that is the one that was meant.
 */
import { Ajv, type ErrorObject } from 'ajv'
import { schemaError } from '../errors/index.js'
import { jsonSchema } from './json-schema.js'

/** `/tables/users/columns/0` as `tables.users.columns[0]`. */
export function readablePath(pointer: string): string {
  const parts = pointer.split('/').slice(1)
  const names = parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  return names.reduce((path, name) => joinPath(path, name), '')
}

/** The path of `name` in the value at `path`. */
export function joinPath(path: string, name: string): string {
  if (/^\d+$/.test(name)) return `${path}[${name}]`
  const shown = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? name : JSON.stringify(name)
  return path === '' ? shown : `${path}.${shown}`
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

/** Problem and expectation of what ajv says, in words. */
function explain(error: ErrorObject): { path: string; problem: string; expected: string } {
  const path = readablePath(error.instancePath) || 'the schema'
  const parameters = error.params as Record<string, unknown>
  switch (error.keyword) {
    case 'required':
      return {
        path,
        problem: `${parameters.missingProperty} is missing`,
        expected: `a property ${parameters.missingProperty}`,
      }
    case 'additionalProperties': {
      const unknown = String(parameters.additionalProperty)
      const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {})
      const near = nearest(unknown, known)
      const expected = `${near === undefined ? '' : `${near}, or another `}one of ${known.join(', ')}`
      return {
        path: joinPath(path === 'the schema' ? '' : path, unknown),
        problem: 'there is no such property',
        expected,
      }
    }
    case 'enum':
      return {
        path,
        problem: `it is ${shown(error.data)}`,
        expected: `one of ${[...new Set((parameters.allowedValues as unknown[]).map((value) => shown(value)))].join(', ')}`,
      }
    case 'type':
      return { path, problem: `it is ${shown(error.data)}`, expected: [parameters.type].flat().join(' or ') }
    case 'minProperties':
    case 'minItems':
      return { path, problem: 'it is empty', expected: `at least ${parameters.limit} in it` }
    case 'uniqueItems':
      return {
        path,
        problem: `entry ${Number(parameters.j) + 1} is the same as entry ${Number(parameters.i) + 1}`,
        expected: 'different entries',
      }
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
      return {
        path,
        problem: `it is ${shown(error.data)}`,
        expected: `a number ${parameters.comparison} ${parameters.limit}`,
      }
    default:
      return {
        path,
        problem: `it is ${shown(error.data)}`,
        expected: `a value that ${(error.message ?? '').replace(/^must /, 'would ')}`,
      }
  }
}

/** The known name that differs from `name` by at most a third of its letters. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best !== undefined && best.distance <= Math.max(1, name.length / 3) ? best.candidate : undefined
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}

const alternatives = new Set(['anyOf', 'allOf', 'if', '$ref'])

let validate: ReturnType<Ajv['compile']> | undefined

/** @throws MillraceError `MILLRACE_DATAGEN_SCHEMA` for the first mistake in the structure of `value` */
export function checkStructure(value: unknown): void {
  validate ??= new Ajv({
    allErrors: false,
    verbose: true,
    allowUnionTypes: true,
    strict: false,
    code: { optimize: false },
  }).compile(jsonSchema)
  if (validate(value)) return
  const errors = validate.errors ?? []
  const depth = (error: ErrorObject) => error.instancePath.split('/').length
  const isObject = (data: unknown) => typeof data === 'object' && data !== null
  const isOfType = (error: ErrorObject) =>
    Number(error.keyword !== 'type' && !(error.keyword === 'enum' && isObject(error.data)))
  // A property that is not there lies as deep as one that is wrong.
  const meant = (error: ErrorObject) => depth(error) + Number(error.keyword === 'additionalProperties')
  // Of several things that a value may be, the one of its type was meant.
  const [deepest] = errors
    .filter((error) => !alternatives.has(error.keyword))
    .sort((a, b) => meant(b) - meant(a) || isOfType(b) - isOfType(a))
  const kinds = errors.filter(
    (error) => error.instancePath === deepest?.instancePath && error.keyword === 'type',
  )
  if (deepest === undefined)
    throw schemaError('the schema', 'its structure is wrong', 'an object with tables')
  const { path, problem, expected } = explain(deepest)
  const wanted =
    deepest.keyword === 'type'
      ? [...new Set(kinds.map((error) => explain(error).expected))].join(' or ')
      : expected
  throw schemaError(path, problem, wanted)
}
