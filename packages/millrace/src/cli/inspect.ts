/**
 * `millrace inspect <db> [--check]`: what is in a database file, and whether every byte of it is as it was
 * written.
 */
import { BufferPool, Store } from '@millrace/core/internal'
import type { CommandContext } from './context.js'
import { CheckFailed } from './failure.js'
import type { InspectCommandOptions } from './inspect-command.js'
import { checkStore, describeStore, type InspectReport } from './inspect-report.js'
import { inspectText } from './inspect-text.js'

/** Enough for the pages of a catalog; what is checked is read past the pool. */
const poolBytes = 4 * 2 ** 20

/** Prints what is in the database file at `path`. */
export async function inspect(
  path: string,
  options: InspectCommandOptions,
  context: CommandContext,
): Promise<void> {
  const store = Store.open(path, { readOnly: true, pool: BufferPool.create(options.memory ?? poolBytes) })
  let report: InspectReport
  try {
    report = describeStore(store)
    if (options.check) report = { ...report, check: checkStore(store) }
  } finally {
    store.close()
  }
  const text =
    options.format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : inspectText(report, context.stdout)
  await context.data.write(text)
  await context.data.flush()
  const problems = report.check?.problems ?? []
  if (problems.length > 0) throw new CheckFailed(problems)
}
