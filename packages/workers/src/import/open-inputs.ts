/** Opens the inputs of an import, one after the other, and reads what stands before their first record. */
import { parseHeader, requireCsv } from '../csv/index.js'
import { workersError } from '../errors/index.js'
import { headerBytesMax } from '../limits.js'
import type { FileShape } from './binding.js'
import { FileInput, type ImportInput, type OpenInput } from './input.js'
import type { ResolvedOptions } from './options.js'
import { lookUp, type SourcePath } from './source-file.js'
import { untilAborted } from './until-aborted.js'

/** How much of an input is looked at first for its header. */
const sampleBytes = 65_536

/** An input with its header read. */
export interface OpenedInput extends OpenInput {
  readonly shape: FileShape
  /** Bytes of a line, on average of those looked at; null when there was none. */
  readonly lineBytes: number | null
}

async function readSample(
  input: ImportInput,
  bytes: number,
  signal: AbortSignal,
): Promise<[Uint8Array, boolean]> {
  const there = await untilAborted(input.waitFor(bytes), signal)
  const sample = new Uint8Array(Math.min(bytes, there.bytes))
  const read = input.read(sample, 0)
  return [sample.subarray(0, read), there.ended && read === there.bytes]
}

/**
 * Reads the header of `input` (or, without one, counts the fields of its first record).
 * @throws MillraceError `MILLRACE_CSV_HEADER` when there is none within `headerBytesMax`, `MILLRACE_NOT_CSV`
 */
export async function readHeader(
  input: ImportInput,
  options: ResolvedOptions,
  signal: AbortSignal,
): Promise<OpenedInput> {
  const { dialect, header, skip } = options
  const bytesMax = input.size === undefined ? sampleBytes : headerBytesMax
  for (let bytes = sampleBytes; ; bytes *= 8) {
    const [sample, whole] = await readSample(input, Math.min(bytes, bytesMax), signal)
    requireCsv(sample, input.name)
    const found = parseHeader(sample, dialect, { header, skip, atEnd: whole, file: input.name })
    if (found !== null && found.names.length > 0) {
      const shape = { file: input.name, header: header ? found.names : null, fieldCount: found.names.length }
      const lineBytes = averageLine(sample.subarray(found.bytes))
      return { input, shape, dataStart: found.bytes, dataLine: found.lines, lineBytes }
    }
    if (whole || bytes >= bytesMax) {
      throw workersError('MILLRACE_CSV_HEADER', {
        place: input.name,
        problem: sample.length === 0 ? 'the file is empty' : `it is longer than ${bytesMax} bytes`,
      })
    }
  }
}

function averageLine(bytes: Uint8Array): number | null {
  let lines = 0
  let end = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) {
    lines++
    end = at + 1
  }
  return lines === 0 ? null : end / lines
}

/** Bytes of all files together. @throws MillraceError as `lookUp` */
export function sizeOfFiles(paths: readonly SourcePath[]): number {
  return paths.reduce((bytes, path) => bytes + lookUp(path).size, 0)
}

/**
 * All inputs of an import: `first`, then the files at `paths`, each of which must have the first one's
 * header.
 */
export async function* openFiles(
  first: OpenedInput,
  paths: readonly SourcePath[],
  options: ResolvedOptions,
  signal: AbortSignal,
): AsyncGenerator<OpenedInput> {
  yield first
  for (const path of paths) {
    const input = new FileInput(path)
    let opened: OpenedInput
    try {
      opened = await readHeader(input, options, signal)
    } catch (error) {
      input.close()
      throw error
    }
    const names = opened.shape.header?.join('\n') ?? opened.shape.fieldCount
    const expected = first.shape.header?.join('\n') ?? first.shape.fieldCount
    if (names !== expected) {
      input.close()
      throw workersError('MILLRACE_CSV_HEADER', {
        place: path.path,
        problem: `its columns are not those of ${first.shape.file}`,
      })
    }
    yield opened
  }
}
