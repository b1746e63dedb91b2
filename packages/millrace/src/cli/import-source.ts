/**
 * Where `millrace import` reads from: files, or stdin written as `-`.
 *
 * Invariants
 * - Stdin is read once. Its beginning is kept to guess from, and is the first that the load gets.
 */
import { Readable } from 'node:stream'
import { sniff, sniffSampleBytesMax } from '@millrace/workers/internal'
import { InterruptedError, UsageError } from '../errors/index.js'
import { type CopyOptions, type ImportSource, sniffCsvFile } from '../index.js'
import { isTerminal } from '../terminal/index.js'
import type { Interrupt } from './interrupt.js'

/** A source and what its beginning looks like. */
export interface SniffedSource {
  readonly source: ImportSource
  readonly sniffed: Awaited<ReturnType<typeof sniffCsvFile>>
}

/**
 * Opens what `files` names and sniffs its beginning.
 * @throws UsageError when stdin cannot be meant; InterruptedError when a signal came while waiting for it;
 *   MillraceError `MILLRACE_IMPORT_SOURCE` when there is no such file
 */
export async function openSource(
  files: readonly string[],
  dialect: CopyOptions,
  stdin: NodeJS.ReadStream,
  interrupt: Interrupt,
): Promise<SniffedSource> {
  if (!files.includes('-')) return { source: files, sniffed: await sniffCsvFile(files, dialect) }
  if (files.length > 1) {
    throw new UsageError('stdin cannot be loaded together with files', 'Import them one after the other.')
  }
  if (isTerminal(stdin)) {
    throw new UsageError('- stands for stdin, which is the terminal', 'Send a CSV file through a pipe.')
  }
  const { sample, source } = await peek(stdin, interrupt)
  return { source, sniffed: sniff(sample, dialect) }
}

/** Reads the beginning of `stdin` and puts it back in front of the rest. */
async function peek(
  stdin: NodeJS.ReadStream,
  interrupt: Interrupt,
): Promise<{ sample: Uint8Array; source: Readable }> {
  const chunks: Buffer[] = []
  let bytes = 0
  const iterator = stdin.iterator({ destroyOnReturn: false })
  const stop = (): void => void stdin.destroy()
  interrupt.signal.addEventListener('abort', stop)
  try {
    while (bytes < sniffSampleBytesMax) {
      const { done, value } = await iterator.next()
      if (done) break
      chunks.push(value)
      bytes += value.length
    }
  } catch (error) {
    if (interrupt.received === undefined) throw error
  } finally {
    interrupt.signal.removeEventListener('abort', stop)
  }
  if (interrupt.received !== undefined) {
    throw new InterruptedError(interrupt.received, 'nothing was loaded')
  }
  async function* again(): AsyncGenerator<Buffer> {
    yield* chunks.splice(0)
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  return { sample: Buffer.concat(chunks), source: Readable.from(again(), { objectMode: false }) }
}
