/**
 * Asks the registry whether a dependency has a known advisory: `pnpm audit`, in a form that may be offline.
 *
 * - A dependency of a published package with an advisory, of any severity, fails.
 * - One that only the repository's own tools use is told of, and does not fail: it reaches no user.
 * - Without a network, or where the registry has no such service, nothing is known: the line begins with
 *   `skipped:`, and the exit code is 0.
 */
import { spawn } from 'node:child_process'
import { childEnvironment, root } from './run.mjs'

/** Longer than any registry takes; shorter than anybody waits for one that is not there. */
const elapsedMsMax = 20_000

/** What `pnpm audit` answers, or why it did not. */
function audit(parameters) {
  const all = ['audit', '--json', '--config.fetch-retries=0', '--config.fetch-timeout=10000', ...parameters]
  return new Promise((resolve) => {
    const windows = process.platform === 'win32'
    const child = spawn('pnpm', all, {
      cwd: root,
      env: childEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: windows,
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), elapsedMsMax)
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    const finish = (answer) => {
      clearTimeout(timer)
      resolve(answer)
    }
    child.on('error', (error) => finish({ unknown: error.message }))
    child.on('close', () => finish(read(output)))
  })
}

/** The advisories in what was printed; pnpm says `{ error }` when the registry did not answer. */
function read(output) {
  let answer
  try {
    answer = JSON.parse(output.slice(output.indexOf('{')))
  } catch {
    return { unknown: 'the registry did not answer in time' }
  }
  if (answer.advisories === undefined || answer.metadata?.vulnerabilities === undefined) {
    return { unknown: answer.error?.code ?? 'the registry answered something else' }
  }
  return {
    advisories: Object.values(answer.advisories).map(
      (found) => `${found.module_name} (${found.severity}): ${found.title} ${found.url ?? ''}`,
    ),
  }
}

const shipped = await audit(['--prod'])
if (shipped.unknown !== undefined) {
  console.log(`skipped: ${shipped.unknown}`)
} else {
  const every = await audit([])
  const inTools = (every.advisories ?? []).filter((line) => !shipped.advisories.includes(line))
  for (const line of shipped.advisories) console.log(`in what users install: ${line}`)
  for (const line of inTools) console.log(`in tools of the repository: ${line}`)
  console.log(`${shipped.advisories.length} advisories in what users install, ${inTools.length} in tools`)
  process.exitCode = shipped.advisories.length === 0 ? 0 : 1
}
