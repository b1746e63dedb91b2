/**
 * What a table remembers of loads that can be resumed: where an unfinished one stands, and which sources were
 * loaded to their end, so that none is loaded twice.
 *
 * Invariants
 * - It is part of the change that commits the rows: the rows of a table and what is said here of their load
 *   never differ.
 * - A table has at most one unfinished load.
 */
import { finishedSourcesMax, loadSourcesMax, rejectsPathBytesMax } from '../limits.js'

/** Bytes of a hash of a source, which is kept in hexadecimal. */
export const sourceHashBytes = 16

/** A source of a load, as it was when the load began. */
export interface LoadSource {
  /** The real path of a file; empty for a stream. */
  readonly path: string
  /** 0 for a stream. */
  readonly sizeBytes: number
  /** Nanoseconds since 1970; 0 for a stream. */
  readonly modifiedNs: bigint
  /** Of its first bytes, `sourceHashBytes` of them in hexadecimal. */
  readonly headHash: string
}

/** Where a load stands: everything before it is in the table, nothing behind it. */
export interface LoadPosition {
  /** The source it stands in, among the load's sources. */
  readonly source: number
  /** Where the next record begins (in what a compressed file holds). */
  readonly byteOffset: number
  /** Records of that source so far, refused ones included. */
  readonly records: number
  /** Line ends of that source so far. */
  readonly lines: number
  /** The place is in the middle of a line that is given up. */
  readonly midLine: boolean
  /** CRC-32 of the source's bytes so far, for a stream or a compressed file; else 0. */
  readonly checksum: number
  /** Rows of the load so far, over all sources. */
  readonly rows: number
  /** Records of the load that were refused so far. */
  readonly skipped: number
}

/** The file of refused records of a load, as far as it belongs to what is committed. */
export interface LoadRejects {
  readonly path: string
  readonly bytes: number
}

export interface UnfinishedLoad {
  readonly sources: readonly LoadSource[]
  /** The options that decide what the sources mean, as text: equal or not. */
  readonly settings: string
  readonly position: LoadPosition
  readonly rejects: LoadRejects | null
}

/** A source that was loaded to its end. */
export interface FinishedSource {
  /** Of its path, size and first bytes: `sourceHashBytes` in hexadecimal. */
  readonly identity: string
  readonly modifiedNs: bigint
}

/** What a table remembers. */
export interface TableLoads {
  readonly unfinished: UnfinishedLoad | null
  /** In the order in which they were finished; beyond `finishedSourcesMax` the oldest are forgotten. */
  readonly finished: readonly FinishedSource[]
}

/** What a change says of the load it belongs to. */
export type LoadProgress =
  | { readonly kind: 'unfinished'; readonly load: UnfinishedLoad }
  /** The unfinished load, if any, has ended; `sources` (none when it was given up) are remembered. */
  | { readonly kind: 'ended'; readonly sources: readonly FinishedSource[] }

/** What the table remembers after `progress`; undefined when that is nothing. */
export function loadsAfter(loads: TableLoads | undefined, progress: LoadProgress): TableLoads | undefined {
  const finished = loads?.finished ?? []
  if (progress.kind === 'unfinished') return { unfinished: progress.load, finished }
  const all = [...finished, ...progress.sources]
  if (all.length === 0) return undefined
  return { unfinished: null, finished: all.slice(-finishedSourcesMax) }
}

function isHash(text: string): boolean {
  return text.length === 2 * sourceHashBytes && /^[0-9a-f]*$/.test(text)
}

function checkUnfinished({ sources, position, rejects }: UnfinishedLoad): string | null {
  if (sources.length < 1 || sources.length > loadSourcesMax) return `a load has ${sources.length} sources`
  if (position.source >= sources.length)
    return `a load of ${sources.length} sources stands in number ${position.source}`
  if (!sources.every(({ headHash }) => isHash(headHash))) return 'a source of a load has no hash'
  if (rejects !== null && Buffer.byteLength(rejects.path) > rejectsPathBytesMax)
    return 'the path of the refused records is too long'
  return null
}

/** What is wrong with `progress`, or null. */
export function checkProgress(progress: LoadProgress): string | null {
  if (progress.kind === 'unfinished') return checkUnfinished(progress.load)
  if (progress.sources.length > finishedSourcesMax) return `${progress.sources.length} sources were finished`
  return progress.sources.every(({ identity }) => isHash(identity)) ? null : 'a finished source has no hash'
}

/** What is wrong with `loads`, or null. */
export function checkLoads({ unfinished, finished }: TableLoads): string | null {
  if (finished.length > finishedSourcesMax) return `${finished.length} sources were finished`
  if (unfinished === null && finished.length === 0) return 'an empty record of loads'
  return unfinished === null ? null : checkUnfinished(unfinished)
}
