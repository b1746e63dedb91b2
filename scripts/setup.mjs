/**
 * Makes a fresh clone ready: dependencies, then the build. `npm run setup`, and the first half of `npm test`
 * and `npm run demo`.
 *
 * - Needs nothing but Node and npm: pnpm, in the version that package.json names, comes through npm.
 * - Idempotent and quick the second time: the dependencies are left alone while the lock file and the
 *   manifests are what they were (a stamp in node_modules says so), and turbo rebuilds only what has changed.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root, run } from './run.mjs'

const nodeMinimum = [20, 15]
const stampPath = join(root, 'node_modules', '.millrace-setup')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const packages = readdirSync(join(root, 'packages'))
  .map((name) => join(root, 'packages', name))
  .filter((folder) => existsSync(join(folder, 'package.json')))

function fail(message) {
  console.error(message)
  process.exit(1)
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > nodeMinimum[0] || (major === nodeMinimum[0] && minor >= nodeMinimum[1])) return
  fail(`Node ${process.versions.node} is too old: Millrace needs ${nodeMinimum.join('.')} or newer.`)
}

/** A digest of all that decides what is in node_modules. */
function dependencyStamp() {
  const digest = createHash('sha256')
  digest.update(`${process.platform} ${process.arch} node ${process.versions.node.split('.')[0]}\n`)
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'].map((name) => join(root, name))
  for (const path of [...files, ...packages.map((folder) => join(folder, 'package.json'))]) {
    const text = readFileSync(path, 'utf8')
    // Scripts and the like may change without a reinstall.
    const { dependencies, devDependencies, bin } = path.endsWith('.json') ? JSON.parse(text) : {}
    const content = path.endsWith('.json') ? JSON.stringify({ dependencies, devDependencies, bin }) : text
    digest.update(`${relative(root, path)}\n${content}\n`)
  }
  return digest.digest('hex')
}

function isInstalled(stamp) {
  if (!existsSync(stampPath) || readFileSync(stampPath, 'utf8') !== stamp) return false
  return packages.every((folder) => existsSync(join(folder, 'node_modules')))
}

async function install() {
  const stamp = dependencyStamp()
  if (isInstalled(stamp)) return
  const pinned = manifest.packageManager
  console.log(`Installing dependencies with ${pinned} …`)
  const parameters = ['install', '--frozen-lockfile', '--reporter=append-only']
  const environment = { CI: 'true' }
  // npm tells its scripts where it is itself; elsewhere its npx is in PATH.
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js') ? process.env.npm_execpath : undefined
  const { code } =
    npm === undefined
      ? await run('npx', ['--yes', pinned, ...parameters], { environment })
      : await run(process.execPath, [npm, 'exec', '--yes', '--', pinned, ...parameters], { environment })
  if (code !== 0) fail(`Installing the dependencies failed (exit code ${code}).`)
  writeFileSync(stampPath, stamp)
}

/** Removes compiled modules whose source is gone, so that neither a package nor a test meets them. */
function removeOrphans() {
  for (const folder of packages) {
    const dist = join(folder, 'dist')
    if (!existsSync(dist)) continue
    for (const name of readdirSync(dist, { recursive: true })) {
      // Chunks of a bundle have no one source; scripts/bundle.mjs looks after them.
      if (dirname(name) === 'shared') continue
      const stem = name.match(/^(.+?)\.(?:js|js\.map|d\.ts)$/)?.[1]
      if (stem === undefined) continue
      if (!existsSync(join(folder, 'src', `${stem}.ts`))) rmSync(join(dist, name))
    }
  }
}

async function build() {
  const parameters = ['run', 'build', '--output-logs=errors-only', '--log-order=grouped', '--cache=local:rw']
  const { code, output } = await run('turbo', parameters, { quiet: true })
  if (code !== 0) {
    console.error(output)
    fail(`The build failed (exit code ${code}).`)
  }
  removeOrphans()
}

checkNode()
await install()
await build()
