/**
 * `millrace inspect <db> [--check]`: what is in a database file, and whether every byte of it is as it was
 * written.
 */
import { BufferPool, Store } from '@millrace/core/internal'
import { type Command, Option } from 'commander'
import type { CommandContext } from './context.js'
import { CheckFailed } from './failure.js'
import { checkStore, describeStore, type InspectReport } from './inspect-report.js'
import { inspectText } from './inspect-text.js'
import { addCommonOptions, type CommonOptions } from './options.js'

/** Enough for the pages of a catalog; what is checked is read past the pool. */
const poolBytes = 4 * 2 ** 20

interface InspectCommandOptions extends CommonOptions {
  readonly check?: boolean
  readonly format: 'table' | 'json'
}

/** Adds the command to `program`. */
export function addInspectCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('inspect')
    .summary('tables, encodings and sizes of a database file')
    .description(
      'Shows the tables of a database file with their rows, encodings and sizes. Opens it read-only, ' +
        'beside any process that has it open.',
    )
    .argument('<db>', 'the database file')
    .option('--check', 'read every page and verify its checksum; exit code 1 when one is damaged')
    .addOption(
      new Option('--format <format>', 'how the report is printed')
        .choices(['table', 'json'])
        .default('table'),
    )
  addCommonOptions(command).action(async (path: string, options: InspectCommandOptions) => {
    await inspect(path, options, context)
  })
}

async function inspect(path: string, options: InspectCommandOptions, context: CommandContext): Promise<void> {
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
