/**
 * Proves that a table is what its manifest says: every page against its checksum, every segment decoded,
 * every key found by the index, both sides of every relationship run in agreement. For `millrace inspect
 * --check` and for tests.
 *
 * Problems are values, so that one damaged page does not hide another. What lies in a damaged run is not
 * looked at further.
 */
import { type Table, tableRuns } from '../catalog/index.js'
import { checkNodes } from './check-nodes.js'
import { checkRels } from './check-rels.js'
import { problemOf, type TableProblem } from './check-report.js'
import type { Snapshot } from './snapshot.js'

/** Reads all of `table` and yields what is wrong with it. Memory: a row group at a time. */
export function* checkTable(snapshot: Snapshot, table: Table): Generator<TableProblem> {
  const damaged = new Set<number>()
  for (const { run, place } of tableRuns(table)) {
    const problem = problemOf(table.name, place.column, () => snapshot.source.reader.verify(run, place))
    if (problem === null) continue
    damaged.add(run.firstPage)
    yield problem
  }
  yield* checkContents(snapshot, table, damaged)
}

/**
 * The same without the pages, for who has verified them: reads what lies in them and yields what is wrong
 * with it. `damaged` are the first pages of runs that did not match their checksums, of any table.
 */
export function* checkContents(
  snapshot: Snapshot,
  table: Table,
  damaged: ReadonlySet<number>,
): Generator<TableProblem> {
  const check = { snapshot, damaged }
  if (table.kind === 'node') yield* checkNodes(check, table)
  else yield* checkRels(check, table)
}
