/** Where `query` and the piped `shell` get their statements from. */
import { createInterface } from 'node:readline'
import { splitStatements } from '@millrace/core/query'
import { InterruptedError } from '../errors/index.js'
import type { Interrupt } from './interrupt.js'
import { StatementBuffer } from './statement-buffer.js'

/** The statements in the arguments of a command. */
export function* statementsOf(texts: readonly string[]): Generator<string> {
  for (const text of texts) yield* splitStatements(text)
}

/**
 * The lines of `input`. Holds one line at a time.
 * @throws InterruptedError when a signal came while waiting for more
 */
export async function* linesOf(input: NodeJS.ReadStream, interrupt: Interrupt): AsyncGenerator<string> {
  if (interrupt.signal.aborted) return
  yield* createInterface({
    input,
    crlfDelay: Number.POSITIVE_INFINITY,
    signal: interrupt.signal,
  })
  if (interrupt.received !== undefined) {
    throw new InterruptedError(interrupt.received, 'the rest of stdin was not read')
  }
}

/** The statements in the lines of `input`, as soon as each is complete. */
export async function* statementsFrom(
  input: NodeJS.ReadStream,
  interrupt: Interrupt,
): AsyncGenerator<string> {
  const buffer = new StatementBuffer()
  for await (const line of linesOf(input, interrupt)) yield* buffer.add(line)
  yield* buffer.takeRest()
}
