/**
 * How a file was when it was looked at, and in what it is another now.
 *
 * A file that is written to without a change of its size, and so soon that its time of change stays the same
 * (within a few milliseconds on usual systems), passes for unchanged.
 */
import type { BigIntStats } from 'node:fs'
import { workersError } from '../errors/index.js'

export interface FileState {
  /** Device and number: which file it is, whatever its path. */
  readonly device: bigint
  readonly inode: bigint
  readonly sizeBytes: number
  readonly modifiedNs: bigint
}

export function stateOf({ dev, ino, size, mtimeNs }: BigIntStats): FileState {
  return { device: dev, inode: ino, sizeBytes: Number(size), modifiedNs: mtimeNs }
}

/** In what `now` is not `before`, as a clause; null when it is the same. */
function changeOf(before: FileState, now: FileState): string | null {
  if (before.device !== now.device || before.inode !== now.inode) return 'another file is at its path'
  if (before.sizeBytes !== now.sizeBytes)
    return `it had ${before.sizeBytes} bytes, now it has ${now.sizeBytes}`
  return before.modifiedNs === now.modifiedNs ? null : 'it was written to'
}

/** @throws MillraceError `MILLRACE_SOURCE_CHANGED` when the file at `path` is not what it was */
export function requireSame(path: string, before: FileState, now: FileState): void {
  const problem = changeOf(before, now)
  if (problem === null) return
  const sizes = { before: before.sizeBytes, now: now.sizeBytes }
  throw workersError('MILLRACE_SOURCE_CHANGED', { source: path, problem, ...sizes })
}
