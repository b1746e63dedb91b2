/**
 * Where `millrace import` reads from: files, a pipe, or stdin written as `-`.
 *
 * Invariants
 * - Stdin or a pipe is read once. Its beginning is kept to guess from, and is the first that the load gets.
 */
import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { openPipe, sniffHead, sniffSampleBytesMax } from '@millrace/workers/internal'
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
  if (!files.includes('-')) {
    const pipe = await pipeOf(files, interrupt)
    if (pipe === undefined) return { source: files, sniffed: await sniffCsvFile(files, dialect) }
    return await sniffStream(pipe, String(files[0]), dialect, interrupt)
  }
  if (files.length > 1) {
    throw new UsageError('stdin cannot be loaded together with files', 'Import them one after the other.')
  }
  if (isTerminal(stdin)) {
    throw new UsageError('- stands for stdin, which is the terminal', 'Send a CSV file through a pipe.')
  }
  return await sniffStream(stdin, 'stdin', dialect, interrupt)
}

/** The only one of `files`, if it is a pipe such as a shell makes for `<(…)`. */
async function pipeOf(files: readonly string[], interrupt: Interrupt): Promise<Readable | undefined> {
  const [path] = files
  if (path === undefined || files.length > 1 || !existsSync(path)) return undefined
  try {
    return await openPipe({ path, asked: path, allowed: null }, interrupt.signal)
  } catch (error) {
    if (interrupt.received === undefined) throw error
    throw new InterruptedError(interrupt.received, 'nothing was loaded', error)
  }
}

async function sniffStream(
  stream: Readable,
  name: string,
  dialect: CopyOptions,
  interrupt: Interrupt,
): Promise<SniffedSource> {
  const { sample, isAll, rest } = await peek(stream, interrupt)
  const source = Object.assign(rest, { sourceName: name })
  return { source, sniffed: sniffHead(sample, isAll, name, dialect) }
}

/** Reads the beginning of a stream and puts it back in front of the rest. */
async function peek(
  stdin: Readable,
  interrupt: Interrupt,
): Promise<{ sample: Uint8Array; isAll: boolean; rest: Readable }> {
  const chunks: Buffer[] = []
  let bytes = 0
  let isAll = false
  const iterator = stdin.iterator({ destroyOnReturn: false })
  const stop = (): void => void stdin.destroy()
  interrupt.signal.addEventListener('abort', stop)
  try {
    while (bytes < sniffSampleBytesMax) {
      const { done, value } = await iterator.next()
      isAll = done === true
      if (isAll) break
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
  return { sample: Buffer.concat(chunks), isAll, rest: Readable.from(again(), { objectMode: false }) }
}
