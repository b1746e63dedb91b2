/**
 * Every check of the repository, summed up: `npm test` runs this after setup.mjs.
 *
 * The last line is `N passed, N failed`; the exit code is 0 only when nothing failed. Each check of the whole
 * repository (format and lint, types, unused code, packages) counts as one; test suites count their tests,
 * and a suite that did not run counts as a failure.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { root, run } from './run.mjs'

const packages = readdirSync(join(root, 'packages')).filter((name) =>
  existsSync(join(root, 'packages', name, 'package.json')),
)
const published = packages.filter((name) => {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
  return manifest.private !== true
})

/** Checks of one command each. */
const checks = [
  { name: 'format and lint (biome)', command: 'biome', parameters: ['ci', '--error-on-warnings', '.'] },
  { name: 'types of tests and examples (tsc)', command: 'tsc', parameters: ['-p', 'tsconfig.test.json'] },
  { name: 'unused code and dependencies (knip)', command: 'knip', parameters: ['--no-progress'] },
  ...published.map((name) => ({
    name: `package ${name} (publint)`,
    command: 'publint',
    parameters: ['--strict', join('packages', name)],
  })),
  {
    name: 'known advisories (pnpm audit)',
    command: process.execPath,
    parameters: [join('scripts', 'audit.mjs')],
  },
  {
    name: 'packed packages in an empty folder',
    command: process.execPath,
    parameters: [join('scripts', 'test-package.mjs')],
  },
]

/** Folders with a vitest suite. The root's own holds what concerns the whole repository. */
const suites = [...packages.map((name) => join('packages', name)), '.']

let passed = 0
let failed = 0

function report(name, passedHere, failedHere, elapsedMs, note = '') {
  passed += passedHere
  failed += failedHere
  const mark = failedHere === 0 ? '✓' : '✗'
  const counts = `${passedHere} passed${failedHere === 0 ? '' : `, ${failedHere} failed`}${note}`
  console.log(`${mark} ${name.padEnd(44)} ${counts} (${(elapsedMs / 1000).toFixed(1)} s)`)
}

async function check({ name, command, parameters }) {
  const startedMs = performance.now()
  const { code, output } = await run(command, parameters, { quiet: true })
  if (code !== 0) console.log(output)
  // Without a network some things cannot be known: neither passed nor failed.
  const skipped = code === 0 ? output.match(/^skipped: .*$/m)?.[0] : undefined
  const passedHere = code === 0 && skipped === undefined ? 1 : 0
  const note = skipped === undefined ? '' : `, ${skipped}`
  report(name, passedHere, code === 0 ? 0 : 1, performance.now() - startedMs, note)
}

/** The test files a suite must run, relative to its folder. */
function testFilesOf(folder) {
  const found = []
  for (const room of ['src', 'test']) {
    const path = join(root, folder, room)
    if (!existsSync(path)) continue
    for (const name of readdirSync(path, { recursive: true })) {
      if (name.endsWith('.test.ts')) found.push(join(room, name))
    }
  }
  return found
}

async function runSuite(folder) {
  const expected = testFilesOf(folder)
  if (expected.length === 0) return
  const startedMs = performance.now()
  const scratch = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  const resultPath = join(scratch, 'result.json')
  const cwd = join(root, folder)
  const parameters = ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${resultPath}`]
  const { code, output } = await run('vitest', parameters, { cwd, quiet: true })
  const files = existsSync(resultPath) ? JSON.parse(readFileSync(resultPath, 'utf8')).testResults : []
  rmSync(scratch, { recursive: true, force: true })

  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const file of files) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed' || test.status === 'failed') counts[test.status] += 1
      else counts.skipped += 1
    }
    // A file that failed without a failed test did not load, or failed in a hook.
    const hasFailure = file.assertionResults.some((test) => test.status === 'failed')
    if (file.status === 'failed' && !hasFailure) counts.failed += 1
  }
  const ran = new Set(files.map((file) => relative(cwd, file.name.split('/').join(sep))))
  const missing = expected.filter((name) => !ran.has(name))
  for (const name of missing) console.log(`  did not run: ${join(folder, name)}`)
  counts.failed += missing.length
  // Errors outside any test (an unhandled rejection, a lost thread) show only in the exit code.
  if (code !== 0 && counts.failed === 0) counts.failed = 1
  if (counts.failed > 0) console.log(output)
  const name = `tests of ${folder === '.' ? 'the repository' : folder.split(sep).join('/')}`
  const note = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`
  report(name, counts.passed, counts.failed, performance.now() - startedMs, note)
}

for (const one of checks) await check(one)
for (const folder of suites) await runSuite(folder)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
