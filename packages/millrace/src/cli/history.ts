/**
 * The lines typed at the prompt, kept between sessions in a file that only its owner can read:
 * `MILLRACE_HISTORY`, else `~/.millrace_history`. A history that cannot be read or written is no reason to
 * fail.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Lines kept. */
export const historyLinesMax = 1000

export function historyPath(): string {
  return process.env.MILLRACE_HISTORY || join(homedir(), '.millrace_history')
}

/** The lines in `path`, newest first, as readline wants them. */
export function readHistory(path: string): string[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n')
    return lines
      .filter((line) => line !== '')
      .reverse()
      .slice(0, historyLinesMax)
  } catch {
    return []
  }
}

/** Writes `lines`, newest first, to `path`, oldest first. */
export function writeHistory(path: string, lines: readonly string[]): void {
  const text = lines
    .slice(0, historyLinesMax)
    .toReversed()
    .map((line) => `${line}\n`)
    .join('')
  const aside = `${path}.${process.pid}`
  try {
    writeFileSync(aside, text, { mode: 0o600 })
    renameSync(aside, path)
  } catch {
    // A read-only home is no reason to trouble anyone who leaves.
  }
}
