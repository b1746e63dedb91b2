/** What users name as the source of an import, resolved to files in a fixed order or to a stream. */
import { existsSync, type Stats, stat, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isAbsolute } from 'node:path'
import { Readable } from 'node:stream'
import { MillraceError } from '@millrace/core'
import type * as tinyglobby from 'tinyglobby'
import { sourceRefused } from '../errors/index.js'
import { wildcardsMax } from '../limits.js'
import { type AllowedPaths, mayMatchMore } from './allowed-paths.js'
import { openPipe, type SourcePath } from './source-file.js'

/** A stream that errors call by another name. */
export type NamedStream = Readable & { readonly sourceName?: string }

/** A path, a glob, a list of them, or a stream of bytes. */
export type ImportSource = string | readonly string[] | Readable

export type ResolvedSource =
  | { readonly kind: 'files'; readonly paths: readonly SourcePath[] }
  | { readonly kind: 'stream'; readonly stream: Readable; readonly name: string }

/** `*`, `?`, `[…]`, `{…}` and `**`; no nested repetition. */
const matching = { caseSensitiveMatch: true, extglob: false }

/** How patterns are expanded. */
const expanding = { ...matching, onlyFiles: true, dot: false, expandDirectories: false }

/** A file system in which links lead to files alone: the library asks for what is behind links only. */
const linksToFiles = {
  stat(path: string, done: (error: Error | null, found: Stats) => void): void {
    stat(path, (error, found) => done(error ?? notFollowed(found), found))
  },
  statSync(path: string): Stats {
    const found = statSync(path)
    const error = notFollowed(found)
    if (error !== null) throw error
    return found
  },
}

function notFollowed(found: Stats): Error | null {
  return found.isDirectory() ? new Error('links to directories are not followed') : null
}

/**
 * The files of an absolute pattern have absolute paths. `**` enters no directory through a link, as in
 * shells: it may lead anywhere, and to the same files again. Where not everything may be read no wildcard
 * does.
 */
function expandingOf(pattern: string, allowed: AllowedPaths | null) {
  const entersLinks = allowed === null && !pattern.includes('**')
  return {
    ...expanding,
    absolute: isAbsolute(pattern),
    ...(entersLinks ? {} : { fs: linksToFiles as tinyglobby.GlobOptions['fs'] & object }),
  }
}

/** What matches names is a regular expression: its work grows by the power of its wildcards. */
function checkWildcards(pattern: string): void {
  if (pattern.split('/').every((part) => (part.match(/\*+|\{/g)?.length ?? 0) <= wildcardsMax)) return
  const problem = `a part of the pattern has more than ${wildcardsMax} wildcards`
  throw sourceRefused(pattern, problem, 'Name the files in a list, or with a simpler pattern')
}

/** Paths in the order of their names' code units, so that a load is the same everywhere. */
function inOrder(pattern: string, paths: string[]): string[] {
  if (paths.length > 0) return paths.sort()
  const hint = 'Check the pattern; a relative one counts from the working directory of the process'
  throw sourceRefused(pattern, 'no file matches the pattern', hint)
}

/** Files matching `pattern`. Most are plain paths: the library is loaded only for what could be another. */
async function expand(
  pattern: string,
  allowed: AllowedPaths | null,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (!mayMatchMore(pattern)) return [pattern]
  const { glob, isDynamicPattern } = await import('tinyglobby')
  if (!isDynamicPattern(pattern, matching)) return [pattern]
  checkWildcards(pattern)
  allowed?.checkPattern(pattern)
  const how = { ...expandingOf(pattern, allowed), ...(signal === undefined ? {} : { signal }) }
  return inOrder(pattern, await glob(pattern, how))
}

/** The same, at once. */
function expandNow(pattern: string, allowed: AllowedPaths | null): string[] {
  if (!mayMatchMore(pattern)) return [pattern]
  const { globSync, isDynamicPattern }: typeof tinyglobby = createRequire(import.meta.url)('tinyglobby')
  if (!isDynamicPattern(pattern, matching)) return [pattern]
  checkWildcards(pattern)
  allowed?.checkPattern(pattern)
  return inOrder(pattern, globSync(pattern, expandingOf(pattern, allowed)))
}

/** Paths and patterns, as they were given. @throws MillraceError `MILLRACE_ARGUMENT` */
function patternsOf(source: string | readonly string[]): readonly string[] {
  const patterns: unknown = typeof source === 'string' ? [source] : source
  if (
    !Array.isArray(patterns) ||
    patterns.length === 0 ||
    !patterns.every((item) => typeof item === 'string')
  ) {
    throw new MillraceError('MILLRACE_ARGUMENT', {
      what: 'source',
      value: String(source),
      expected: 'a path, a glob, a list of them, or a Readable',
    })
  }
  return patterns
}

/**
 * The files that `source` names, without waiting for anything; a pipe is refused where it is opened.
 * @throws MillraceError as `resolveSource`
 */
export function findPaths(source: string | readonly string[], allowed: AllowedPaths | null): SourcePath[] {
  return patternsOf(source).flatMap((asked) => {
    allowed?.checkName(asked, asked)
    const found = existsSync(asked) ? [asked] : expandNow(asked, allowed)
    return found.map((path) => ({ path, asked, allowed }))
  })
}

/**
 * Resolves `source`. A path that exists literally is never taken for a pattern. A pipe is opened, and read as
 * a stream.
 * @param allowed what may be read; null: everything
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE` when a pattern matches nothing or a pipe cannot be opened,
 * `MILLRACE_PATH_NOT_ALLOWED`, `MILLRACE_ARGUMENT` for anything else
 */
export async function resolveSource(
  source: ImportSource,
  allowed: AllowedPaths | null,
  signal?: AbortSignal,
): Promise<ResolvedSource> {
  if (source instanceof Readable) {
    return { kind: 'stream', stream: source, name: (source as NamedStream).sourceName ?? '<stream>' }
  }
  const paths: SourcePath[] = []
  for (const asked of patternsOf(source)) {
    allowed?.checkName(asked, asked)
    const found = existsSync(asked) ? [asked] : await expand(asked, allowed, signal)
    for (const path of found) paths.push({ path, asked, allowed })
  }
  const [only] = paths
  const pipe = paths.length === 1 && only !== undefined ? await openPipe(only, signal) : undefined
  if (only === undefined || pipe === undefined) return { kind: 'files', paths }
  return { kind: 'stream', stream: pipe, name: only.path }
}
