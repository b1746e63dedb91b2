/**
 * What the repository's own commands share: where the root is, and how a child process is started.
 *
 * Only Node's own modules are used here: the first command of a fresh clone runs before anything is
 * installed.
 */
import { spawn } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The environment of every child: our own binaries first in PATH, no telemetry, no prompts. */
export function childEnvironment(extra = {}) {
  const environment = { ...process.env, ...extra }
  const pathName = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  environment[pathName] = `${join(root, 'node_modules', '.bin')}${delimiter}${environment[pathName] ?? ''}`
  environment.TURBO_TELEMETRY_DISABLED = '1'
  environment.DO_NOT_TRACK = '1'
  environment.TURBO_NO_UPDATE_NOTIFIER = '1'
  // `npm test --silent` must not silence the commands that it starts.
  delete environment.npm_config_loglevel
  return environment
}

/**
 * Runs a command to its end.
 * @param {string} command a binary in PATH or in node_modules/.bin, or an absolute path
 * @param {string[]} parameters
 * @param {{ cwd?: string, quiet?: boolean, environment?: Record<string, string> }} options quiet: keep the
 * output, for the caller to show
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, parameters, options = {}) {
  return new Promise((resolve) => {
    const windows = process.platform === 'win32'
    const child = spawn(windows ? `"${command}"` : command, parameters, {
      cwd: options.cwd ?? root,
      env: childEnvironment(options.environment),
      stdio: options.quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      shell: windows,
    })
    let output = ''
    child.stdout?.on('data', (bytes) => {
      output += bytes
    })
    child.stderr?.on('data', (bytes) => {
      output += bytes
    })
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }))
    child.on('close', (code, signal) => {
      resolve({ code: code ?? 1, output: signal === null ? output : `${output}ended by ${signal}\n` })
    })
  })
}
