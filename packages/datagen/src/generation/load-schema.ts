/** A schema from wherever it is: a file, a template, an object. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { datagenError } from '../errors/index.js'
import { schemaBytesMax } from '../limits.js'
import { nearest, parseText, resolveSchema, type Schema } from '../schema/index.js'

const templatesFolder = fileURLToPath(new URL('../../templates', import.meta.url))

export interface Template {
  readonly name: string
  readonly path: string
  readonly description: string
}

/** The schemas that come with the package. */
export function templates(): Template[] {
  const files = readdirSync(templatesFolder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
  return files.map((file) => {
    const path = join(templatesFolder, file)
    const { description } = parseText(readFileSync(path, 'utf8'), file) as { readonly description?: string }
    return { name: file.replace(/\.yaml$/, ''), path, description: description ?? '' }
  })
}

/** The text of a template. */
export function templateText(name: string): string {
  const known = templates()
  const found = known.find((template) => template.name === name)
  if (found !== undefined) return readFileSync(found.path, 'utf8')
  const names = known.map((template) => template.name)
  const near = nearest(name, names)
  throw datagenError('MILLRACE_DATAGEN_SETTING', {
    source: 'the template',
    name,
    value: 'not there',
    expected: `${near === undefined ? '' : `${near}, or another `}one of ${names.join(', ')}`,
  })
}

/** The value that a schema's text holds, for `generate`; `file` names it in messages. */
export function schemaText(text: string, file: string): object {
  const value = parseText(text, file)
  return typeof value === 'object' && value !== null ? value : { tables: value }
}

/**
 * The schema of a file (JSON or YAML), of a template's name, or of a value of that form.
 * @throws MillraceError `MILLRACE_DATAGEN_SCHEMA`, `MILLRACE_DATAGEN_SYNTAX`
 */
export function loadSchema(source: string | object): Schema {
  if (typeof source !== 'string') return resolveSchema(source)
  if (!existsSync(source)) {
    if (/^[\w-]+$/.test(source)) return resolveSchema(parseText(templateText(source), source))
    throw datagenError('MILLRACE_DATAGEN_SYNTAX', {
      file: source,
      format: 'a schema',
      problem: 'there is no such file',
    })
  }
  const { size } = statSync(source)
  if (size > schemaBytesMax) {
    throw datagenError('MILLRACE_DATAGEN_SYNTAX', {
      file: source,
      format: 'a schema',
      problem: `it has ${size} bytes, more than ${schemaBytesMax}`,
    })
  }
  return resolveSchema(parseText(readFileSync(source, 'utf8'), source))
}
