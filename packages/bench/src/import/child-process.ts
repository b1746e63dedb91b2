/** Starts the fresh process of a run, and waits for its answer. */
import { fork } from 'node:child_process'

/** What is kept of a child's complaints, for the error. */
const complaintCharactersMax = 2000

/** A process that ended without an answer. */
export class ChildFailure extends Error {
  override readonly name = 'ChildFailure'
  /** What ended it from outside; null when it ended by itself. */
  readonly signal: NodeJS.Signals | null

  constructor(message: string, signal: NodeJS.Signals | null) {
    super(message)
    this.signal = signal
  }
}

/**
 * Runs a module in a Node.js process of its own. `launcher`: a command with its parameters that is put before
 * node's and that becomes node, by exec. `processMs` is the whole process, from the call that starts it until
 * it has exited.
 */
export function runChild(
  modulePath: string,
  request: { readonly action: string },
  launcher: readonly string[] = [],
): Promise<{ answer: unknown; processMs: number }> {
  return new Promise((resolve, reject) => {
    const [execPath = process.execPath, ...execArgv] = [...launcher, process.execPath]
    const startedMs = performance.now()
    const child = fork(modulePath, [JSON.stringify(request)], {
      execPath,
      execArgv,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let answer: unknown
    let complaint = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = `${complaint}${text}`.slice(-complaintCharactersMax)
    })
    child.on('message', (message) => {
      answer = message
    })
    child.on('error', reject)
    // Not 'close': that one waits for the pipes, too, and the clock is for the process.
    child.on('exit', (code, signal) => {
      const processMs = performance.now() - startedMs
      if (code === 0 && answer !== undefined) return resolve({ answer, processMs })
      const ending = signal ?? (code === 0 ? 'no answer' : `exit code ${code}`)
      child.once('close', () => {
        const message = `the ${request.action} process ended with ${ending}\n${complaint}`.trim()
        reject(new ChildFailure(message, signal))
      })
    })
  })
}
