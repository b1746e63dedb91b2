/** Starts the fresh process of a run, and waits for its answer. */
import { fork } from 'node:child_process'
import type { ChildRequest } from './protocol.js'

/** What is kept of a child's complaints, for the error. */
const complaintCharactersMax = 2000

export function runChild(
  modulePath: string,
  request: ChildRequest,
): Promise<{ answer: unknown; processMs: number }> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now()
    const child = fork(modulePath, [JSON.stringify(request)], {
      execArgv: [],
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
      child.once('close', () =>
        reject(new Error(`the ${request.action} process ended with ${ending}\n${complaint}`.trim())),
      )
    })
  })
}
