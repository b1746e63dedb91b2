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
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { MillraceError } from '@millrace/core'
import { workersError } from '../errors/index.js'
import { pipeWaitMsMax } from '../limits.js'
import type { AllowedPaths } from './allowed-paths.js'

/** Between two looks at a pipe that nothing has opened for writing yet. */
const probePauseMs = 20

/** A path to read from, and what may be read. */
export interface SourcePath {
  readonly path: string
  /** What the caller wrote: this path, or the pattern that led to it. Named by refusals. */
  readonly asked: string
  readonly allowed: AllowedPaths | null
}

/** Something that was opened; whoever has it closes the descriptor. */
interface OpenedSource {
  readonly descriptor: number
  readonly stat: BigIntStats
}

type AnyStats = StatsBase<number> | StatsBase<bigint>

function cannotRead(path: string, problem: string, cause?: unknown): MillraceError {
  return workersError('MILLRACE_IMPORT_SOURCE', { source: path, problem }, { cause })
}

function problemOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'it does not exist'
  if (code === 'ELOOP') return 'its links lead in a circle'
  if (code === 'ENOTDIR') return 'a part of its path is not a directory'
  if (code === 'EACCES') return 'this process may not read it'
  return message
}

function kindOf(stat: AnyStats): string {
  if (stat.isDirectory()) return 'a directory'
  if (stat.isCharacterDevice() || stat.isBlockDevice()) return 'a device'
  if (stat.isSocket()) return 'a socket'
  return 'no regular file'
}

/** What `source` names, without opening it. @throws MillraceError as `openSource` */
function lookUp({ path, asked, allowed }: SourcePath): AnyStats {
  allowed?.checkName(path, asked)
  allowed?.checkTarget(path, asked)
  try {
    return statSync(path)
  } catch (error) {
    throw cannotRead(path, problemOf(error), error)
  }
}

function requireReadable(stat: AnyStats, path: string): void {
  if (!stat.isFile() && !stat.isFIFO()) throw cannotRead(path, `it is ${kindOf(stat)}`)
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
    throw cannotRead(path, problemOf(error), error)
  }
}

/** Opens a regular file. @throws MillraceError as `openSource`, for pipes too */
export function openRegularFile(source: SourcePath): OpenedSource {
  const opened = openSource(source)
  if (opened.stat.isFile()) return opened
  closeSync(opened.descriptor)
  throw cannotRead(source.path, 'it is a pipe, which COPY, copyFrom and readCsv can read, by itself')
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
      throw cannotRead(path, `it is a pipe that nothing writes to (waited for ${pipeWaitMsMax} ms)`)
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
    if (!stat.isFIFO()) throw cannotRead(source.path, 'it was exchanged while it was opened')
    const first = await firstByteOf(descriptor, source.path, signal)
    // A socket waits for bytes in the event loop; a file stream would block a thread of the pool in `read`.
    const stream = new Socket({ fd: descriptor, readable: true, writable: false })
    if (first !== null) stream.unshift(first)
    return stream
  } catch (error) {
    closeSync(descriptor)
    throw error instanceof MillraceError || signal?.aborted
      ? error
      : cannotRead(source.path, problemOf(error), error)
  }
}
