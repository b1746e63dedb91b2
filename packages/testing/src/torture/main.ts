/**
 * `pnpm test:torture -- --seconds N --seed S`: runs every torture suite (`*.torture.test.ts` of any package)
 * for its share of N seconds.
 *
 * - The same files run in `npm test`, in their quick dose. Here each of their tests runs for as long as the
 *   others.
 * - What fails says its seed and round; `--seed S --round R --only part-of-a-name` repeats just that.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')

const usage = `pnpm test:torture -- [--seconds N] [--seed S] [--round R] [--only text]
  --seconds  for all suites together; default 60
  --seed     default: another one each time
  --round    run this round of each test, and no other
  --only     tests or files whose names hold this text
`

interface Request {
  readonly seconds: number
  readonly seed: number
  readonly round: number | undefined
  readonly only: string | undefined
}

interface Suite {
  readonly folder: string
  /** Relative to the folder. */
  readonly file: string
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`--${option} is ${text}, not a whole number`)
  return Number(text)
}

function readRequest(): Request {
  // pnpm hands its own `--` on.
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((text) => text !== '--'),
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
      round: { type: 'string' },
      only: { type: 'string' },
    },
  })
  return {
    seconds: wholeNumber('seconds', values.seconds),
    seed: wholeNumber('seed', values.seed),
    round: values.round === undefined ? undefined : wholeNumber('round', values.round),
    only: values.only,
  }
}

function findSuites(): Suite[] {
  const suites: Suite[] = []
  for (const name of readdirSync(join(root, 'packages'))) {
    const folder = join(root, 'packages', name)
    for (const room of ['src', 'test']) {
      if (!existsSync(join(folder, room))) continue
      const files = readdirSync(join(folder, room), { recursive: true, encoding: 'utf8' })
      for (const file of files.filter((each) => each.endsWith('.torture.test.ts')).sort()) {
        suites.push({ folder, file: join(room, file) })
      }
    }
  }
  return suites
}

/** Runs vitest in the suite's package; what it prints is gathered, or goes where ours does. */
function runVitest(
  suite: Suite,
  command: 'list' | 'run',
  parameters: readonly string[],
  env: NodeJS.ProcessEnv,
  output: 'gather' | 'show',
): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vitest, command, suite.file, ...parameters], {
      cwd: suite.folder,
      env,
      stdio: ['ignore', output === 'show' ? 'inherit' : 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, text }))
  })
}

/** How many tests of the suite `only` leaves. */
async function countTests(suite: Suite, only: string | undefined): Promise<number> {
  const named = only === undefined || suite.file.includes(only) ? [] : ['-t', only]
  const { code, text } = await runVitest(suite, 'list', [...named, '--json'], process.env, 'gather')
  if (code !== 0) throw new Error(`${suite.file} cannot be listed`)
  return (JSON.parse(text.slice(text.indexOf('['))) as unknown[]).length
}

async function main(): Promise<number> {
  const request = readRequest()
  const counted: { readonly suite: Suite; readonly tests: number }[] = []
  for (const suite of findSuites()) {
    const tests = await countTests(suite, request.only)
    if (tests > 0) counted.push({ suite, tests })
  }
  const all = counted.reduce((sum, { tests }) => sum + tests, 0)
  if (all === 0) throw new RangeError(`no torture test is called ${request.only}`)
  const secondsEach = Math.max(1, request.seconds / all)
  process.stdout.write(`seed ${request.seed}: ${all} tests, ${secondsEach.toFixed(1)} s each\n`)
  const env: NodeJS.ProcessEnv = { ...process.env }
  env.MILLRACE_TORTURE_SECONDS = String(secondsEach)
  env.MILLRACE_TORTURE_SEED = String(request.seed)
  if (request.round !== undefined) env.MILLRACE_TORTURE_ROUND = String(request.round)
  const failed: string[] = []
  for (const { suite } of counted) {
    const { only } = request
    const named = only === undefined || suite.file.includes(only) ? [] : ['-t', only]
    // A round under way at the end of its time is finished.
    const timeoutMs = Math.ceil((secondsEach + 300) * 1000)
    const parameters = ['--reporter=verbose', `--testTimeout=${timeoutMs}`, ...named]
    const { code } = await runVitest(suite, 'run', parameters, env, 'show')
    if (code !== 0) failed.push(suite.file)
  }
  const verdict = failed.length === 0 ? 'all passed' : `failed: ${failed.join(', ')}`
  process.stdout.write(`seed ${request.seed}: ${verdict}\n`)
  return failed.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}`)
  process.exitCode = 2
}
