/**
 * Whether a load begins, goes on or has nothing to do, by what its table remembers; and what each of its
 * commits makes the table remember.
 *
 * | table remembers, `resume` | not given       | false            | true                                     |
 * |---------------------------|-----------------|------------------|------------------------------------------|
 * | nothing of the sources    | begins          | begins           | begins                                   |
 * | an unfinished load        | refused         | gives it up,     | goes on; refused when sources or options |
 * |                           |                 | begins           | are others                               |
 * | that all were loaded      | begins          | begins           | nothing to do                            |
 * | that some were            | begins          | begins           | refused                                  |
 */
import type { LoadPosition, LoadProgress, LoadSource, Table } from '@millrace/core/internal'
import { workersError } from '../errors/index.js'
import type { ResolvedOptions } from './options.js'
import {
  differenceOf,
  differingSettings,
  finishedSourceOf,
  nameOfSource,
  nameOfSources,
  settingsOf,
} from './source-identity.js'

/** What a load does with what its table remembers. */
export interface LoadRecord {
  /** All of the sources were loaded before. */
  readonly isDone: boolean
  /** Where it goes on; null: at the beginning. */
  readonly start: LoadPosition | null
  /** Bytes of the file of refused records that belong to what is committed. */
  readonly rejectsBytes: number
  /** For the commit that leaves the load at `position`. */
  progressAt(position: LoadPosition, rejectsBytes: number): LoadProgress | undefined
  /** For the commit that ends it. */
  ended(): LoadProgress | undefined
}

/** True when what `options` ask for needs to know its sources again. */
export function isRecorded(options: ResolvedOptions): boolean {
  return options.keep || options.resume === true
}

/**
 * A load into a table that remembers an unfinished one has to say what becomes of that.
 * @throws MillraceError `MILLRACE_UNFINISHED_LOAD`
 */
export function refuseUnfinished(table: Table, options: ResolvedOptions): void {
  const unfinished = table.loads?.unfinished
  if (unfinished === null || unfinished === undefined || options.resume !== undefined) return
  throw workersError('MILLRACE_UNFINISHED_LOAD', {
    table: table.name,
    source: nameOfSources(unfinished.sources),
    rows: unfinished.position.rows,
  })
}

/** The record of a load that is not to be resumed. */
export function unrecordedLoad(table: Table): LoadRecord {
  const gives = table.loads?.unfinished ?? null
  return {
    isDone: false,
    start: null,
    rejectsBytes: 0,
    progressAt: () => undefined,
    ended: () => (gives === null ? undefined : { kind: 'ended', sources: [] }),
  }
}

/**
 * The record of a load of `sources` that can be resumed.
 * @throws MillraceError `MILLRACE_RESUME_SOURCE`, `MILLRACE_ALREADY_LOADED`
 */
export function recordedLoad(
  table: Table,
  options: ResolvedOptions,
  sources: readonly LoadSource[],
): LoadRecord {
  const settings = settingsOf(options)
  const unfinished = options.resume === true ? (table.loads?.unfinished ?? null) : null
  if (unfinished !== null) {
    refuseOthers(table.name, unfinished.sources, sources)
    const differing = differingSettings(unfinished.settings, settings)
    if (differing.length > 0) refuse(table.name, `other options were given then: ${differing.join(', ')}`)
    const { rejects } = unfinished
    if (rejects !== null && rejects.path !== options.rejects)
      refuse(table.name, `its refused records go to ${rejects.path}`)
  }
  const isDone = options.resume === true && unfinished === null && allWereLoaded(table, sources)
  return {
    isDone,
    start: unfinished?.position ?? null,
    rejectsBytes: unfinished?.rejects?.bytes ?? 0,
    progressAt: (position, bytes) => {
      const rejects = options.rejects === null ? null : { path: options.rejects, bytes }
      return { kind: 'unfinished', load: { sources, settings, position, rejects } }
    },
    ended: () => ({ kind: 'ended', sources: sources.map(finishedSourceOf) }),
  }
}

function refuse(table: string, problem: string): never {
  throw workersError('MILLRACE_RESUME_SOURCE', { table, problem })
}

function refuseOthers(table: string, before: readonly LoadSource[], now: readonly LoadSource[]): void {
  if (before.length !== now.length) {
    const those = `${before.length} sources (${nameOfSources(before)})`
    refuse(table, `it was of ${those}, not of ${now.length} (${nameOfSources(now)})`)
  }
  for (const [index, source] of before.entries()) {
    const problem = differenceOf(source, now[index]!)
    if (problem !== null) refuse(table, problem)
  }
}

/** @throws MillraceError `MILLRACE_ALREADY_LOADED` when only some were, or it is not certain */
function allWereLoaded(table: Table, sources: readonly LoadSource[]): boolean {
  const modifiedOf = new Map(table.loads?.finished.map((each) => [each.identity, each.modifiedNs]))
  const loaded = sources.filter((source) => modifiedOf.has(finishedSourceOf(source).identity))
  const [first] = loaded
  if (first === undefined) return false
  const refuseSource = (source: LoadSource, problem: string): never => {
    throw workersError('MILLRACE_ALREADY_LOADED', {
      source: nameOfSource(source),
      table: table.name,
      problem,
    })
  }
  if (first.path === '') refuseSource(first, 'its beginning is the same, and more of it cannot be compared')
  for (const source of loaded) {
    const { identity, modifiedNs } = finishedSourceOf(source)
    if (modifiedOf.get(identity) !== modifiedNs)
      refuseSource(source, 'only its modification time is another now')
  }
  if (loaded.length < sources.length) {
    refuseSource(first, `others of the ${sources.length} sources were not, as they are now`)
  }
  return true
}
