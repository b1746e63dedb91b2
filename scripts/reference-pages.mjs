/**
 * Writes the pages that are generated from the sources: docs/errors.md from the error catalogues,
 * docs/limits.md from the limits. The tidy test compares the pages with what these functions return.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { root } from './run.mjs'

const places = [
  { folder: 'core', title: 'The store' },
  { folder: 'workers', title: 'The import' },
  { folder: 'datagen', title: 'The generator' },
  { folder: 'millrace', title: 'The command' },
]

/** What a module of the sources exports. */
async function load(folder, module) {
  const input = join(root, 'packages', folder, 'src', `${module}.ts`)
  if (!existsSync(input)) return undefined
  const bundle = await rolldown({ input, platform: 'node' })
  const { output } = await bundle.generate({ format: 'esm' })
  await bundle.close()
  return await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`)
}

/** Text for a cell of a table. */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** `{name}` of a template as code, which is how the page shows what is filled in. */
function template(text) {
  return cell(text).replace(/\{([a-zA-Z]+)\}/g, '*$1*')
}

export async function errorsPage() {
  const lines = [
    '# Errors',
    '',
    'Every error that Millrace raises on purpose is a `MillraceError` with a stable `code`, a message that names place and',
    'value, `details` with the same values for programs, and `advice`. Switch on `code`: a code never changes its meaning;',
    'the wording of a message may. Words in *italics* are filled in.',
    '',
    'This page is generated from the catalogues by `pnpm run docs`.',
    '',
  ]
  for (const { folder, title } of places) {
    const exported = Object.entries((await load(folder, 'errors/catalogue')) ?? {})
    const catalogue = exported.find(([name]) => /catalogue$/i.test(name))?.[1]
    if (catalogue === undefined) continue
    lines.push(`## ${title}`, '', '| code | message | what to do |', '|---|---|---|')
    for (const [code, { message, advice }] of Object.entries(catalogue)) {
      lines.push(`| \`${code}\` | ${template(message)} | ${template(advice)} |`)
    }
    lines.push('')
  }
  return `${lines.join('\n').trimEnd()}\n`
}

function readable(value) {
  if (typeof value !== 'number' || !Number.isInteger(value)) return String(value)
  return value.toLocaleString('en-US')
}

export async function limitsPage() {
  const lines = [
    '# Limits',
    '',
    'Everything has a limit, and every limit a name. What would pass one is refused with an error before anything is written.',
    '',
    'This page is generated from each package’s `limits.ts` by `pnpm run docs`.',
    '',
  ]
  for (const { folder, title } of places) {
    const values = await load(folder, 'limits')
    if (values === undefined) continue
    const source = readFileSync(join(root, 'packages', folder, 'src', 'limits.ts'), 'utf8')
    lines.push(`## ${title}`, '', '| name | value | what it bounds |', '|---|---:|---|')
    for (const [, comment, name] of source.matchAll(
      /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const (\w+)/g,
    )) {
      const text = comment.replace(/^\s*\* ?/gm, '').trim()
      lines.push(`| \`${name}\` | ${readable(values[name])} | ${cell(text)} |`)
    }
    lines.push('')
  }
  return `${lines.join('\n').trimEnd()}\n`
}

/** The JSON Schema of the generator's schemas, for editors. */
export async function generatorSchema() {
  const { jsonSchema } = await load('datagen', 'schema/json-schema')
  return `${JSON.stringify(jsonSchema, null, 2)}\n`
}
