/** Turns what `node:fs` throws into errors of the catalogue, with what to do about them. */
import { statfsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { MillraceError } from '../errors/index.js'

/** What was being done when a call failed. */
export interface IoContext {
  /** `reading`, `writing`, `syncing` …; completed with "failed". */
  readonly operation: string
  readonly file: string
  /** Bytes that were to be written. */
  readonly neededBytes?: number
}

const hints: Readonly<Record<string, string>> = {
  ENOENT: 'Check the path',
  ENOTDIR: 'Check the path: a part of it is not a directory',
  EISDIR: 'Name a file, not a directory',
  EACCES: "Check the file's permissions",
  EPERM: "Check the file's permissions",
  EROFS: 'The file system is mounted read-only; open the database with { readOnly: true }',
  EMFILE: 'Too many files are open in this process; raise `ulimit -n`',
  ENFILE: 'Too many files are open on this machine',
  EFBIG: "The file would pass a size limit; check `ulimit -f` and the file system's limits",
  EIO: 'The device reported a failure; check it, and restore from a copy if it persists',
  ELOOP: 'Too many links follow each other; check the path',
}

/** What to do about a system error, by its code; undefined where there is nothing to say. */
export function ioHintOf(errno: string): string | undefined {
  return Object.hasOwn(hints, errno) ? `${hints[errno]}.` : undefined
}

/** The `code` of a Node system error, or ''. */
export function errnoOf(error: unknown): string {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown }
  // libuv has no name for it, and Node calls it UNKNOWN.
  if (errno === -constants.errno.EDQUOT) return 'EDQUOT'
  return typeof code === 'string' ? code : ''
}

function availableBytes(file: string): number | 'an unknown number of' {
  try {
    const { bavail, bsize } = statfsSync(dirname(file))
    return bavail * bsize
  } catch {
    return 'an unknown number of'
  }
}

/**
 * The catalogue's error for a failed file operation: `MILLRACE_DISK_FULL` when space or quota is used up
 * (with the bytes needed and available), else `MILLRACE_IO`. An error that is one already is returned as it
 * is.
 */
export function wrapIoError(error: unknown, context: IoContext): MillraceError {
  if (error instanceof MillraceError) return error
  const code = errnoOf(error)
  const { operation, file } = context
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    // What a quota leaves is not told by the file system.
    const available = code === 'EDQUOT' ? 'as many as the disk quota allows' : availableBytes(file)
    return new MillraceError(
      'MILLRACE_DISK_FULL',
      { file, needed: context.neededBytes ?? 0, available, operation },
      { cause: error },
    )
  }
  const reason = error instanceof Error ? error.message : String(error)
  const hint = ioHintOf(code) ?? 'Check the file and the device it lies on.'
  return new MillraceError('MILLRACE_IO', { operation, file, reason, errno: code, hint }, { cause: error })
}

/** Runs `action`; what it throws is wrapped. */
export function withIoErrors<T>(context: IoContext, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw wrapIoError(error, context)
  }
}
