/** Errors of inputs that cannot be read: what the system said, in words, and what can be done about it. */
import { type ErrorDetails, MillraceError } from '@millrace/core'
import { type WorkersErrorCode, workersCatalogue } from './catalogue.js'

interface Cause {
  /** A clause about the input. */
  readonly problem: string
  /** A sentence without its full stop. */
  readonly hint: string
}

const checkPath = 'Check the path; a relative one counts from the working directory of the process'

/** By the codes that Node.js gives the errors of its file system. */
const causes: Readonly<Record<string, Cause>> = {
  ENOENT: { problem: 'it does not exist', hint: checkPath },
  ENOTDIR: { problem: 'a part of its path is not a directory', hint: checkPath },
  EACCES: {
    problem: 'this process may not read it',
    hint: 'Give its user the right to read the file, and to enter the directories above it',
  },
  EPERM: {
    problem: 'the system does not let this process read it',
    hint: 'Look at the rights of the file and of what it lies on',
  },
  ELOOP: { problem: 'its links lead in a circle', hint: 'Correct the links, or name the file itself' },
  ENAMETOOLONG: {
    problem: 'its path, or a name in it, is longer than the system allows',
    hint: 'Shorten it, with a relative path for example',
  },
  EISDIR: { problem: 'it is a directory', hint: 'Name the files in it, with a pattern for example' },
  ENXIO: { problem: 'nothing is behind it', hint: 'Name a file, or pass a stream' },
  EMFILE: {
    problem: 'this process has too many files open',
    hint: 'Close some, or let it open more (ulimit -n)',
  },
  ENFILE: { problem: 'the system has too many files open', hint: 'Close some' },
  EIO: { problem: 'the disk did not give its bytes', hint: 'Look at the disk; load from a copy' },
  ESTALE: { problem: 'its file server has forgotten it', hint: 'Try again, or load from a copy' },
  ERR_INVALID_ARG_VALUE: { problem: 'no path has such characters', hint: 'Check the path' },
}

/** What names a file of another machine. */
const address = /^[a-z][a-z0-9+.-]+:\/\//i
const elsewhere: Cause = {
  problem: 'it is an address, and only files of this machine are read by their names',
  hint: 'Download it first, or pass a stream of its bytes to copyFrom or readCsv',
}

/** What unpacks a file says itself what is wrong with it. */
const damagedHint = 'Get the file anew: it is cut off or damaged'
const unknownHint = 'Look at where it comes from, and try again'

/**
 * That `source` is of a kind, or in a state, that is not read. @param hint a sentence without its full stop
 */
export function sourceRefused(source: string, problem: string, hint: string, cause?: unknown): MillraceError {
  const details: ErrorDetails = { source, problem, hint }
  const code: WorkersErrorCode = 'MILLRACE_IMPORT_SOURCE'
  return new MillraceError(code, details, { cause }, workersCatalogue)
}

function knownCause(code: string, source: string): Cause | undefined {
  if (code === 'ENOENT' && address.test(source)) return elsewhere
  return Object.hasOwn(causes, code) ? causes[code] : undefined
}

/**
 * That `source` could not be opened or read: `error` is what the system threw, or the stream; it may be
 * anything.
 */
export function sourceUnreadable(source: string, error: unknown): MillraceError {
  const given = (error as { readonly code?: unknown } | null | undefined)?.code
  // What an aborted signal throws has a number for a code.
  const code = typeof given === 'string' ? given : ''
  const { problem, hint } = knownCause(code, source) ?? {
    problem: error instanceof Error ? error.message : String(error),
    hint: code.startsWith('Z_') ? damagedHint : unknownHint,
  }
  return sourceRefused(source, problem, hint, error)
}
