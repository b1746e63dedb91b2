/**
 * Opens what a path names: regular files to be read at any place, and pipes (a FIFO, `<(…)` of a shell,
 * `/dev/stdin`) to be read once, as streams. Everything else is refused.
 *
 * - Nothing here waits: a FIFO without a writer would block a plain open for ever.
 * - What was found before opening is found again in what was opened; the latter counts.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  type StatsBase,
  statSync,
} from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { MillraceError } from '@millrace/core'
import { sourceRefused, sourceUnreadable } from '../errors/index.js'
import { pipeWaitMsMax } from '../limits.js'
import type { AllowedPaths } from './allowed-paths.js'
import type { FileState } from './file-state.js'

/** Between two looks at a pipe that nothing has opened for writing yet. */
const probePauseMs = 20

/** A path to read from, and what may be read. */
export interface SourcePath {
  readonly path: string
  /** What the caller wrote: this path, or the pattern that led to it. Named by refusals. */
  readonly asked: string
  readonly allowed: AllowedPaths | null
  /** How it was when it was first looked at: what is opened later must be the same. */
  readonly seen?: FileState
}

/** Something that was opened; whoever has it closes the descriptor. */
interface OpenedSource {
  readonly descriptor: number
  readonly stat: BigIntStats
}

type AnyStats = StatsBase<number> | StatsBase<bigint>

/** What is neither a file nor a pipe, and what to do instead. */
function refusalOf(stat: AnyStats, path: string): MillraceError {
  const refused = (problem: string, hint: string) => sourceRefused(path, problem, hint)
  if (stat.isDirectory()) {
    return refused('it is a directory', 'Name the files in it, with a pattern such as directory/*.csv')
  }
  if (stat.isCharacterDevice() || stat.isBlockDevice()) {
    return refused('it is a device', 'Pass as much of it as is to be read through a pipe')
  }
  if (stat.isSocket()) return refused('it is a socket', 'Connect to it and pass the stream')
  return refused('it is no regular file', 'Name a file or a pipe')
}

/** What `source` names, without opening it. @throws MillraceError as `openSource` */
function lookUp({ path, asked, allowed, seen }: SourcePath): AnyStats {
  allowed?.checkName(path, asked)
  allowed?.checkTarget(path, asked)
  try {
    return statSync(path)
  } catch (error) {
    if (seen !== undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw sourceRefused(path, 'it does not exist any more', 'Load files that nothing removes', error)
    }
    throw sourceUnreadable(path, error)
  }
}

function requireReadable(stat: AnyStats, path: string): void {
  if (!stat.isFile() && !stat.isFIFO()) throw refusalOf(stat, path)
}

/**
 * Opens a regular file or a pipe.
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE` when it is absent, unreadable or something else,
 * `MILLRACE_PATH_NOT_ALLOWED`
 */
function openSource(source: SourcePath): OpenedSource {
  const { path, asked, allowed } = source
  requireReadable(lookUp(source), path)
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    allowed?.checkOpened(descriptor, path, asked)
    const stat = fstatSync(descriptor, { bigint: true })
    requireReadable(stat, path)
    return { descriptor, stat }
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor)
    if (error instanceof MillraceError) throw error
    throw sourceUnreadable(path, error)
  }
}

/** Opens a regular file. @throws MillraceError as `openSource`, for pipes too */
export function openRegularFile(source: SourcePath): OpenedSource {
  const opened = openSource(source)
  if (opened.stat.isFile()) return opened
  closeSync(opened.descriptor)
  const problem = 'it is a pipe, which COPY, copyFrom and readCsv can read, by itself'
  throw sourceRefused(source.path, problem, 'Load it alone, or copy it to a file first')
}

/** The first byte of a pipe, if it is there: null when its writer has written none, undefined without one. */
function probe(descriptor: number): Uint8Array | null | undefined {
  const byte = new Uint8Array(1)
  try {
    return readSync(descriptor, byte, 0, 1, null) === 0 ? undefined : byte
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null
    throw error
  }
}

/** Waits for somebody to open the pipe for writing, and returns what was read in finding out. */
async function firstByteOf(descriptor: number, path: string, signal: AbortSignal | undefined) {
  const deadlineMs = performance.now() + pipeWaitMsMax
  for (;;) {
    const found = probe(descriptor)
    if (found !== undefined) return found
    if (performance.now() > deadlineMs) {
      const problem = `it is a pipe that nothing writes to (waited for ${pipeWaitMsMax} ms)`
      throw sourceRefused(path, problem, 'Start what writes to it first')
    }
    await setTimeout(probePauseMs)
    signal?.throwIfAborted()
  }
}

/**
 * The pipe that `source` names as a stream, which closes it; undefined when it is no pipe.
 * @throws MillraceError as `openSource`; `MILLRACE_IMPORT_SOURCE` when nothing opens it for writing within
 * `pipeWaitMsMax`; the signal's reason
 */
export async function openPipe(source: SourcePath, signal?: AbortSignal): Promise<Readable | undefined> {
  if (!lookUp(source).isFIFO()) return undefined
  const { descriptor, stat } = openSource(source)
  try {
    if (!stat.isFIFO()) {
      throw sourceRefused(source.path, 'it was exchanged while it was opened', 'Try again')
    }
    const first = await firstByteOf(descriptor, source.path, signal)
    // A socket waits for bytes in the event loop; a file stream would block a thread of the pool in `read`.
    const { Socket } = await import('node:net')
    const stream = new Socket({ fd: descriptor, readable: true, writable: false })
    if (first !== null) stream.unshift(first)
    return stream
  } catch (error) {
    closeSync(descriptor)
    throw error instanceof MillraceError || signal?.aborted ? error : sourceUnreadable(source.path, error)
  }
}
