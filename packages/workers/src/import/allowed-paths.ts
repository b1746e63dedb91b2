/**
 * Which files an import may read, for services that pass on statements of people they do not know.
 *
 * Invariants
 * - What counts is the file that was opened, not the text that named it: links, `..` and a file that is
 *   exchanged between a check and its opening lead nowhere else.
 * - What is refused is refused alike, whether it exists or not, and named as it was asked for.
 * - A path allows itself and, when it is a directory, all below it; `/data` does not allow `/data2`.
 */
import { fstatSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { MillraceError } from '@millrace/core'
import { workersError } from '../errors/index.js'

function isWithin(path: string, allowed: string): boolean {
  return path === allowed || path.startsWith(allowed.endsWith(sep) ? allowed : allowed + sep)
}

/**
 * The real path of what `descriptor` has open, which `path` led to; undefined when it leads elsewhere now.
 */
function realPathOf(descriptor: number, path: string): string | undefined {
  // Linux says it itself, with a remark behind the path of a file that was removed meanwhile.
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      // No /proc: as on other systems.
    }
  }
  const real = realpathSync(path)
  const [opened, found] = [fstatSync(descriptor), lstatSync(real)]
  return opened.dev === found.dev && opened.ino === found.ino ? real : undefined
}

/**
 * The real path of what `path` leads to; where nothing is, of the directory that it would be in; undefined
 * for a link that leads nowhere.
 */
function targetOf(path: string): string | undefined {
  for (let at = path; ; at = dirname(at)) {
    try {
      return realpathSync.native(at)
    } catch {
      if (isLink(at) || dirname(at) === at) return undefined
    }
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch {
    return false
  }
}

/** Whether a path, or a part of it, could be a pattern. */
export function mayMatchMore(path: string): boolean {
  return /[*?[\]{}]/.test(path)
}

export class AllowedPaths {
  /** As they were given, made absolute: what a source may be named like. */
  readonly #named: readonly string[]
  readonly #real: readonly string[]

  private constructor(named: readonly string[], real: readonly string[]) {
    this.#named = named
    this.#real = real
  }

  /**
   * The paths of the option `allowedPaths`; null when it is absent: then any file may be read.
   * @throws MillraceError `MILLRACE_ARGUMENT` when one of them does not exist
   */
  static resolve(paths: readonly string[] | undefined): AllowedPaths | null {
    if (paths === undefined) return null
    const refuse = (value: unknown, expected: string): never => {
      throw new MillraceError('MILLRACE_ARGUMENT', { what: 'allowedPaths', value: String(value), expected })
    }
    if (!Array.isArray(paths)) return refuse(paths, 'a list of paths')
    const named: string[] = []
    const real: string[] = []
    for (const path of paths as readonly unknown[]) {
      if (typeof path !== 'string' || path === '') return refuse(path, 'paths of directories or files')
      named.push(resolve(path))
      try {
        real.push(realpathSync(path))
      } catch (error) {
        refuse(path, `paths that exist (${(error as Error).message})`)
      }
    }
    return new AllowedPaths([...named, ...real], real)
  }

  /**
   * Refuses `path` by its text alone, before anything is looked up.
   * @param asked what the caller named: a path, or the pattern that led to it
   */
  checkName(path: string, asked: string): void {
    const absolute = resolve(path)
    if (!this.#named.some((allowed) => isWithin(absolute, allowed))) throw notAllowed(asked)
  }

  /**
   * Refuses what `path` leads to, before it is opened: opening alone does something to some devices. Where
   * nothing is, what would be there is refused.
   */
  checkTarget(path: string, asked: string): void {
    const real = targetOf(path)
    if (real === undefined || !this.#real.some((allowed) => isWithin(real, allowed))) throw notAllowed(asked)
  }

  /** Refuses a pattern that would be looked for anywhere else, whether anything matches it or not. */
  checkPattern(pattern: string): void {
    const parts = pattern.split(/[\\/]/)
    const first = parts.findIndex(mayMatchMore)
    const fixed = parts.slice(0, first).join('/')
    if (first > 0) this.checkTarget(fixed === '' ? '/' : fixed, pattern)
    if (parts.slice(first).some((part) => part.includes('..'))) throw notAllowed(pattern)
  }

  /** Refuses what is open: the last word. */
  checkOpened(descriptor: number, path: string, asked: string): void {
    let real: string | undefined
    try {
      real = realPathOf(descriptor, path)
    } catch {
      real = undefined
    }
    const found = real
    if (found === undefined || !this.#real.some((allowed) => isWithin(found, allowed)))
      throw notAllowed(asked)
  }
}

function notAllowed(source: string): MillraceError {
  return workersError('MILLRACE_PATH_NOT_ALLOWED', { source })
}
