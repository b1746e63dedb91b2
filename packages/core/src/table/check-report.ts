/** What the checks of tables share: problems as values, and the reading of a segment that may be damaged. */
import type { SegmentDescriptor, Vector } from '../column/index.js'
import { isMillraceError } from '../errors/index.js'
import type { Snapshot } from './snapshot.js'

/** Something that is not as it should be. */
export interface TableProblem {
  readonly table: string
  readonly column?: string
  /** The damaged page of the file, where the problem is one. */
  readonly page?: number
  readonly what: string
}

/** What the checks of a table share. */
export interface TableCheck {
  readonly snapshot: Snapshot
  /** First pages of runs that do not match their checksums. */
  readonly damaged: ReadonlySet<number>
}

/**
 * Decodes a segment and compares it with its descriptor; null when it cannot be used, with the problem
 * yielded.
 */
export function* checkSegment(
  check: TableCheck,
  table: string,
  column: string,
  segment: SegmentDescriptor,
): Generator<TableProblem, Vector | null> {
  if (check.damaged.has(segment.firstPage)) return null
  let vector: Vector | null = null
  const problem = problemOf(table, column, () => {
    vector = check.snapshot.source.vector(segment, { table, column })
  })
  if (problem !== null) yield problem
  if (vector === null) return null
  const { rows, nulls } = vector as Vector
  const nullCount = nulls === null ? 0 : nulls.reduce((sum, byte) => sum + byte, 0)
  if (rows === segment.rows && nullCount === segment.nullCount) return vector
  const what = `a segment has ${rows} rows, ${nullCount} of them null, but its descriptor says ${segment.rows} and ${segment.nullCount}`
  yield { table, column, what }
  return null
}

/** Runs `action`; an error about damage becomes a problem, any other is thrown on. */
export function problemOf(
  table: string,
  column: string | undefined,
  action: () => void,
): TableProblem | null {
  try {
    action()
    return null
  } catch (error) {
    if (!isMillraceError(error, 'MILLRACE_CORRUPT') && !isMillraceError(error, 'MILLRACE_INTERNAL'))
      throw error
    const { page, what } = error.details
    return {
      table,
      ...(column === undefined ? {} : { column }),
      ...(typeof page === 'number' ? { page } : {}),
      what: String(what ?? error.message),
    }
  }
}
