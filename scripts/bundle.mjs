/**
 * Bundles a published package: its entries and thread entries in a few files, which Node loads several times
 * quicker than a hundred modules. The last step of a package's build; `tsc` makes the declarations only.
 *
 *     node ../../scripts/bundle.mjs [module…] [--threads module…]
 *
 * - Entries are those of `exports` and the modules of `src` that are named. What several of them need is in
 *   chunks of its own (`dist/shared`), so that a thread never holds two copies of a class. Dependencies and
 *   the other packages of this repository stay imports.
 * - A thread is a world of its own: its entry is one file with all that it needs, of our other packages too.
 *   It is a CommonJS file, which Node loads without a turn of the event loop, and so a good deal quicker.
 * - A development dependency that the sources import comes into the bundle, where it can in a minified chunk
 *   of its own. The licences of all that is in a file stand beside it; without a licence text the build ends.
 * - `new URL('…', import.meta.url)`, by which threads and WebAssembly are found, is made anew for the file in
 *   which it ends up.
 * - All `.js` files of `dist` are this script's: others are removed.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, posix, relative, sep } from 'node:path'
import { rolldown } from 'rolldown'
import { minifySync } from 'rolldown/utils'

const packageFolder = process.cwd()
const source = join(packageFolder, 'src')
const dist = join(packageFolder, 'dist')
const manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))

const threadsAt = process.argv.indexOf('--threads')
const named = process.argv.slice(2, threadsAt === -1 ? undefined : threadsAt)
const threads = threadsAt === -1 ? [] : process.argv.slice(threadsAt + 1)
const exported = Object.values(manifest.exports).flatMap((entry) => entry.import ?? [])
const entries = [...exported.map((path) => path.replace(/^\.\/dist\/(.*)\.js$/, '$1')), ...named]

function isExternal(specifier) {
  const ours = Object.keys(manifest.dependencies ?? {})
  return (
    specifier.startsWith('node:') ||
    ours.some((name) => specifier === name || specifier.startsWith(`${name}/`))
  )
}

/** The folder of the installed package that holds the module; undefined for a module of ours. */
function packageOf(module) {
  return module.match(/^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/)?.[0]
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
function licencesPage(fileName, licences) {
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
  return `${fileName} in this folder holds code of the packages below.\n\n${parts.join('\n')}`
}

function slashes(path) {
  return path.split(sep).join('/')
}

/** Where what a URL names is after the build, from the package's folder. */
function builtPlace(target) {
  const inPackage = slashes(relative(packageFolder, target))
  if (inPackage.startsWith('..')) {
    // WebAssembly of another package, for the file of a thread.
    const place = `dist/threads/${basename(dirname(dirname(target)))}-${basename(target)}`
    mkdirSync(dirname(join(packageFolder, place)), { recursive: true })
    copyFileSync(target, join(packageFolder, place))
    return place
  }
  const built = inPackage.replace(/^src\//, 'dist/')
  return threads.some((thread) => built === `dist/${thread}.js`) ? built.replace(/js$/, 'cjs') : built
}

/** Keeps URLs beside modules right: named from the package's folder first, then from the file they are in. */
const urls = {
  name: 'urls-of-this-package',
  transform(code, module) {
    if (packageOf(module) !== undefined || !code.includes('import.meta.url')) return null
    return code.replace(/new URL\((['"])(\.[^'"]+)\1, import\.meta\.url\)/g, (_, _quote, path) => {
      return `new URL('package:${builtPlace(join(dirname(module), path))}', import.meta.url)`
    })
  },
  renderChunk(code, chunk) {
    if (!code.includes('package:')) return null
    const from = posix.dirname(posix.join('dist', chunk.fileName))
    return code.replace(/(["'])package:([^"']+)\1/g, (_, quote, target) => {
      const path = posix.relative(from, target)
      return `${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`
    })
  },
}

/** Bundles `modules` together; returns what was written. */
async function bundle(modules, external, options) {
  const made = await rolldown({
    input: Object.fromEntries(modules.map((name) => [name, join(source, `${name}.ts`)])),
    platform: 'node',
    // The language of tsconfig.base.json.
    transform: { target: 'es2023' },
    external,
    treeshake: { moduleSideEffects: false },
    plugins: [urls],
    // The URLs' lines stay where they were, so the maps stay right.
    onLog: (level, log, handler) => (log.code === 'SOURCEMAP_BROKEN' ? undefined : handler(level, log)),
  })
  const { output } = await made.write({
    dir: dist,
    chunkFileNames: 'shared/[name].js',
    sourcemap: true,
    comments: false,
    ...options,
  })
  await made.close()
  return output
}

const thirdParty = /[\\/]node_modules[\\/]/
const output = await bundle(entries, isExternal, {
  format: 'esm',
  entryFileNames: '[name].js',
  codeSplitting: { groups: [{ name: 'third-party', test: thirdParty }] },
})
const isForeign = (specifier) => isExternal(specifier) && !specifier.startsWith('@millrace/')
for (const thread of threads) {
  const options = { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false }
  output.push(...(await bundle([thread], isForeign, options)))
}

const written = new Set(output.map(({ fileName }) => fileName))
for (const { type, fileName, name, code, moduleIds = [] } of output) {
  const folders = [...new Set(moduleIds.flatMap((module) => packageOf(module) ?? []))].sort()
  if (type !== 'chunk' || folders.length === 0) continue
  const licences = `${posix.basename(name)}.licences.txt`
  const page = posix.join(posix.dirname(fileName), licences)
  writeFileSync(join(dist, page), licencesPage(posix.basename(fileName), folders.map(licenceOf)))
  written.add(page)
  if (!moduleIds.every((module) => packageOf(module) !== undefined || module.startsWith('\0'))) continue
  const { code: small, errors } = minifySync(fileName, code, { module: true })
  if (errors.length > 0) throw new Error(`${fileName} cannot be minified: ${errors[0].message}`)
  const body = small.replace(/\n?\/\/# sourceMappingURL=.*/, '')
  writeFileSync(join(dist, fileName), `/* Code of others; licences: ${licences}. */\n${body}\n`)
  written.delete(`${fileName}.map`)
}
for (const path of readdirSync(dist, { recursive: true }).map(slashes)) {
  if (/\.c?js(?:\.map)?$|\.licences\.txt$/.test(path) && !written.has(path)) rmSync(join(dist, path))
}
