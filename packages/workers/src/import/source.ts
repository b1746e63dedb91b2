/** What users name as the source of an import, resolved to files in a fixed order or to a stream. */
import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { MillraceError } from '@millrace/core'
import { workersError } from '../errors/index.js'
import { wildcardsMax } from '../limits.js'
import type { AllowedPaths } from './allowed-paths.js'
import { openPipe, type SourcePath } from './source-file.js'

/** A path, a glob, a list of them, or a stream of bytes. */
export type ImportSource = string | readonly string[] | Readable

export type ResolvedSource =
  | { readonly kind: 'files'; readonly paths: readonly SourcePath[] }
  | { readonly kind: 'stream'; readonly stream: Readable; readonly name: string }

/** `*`, `?`, `[…]`, `{…}` and `**`; no nested repetition. */
const matching = { caseSensitiveMatch: true, extglob: false }

/**
 * Files matching `pattern`, in the order of their names' code units, so that a load is the same everywhere.
 */
async function expand(pattern: string, signal: AbortSignal | undefined): Promise<string[]> {
  // Most sources are plain paths: the library is loaded only for what could be a pattern.
  if (!/[*?[\]{}]/.test(pattern)) return [pattern]
  const { glob, isDynamicPattern } = await import('tinyglobby')
  if (!isDynamicPattern(pattern, matching)) return [pattern]
  // What matches names is a regular expression: its work grows by the power of its wildcards.
  if (pattern.split('/').some((part) => (part.match(/\*+|\{/g)?.length ?? 0) > wildcardsMax)) {
    const problem = `a part of the pattern has more than ${wildcardsMax} wildcards`
    throw workersError('MILLRACE_IMPORT_SOURCE', { source: pattern, problem })
  }
  const paths = await glob(pattern, {
    ...matching,
    absolute: false,
    onlyFiles: true,
    dot: false,
    expandDirectories: false,
    ...(signal === undefined ? {} : { signal }),
  })
  if (paths.length === 0) {
    throw workersError('MILLRACE_IMPORT_SOURCE', { source: pattern, problem: 'no file matches the pattern' })
  }
  return paths.sort()
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
  if (source instanceof Readable) return { kind: 'stream', stream: source, name: '<stream>' }
  const paths: SourcePath[] = []
  for (const asked of patternsOf(source)) {
    allowed?.checkName(asked, asked)
    const found = existsSync(asked) ? [asked] : await expand(asked, signal)
    for (const path of found) paths.push({ path, asked, allowed })
  }
  const [only] = paths
  const pipe = paths.length === 1 && only !== undefined ? await openPipe(only, signal) : undefined
  if (only === undefined || pipe === undefined) return { kind: 'files', paths }
  return { kind: 'stream', stream: pipe, name: only.path }
}
