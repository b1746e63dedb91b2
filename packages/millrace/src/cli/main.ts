/**
 * The entry of the `millrace` command: runs it and leaves with its exit code.
 *
 * - 0 done, 1 failed, 2 wrong usage, 130 interrupted.
 * - Data goes to stdout, everything else to stderr.
 */
import { createProgram, exitCodeOf, processContext, reportFailure } from './index.js'

const context = processContext()

try {
  await createProgram(context).parseAsync(process.argv)
  await context.data.flush()
} catch (error) {
  // What a command had to say before it failed is still said; a reader that has gone is no second failure.
  await context.data.flush().catch(() => undefined)
  process.exitCode = exitCodeOf(error)
  reportFailure(error, context.stderr)
}
