import { availableParallelism } from 'node:os'
import { MillraceError } from '@millrace/core'
import { memoryBudgetDefault, memoryBudgetMin, threadsMax } from './limits.js'

/** What `Database.open` takes besides the path. */
export interface DatabaseOptions {
  /** Bytes for everything that V8 does not count: buffer pool, decoded segments, imports. Default 160 MiB. */
  memoryBudget?: number
  /**
   * Parse workers of an import, at most: fewer where the memory budget is too small for them, and for inputs
   * that are too small to be worth their start. Default: the processors this process may use.
   */
  threads?: number
  /**
   * Directories and files that COPY and `copyFrom` may read; links count as what they lead to. For services
   * that run statements of others. Default: whatever the process may read. Streams are not concerned; the
   * option `rejects` of an import, which writes a file, is refused.
   */
  allowedPaths?: readonly string[]
  /** Refuse to write; nothing is touched, several may read. Default false. */
  readOnly?: boolean
}

export interface ResolvedDatabaseOptions {
  readonly memoryBudget: number
  readonly threads: number
  readonly readOnly: boolean
}

/** How the budget of a database is divided for as long as it is open. */
export interface DatabaseMemory {
  /** Frames shared by all threads. */
  readonly poolBytes: number
  /** Decoded segments and working memory of queries on the caller's thread. */
  readonly queryBytes: number
  /** What is left for one import. */
  readonly importBytes: number
}

function wholeNumber(what: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    const expected = `a whole number from ${min} to ${max}`
    throw new MillraceError('MILLRACE_ARGUMENT', { what, value: String(value), expected })
  }
  return value
}

/** @throws MillraceError `MILLRACE_ARGUMENT` naming the option and what it may be */
export function resolveDatabaseOptions(options: DatabaseOptions): ResolvedDatabaseOptions {
  const { memoryBudget = memoryBudgetDefault, readOnly = false } = options
  const threads = options.threads ?? Math.min(availableParallelism(), threadsMax)
  if (typeof readOnly !== 'boolean') {
    throw new MillraceError('MILLRACE_ARGUMENT', {
      what: 'readOnly',
      value: String(readOnly),
      expected: 'true or false',
    })
  }
  return {
    memoryBudget: wholeNumber('memoryBudget', memoryBudget, memoryBudgetMin, Number.MAX_SAFE_INTEGER),
    threads: wholeNumber('threads', threads, 1, threadsMax),
    readOnly,
  }
}

/** Divides the budget: an eighth each for pages and for queries, the rest for an import. */
export function divideMemory(memoryBudget: number): DatabaseMemory {
  const share = Math.floor(memoryBudget / 8)
  return { poolBytes: share, queryBytes: share, importBytes: memoryBudget - 2 * share }
}
