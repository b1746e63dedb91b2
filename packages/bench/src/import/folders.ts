/**
 * Databases under measurement lie each in a folder of their own, with all that an engine puts beside them.
 */
import {
  closeSync,
  cpSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Bytes of all files in a folder; 0 when it is not there. */
export function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0
  return filesIn(folder).reduce((sum, path) => sum + statSync(path).size, 0)
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Ours alone: several benches may run in one folder of inputs. */
export function ownName(name: string): string {
  return `run-${process.pid}-${name}`
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Removes what a bench left behind that was stopped. */
export function removeAbandoned(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const pid = name.match(/^run-(\d+)-/)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) removeFolder(join(folder, name))
  }
}

/** An empty folder, or a copy of `source` that is on the disk, so that a run does not pay for it. */
export function freshFolder(folder: string, source: string | undefined): void {
  removeFolder(folder)
  mkdirSync(folder, { recursive: true })
  if (source === undefined) return
  cpSync(source, folder, { recursive: true })
  for (const path of filesIn(folder)) {
    const file = openSync(path, 'r+')
    fsyncSync(file)
    closeSync(file)
  }
}
