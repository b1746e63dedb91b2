/**
 * Puts chevrotain, as far as it is used, into one file of the package: the last step of the build.
 *
 * - Made from the source of `src/cypher/syntax/chevrotain.ts` and written over what the compiler made of it,
 *   so that the step gives the same however often it runs.
 * - The licences of all packages that are in the file stand beside it.
 * - A package without a licence text, or an import that is left over, ends the build.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)))
const source = join(packageFolder, 'src', 'cypher', 'syntax', 'chevrotain.ts')
const target = join(packageFolder, 'dist', 'cypher', 'syntax', 'chevrotain.js')

/** The folder of the installed package that holds the module. */
function packageOf(module) {
  const folder = module.match(/^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/)?.[0]
  if (folder === undefined) throw new Error(`${module} is of no package`)
  return folder
}

/** Name, version and licence of a package, as text. */
function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const texts = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice)/i.test(file))
  if (texts.length === 0) throw new Error(`${name} comes without a licence text`)
  const parts = texts.map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return { name, version, license, text: parts.join('\n\n') }
}

/** All licences, each text once, with the packages it stands for. */
function licencesPage(licences) {
  const byText = new Map()
  for (const { name, version, license, text } of licences) {
    const entry = byText.get(text) ?? []
    entry.push(`${name} ${version} (${license})`)
    byText.set(text, entry)
  }
  const rule = '-'.repeat(80)
  const parts = [...byText].map(
    ([text, names]) => `${rule}\n${names.sort().join('\n')}\n${rule}\n\n${text}\n`,
  )
  return `chevrotain.js in this folder holds code of the packages below.\n\n${parts.join('\n')}`
}

const bundle = await rolldown({ input: source, platform: 'node', treeshake: { moduleSideEffects: false } })
const { output } = await bundle.write({
  file: target,
  format: 'esm',
  minify: true,
  comments: false,
  postBanner: '/* chevrotain and what it needs, bundled. Licences: chevrotain.licences.txt. */',
})
await bundle.close()
const [chunk, ...others] = output
if (others.length > 0 || chunk.imports.length > 0 || chunk.dynamicImports.length > 0) {
  throw new Error(
    `the bundle of chevrotain is not one file: ${[...chunk.imports, ...others.map((o) => o.fileName)]}`,
  )
}
const modules = chunk.moduleIds.filter((id) => id !== source && !id.startsWith('\0'))
const folders = [...new Set(modules.map(packageOf))].sort()
writeFileSync(join(dirname(target), 'chevrotain.licences.txt'), licencesPage(folders.map(licenceOf)))
// The compiler's map is of its own output.
if (existsSync(`${target}.map`)) rmSync(`${target}.map`)
