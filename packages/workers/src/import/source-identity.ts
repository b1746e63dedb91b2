/**
 * By what a source is known again when a load is resumed: the path, size and modification time of a file, and
 * a hash of its first bytes; of a stream that hash alone.
 */
import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { type FinishedSource, type LoadSource, sourceHashBytes } from '@millrace/core/internal'
import { workersError } from '../errors/index.js'
import { sourceHeadBytes } from '../limits.js'
import type { OpenedFile } from './input.js'
import type { ResolvedOptions } from './options.js'

/** Bytes of an option's value that are kept as they are; of longer ones the hash is. */
const settingBytesMax = 200

function hashOf(content: Uint8Array | string): string {
  return createHash('sha256')
    .update(content)
    .digest('hex')
    .slice(0, 2 * sourceHashBytes)
}

function realPathOf({ path, size }: OpenedFile): string {
  try {
    return realpathSync(path)
  } catch (error) {
    const details = { source: path, problem: 'it does not exist any more', before: size, now: 0 }
    throw workersError('MILLRACE_SOURCE_CHANGED', details, { cause: error })
  }
}

/**
 * The file as it is now. @throws MillraceError `MILLRACE_SOURCE_CHANGED` when its path leads nowhere any more
 */
export function identityOfFile(file: OpenedFile): LoadSource {
  return {
    path: realPathOf(file),
    sizeBytes: file.size,
    modifiedNs: file.state.modifiedNs,
    headHash: hashOf(file.head(sourceHeadBytes)),
  }
}

/** A stream that begins with `head`: `sourceHeadBytes` bytes, or all that it has. */
export function identityOfStream(head: Uint8Array): LoadSource {
  return { path: '', sizeBytes: 0, modifiedNs: 0n, headHash: hashOf(head) }
}

/** What is remembered of a source that was loaded to its end. */
export function finishedSourceOf({ path, sizeBytes, modifiedNs, headHash }: LoadSource): FinishedSource {
  return { identity: hashOf(`${path}\0${sizeBytes}\0${headHash}`), modifiedNs }
}

/** How a source is named in messages. */
export function nameOfSource({ path }: LoadSource): string {
  return path === '' ? 'the stream' : path
}

/** How sources are named in messages. */
export function nameOfSources(sources: readonly LoadSource[]): string {
  const [first] = sources
  if (first === undefined) return 'nothing'
  return sources.length === 1 ? nameOfSource(first) : `${nameOfSource(first)} and ${sources.length - 1} more`
}

/** In what `now` is not `before`, as a clause; null when it is the same. */
export function differenceOf(before: LoadSource, now: LoadSource): string | null {
  const name = nameOfSource(before)
  if (before.path !== now.path) return `it was of ${name}, not of ${nameOfSource(now)}`
  if (before.sizeBytes !== now.sizeBytes)
    return `${name} had ${before.sizeBytes} bytes, now it has ${now.sizeBytes}`
  if (before.modifiedNs !== now.modifiedNs) return `${name} was modified since`
  return before.headHash === now.headHash ? null : `${name} does not begin as it did`
}

/** The options that decide what records and values the bytes of a source are. */
export function settingsOf(options: ResolvedOptions): string {
  const { dialect, decoding, header, skip, columns, fromColumn, toColumn } = options
  const nullStrings = dialect.nullStrings.map((bytes) => Buffer.from(bytes).toString('hex'))
  const settings = { header, ...dialect, nullStrings, decoding, skip, columns, fromColumn, toColumn }
  const kept = Object.entries(settings).map(([name, value]) => {
    const text = JSON.stringify(value)
    return [name, Buffer.byteLength(text) > settingBytesMax ? hashOf(text) : text]
  })
  return JSON.stringify(Object.fromEntries(kept))
}

/** The options in which two settings differ; empty when they are the same. */
export function differingSettings(before: string, now: string): string[] {
  const [left, right] = [before, now].map((text) => JSON.parse(text) as Record<string, string>)
  return Object.keys({ ...left, ...right }).filter((name) => left?.[name] !== right?.[name])
}
