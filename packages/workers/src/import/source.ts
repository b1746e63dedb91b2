/** What users name as the source of an import, resolved to files in a fixed order or to a stream. */
import { Readable } from 'node:stream'
import { MillraceError } from '@millrace/core/internal'
import { workersError } from '../errors/index.js'

/** A path, a glob, a list of them, or a stream of bytes. */
export type ImportSource = string | readonly string[] | Readable

export type ResolvedSource =
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  | { readonly kind: 'stream'; readonly stream: Readable }

/**
 * Files matching `pattern`, in the order of their names' code units, so that a load is the same everywhere.
 */
async function expand(pattern: string): Promise<string[]> {
  // Most sources are plain paths: the library is loaded only for what could be a pattern.
  if (!/[*?[\]{}()!+@]/.test(pattern)) return [pattern]
  const { glob, isDynamicPattern } = await import('tinyglobby')
  if (!isDynamicPattern(pattern)) return [pattern]
  const paths = await glob(pattern, {
    absolute: false,
    onlyFiles: true,
    dot: false,
    expandDirectories: false,
  })
  if (paths.length === 0) {
    throw workersError('MILLRACE_IMPORT_SOURCE', { source: pattern, problem: 'no file matches the pattern' })
  }
  return paths.sort()
}

/**
 * Resolves `source`. A path that exists literally is never taken for a pattern.
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE` when a pattern matches nothing, `MILLRACE_ARGUMENT` for
 * anything else
 */
export async function resolveSource(
  source: ImportSource,
  exists: (path: string) => boolean,
): Promise<ResolvedSource> {
  if (source instanceof Readable) return { kind: 'stream', stream: source }
  const patterns = typeof source === 'string' ? [source] : source
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
  const paths: string[] = []
  for (const pattern of patterns as readonly string[]) {
    if (exists(pattern)) paths.push(pattern)
    else paths.push(...(await expand(pattern)))
  }
  return { kind: 'files', paths }
}
