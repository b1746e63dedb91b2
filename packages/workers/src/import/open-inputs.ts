/** Opens the inputs of an import, one after the other, and reads what stands before their first record. */
import { parseHeader, requireCsv } from '../csv/index.js'
import { workersError } from '../errors/index.js'
import { headerBytesMax } from '../limits.js'
import type { FileShape } from './binding.js'
import { columnOrder } from './column-order.js'
import { FileInput, type ImportInput, OpenedFile, type OpenInput } from './input.js'
import type { ResolvedOptions } from './options.js'
import { isPacked, openPacked, openPlain, packedHeadBytes, unpackingBytesOf } from './packed-source.js'
import type { SourcePath } from './source-file.js'
import { type Checksum, StreamInput } from './stream-input.js'
import { decoded } from './text-decoding.js'
import { textHead } from './text-head.js'
import { untilAborted } from './until-aborted.js'

/** How much of an input is looked at first for its header. */
const sampleBytes = 65_536

/** What stands before the first record of an input, or that record where there is no header. */
export interface InputHeader extends Pick<OpenInput, 'dataStart' | 'dataLine'> {
  readonly shape: FileShape
  /** Bytes of a line, on average of those looked at; null when there was none. */
  readonly lineBytes: number | null
}

/** An input that has neither header nor record. */
interface EmptyInput {
  readonly bytes: number
  /** What is known of its columns all the same; null: nothing. */
  readonly ifAlone: InputHeader | null
}

/** An input with its header read. */
export interface OpenedInput extends OpenInput, InputHeader {}

/** The first `bytes` bytes of an input, or all of it when it has fewer; and whether it is all. */
export async function readSample(
  input: ImportInput,
  bytes: number,
  signal: AbortSignal,
): Promise<[Uint8Array, boolean]> {
  const there = await untilAborted(input.waitFor(bytes), signal)
  const sample = new Uint8Array(Math.min(bytes, there.bytes))
  input.readStart(sample)
  return [sample, there.ended && sample.length === there.bytes]
}

async function findHeader(
  input: ImportInput,
  options: ResolvedOptions,
  signal: AbortSignal,
): Promise<InputHeader | EmptyInput> {
  const bytesMax = Math.min(headerBytesMax, input.windowBytes)
  for (let bytes = sampleBytes; ; bytes *= 8) {
    const [sample, whole] = await readSample(input, Math.min(bytes, bytesMax), signal)
    const found = headerIn(sample, whole, bytesMax, input.name, options)
    if (found !== null) return found
  }
}

/**
 * Reads the header of `input` (or, without one, counts the fields of its first record).
 * @param first the first input's columns, which all inputs have: one behind it may have neither header nor
 *   record
 * @throws MillraceError `MILLRACE_CSV_HEADER` when there is none within `headerBytesMax`,
 * `MILLRACE_CSV_NO_RECORD` when there is no record either, `MILLRACE_NOT_CSV`
 */
export async function readHeader(
  input: ImportInput,
  index: number,
  options: ResolvedOptions,
  signal: AbortSignal,
  first: FileShape | null = null,
): Promise<OpenedInput> {
  const known = first === null ? options : { ...options, columnsKnown: first.fieldCount, columnsAreAll: true }
  const found = await findHeader(input, known, signal)
  const header = 'ifAlone' in found ? headerOfEmpty(found, input.name, options, first) : found
  const order = first === null ? null : columnOrder(header.shape, first)
  return { input, index, order, ...header }
}

/**
 * The header in `sample`, the beginning of an input; null when it needs more of it.
 * @param whole whether the sample is all of the input
 * @throws MillraceError `MILLRACE_CSV_HEADER`, `MILLRACE_CSV_NO_RECORD` when it is too long,
 * `MILLRACE_NOT_CSV`
 */
function headerIn(
  sample: Uint8Array,
  whole: boolean,
  bytesMax: number,
  name: string,
  options: ResolvedOptions,
): InputHeader | EmptyInput | null {
  requireCsv(sample, name)
  const { dialect, header: hasHeader, skip, columnsKnown, columnsAreAll, maxRowBytes } = options
  const how = { header: hasHeader, skip, atEnd: whole, file: name, columnsKnown, columnsAreAll, maxRowBytes }
  const found = parseHeader(sample, dialect, how)
  let header: InputHeader | null = null
  if (found !== null && found.names.length > 0) {
    const shape = { file: name, header: hasHeader ? found.names : null, fieldCount: found.names.length }
    const lines = sample.subarray(found.bytes)
    const lineBytes = averageLine(lines.subarray(0, averagedBytes)) ?? averageLine(lines)
    header = { shape, dataStart: found.bytes, dataLine: found.lines, lineBytes }
    if (found.isThere) return header
  }
  if (whole) return { bytes: sample.length, ifAlone: header }
  if (sample.length < bytesMax) return null
  throw withoutHeader(options, name, `it is longer than ${bytesMax} bytes`)
}

/** @param first the columns of the first input, behind which it stands */
function headerOfEmpty(
  { bytes, ifAlone }: EmptyInput,
  name: string,
  options: ResolvedOptions,
  first: FileShape | null,
): InputHeader {
  if (first !== null) return { shape: first, dataStart: bytes, dataLine: 0, lineBytes: null }
  if (ifAlone !== null) return ifAlone
  const behind = options.skip === 0 ? '' : ` behind the ${options.skip} lines to skip`
  throw withoutHeader(options, name, bytes === 0 ? 'the file is empty' : `no record is in it${behind}`)
}

function withoutHeader({ header }: ResolvedOptions, place: string, problem: string): Error {
  return workersError(header ? 'MILLRACE_CSV_HEADER' : 'MILLRACE_CSV_NO_RECORD', { place, problem })
}

/**
 * The header of the first of `paths` that has one (or a record), without waiting for anything; of none, what
 * the first is taken for when it is all there is.
 * @throws MillraceError as `readHeader`; `MILLRACE_IMPORT_SOURCE` when one cannot be unpacked
 */
export function headerOf(paths: readonly SourcePath[], options: ResolvedOptions): InputHeader {
  let empty: EmptyInput | undefined
  for (const path of paths) {
    const file = new OpenedFile(path)
    try {
      const found = headerOfFile(file, options)
      if (!('ifAlone' in found)) return found
      empty ??= found
    } finally {
      file.close()
    }
  }
  return headerOfEmpty(empty!, paths[0]!.path, options, null)
}

function headerOfFile(file: OpenedFile, options: ResolvedOptions): InputHeader | EmptyInput {
  for (let bytes = sampleBytes; ; bytes *= 8) {
    const { text, isAll } = textHead(file, Math.min(bytes, headerBytesMax), options.decoding)
    // Of a file that is not to be unpacked any further, this is all there is to look at.
    const bytesMax = bytes < headerBytesMax ? headerBytesMax : text.length
    const found = headerIn(text, isAll, bytesMax, file.path, options)
    if (found !== null) return found
  }
}

/** Enough to tell how long lines are, where one ends within them. */
const averagedBytes = 16 * 1024

/** Bytes of a line on average, of those that end; null where none does. */
function averageLine(bytes: Uint8Array): number | null {
  let lines = 0
  let end = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) {
    lines++
    end = at + 1
  }
  return lines === 0 ? null : end / lines
}

/** What is asked of files before they are opened for the load. */
export interface FilesFound {
  /** Bytes of all of them together, as they lie on the disk. */
  readonly bytes: number
  readonly sizes: readonly number[]
  readonly anyPacked: boolean
  /** Memory for unpacking any of them. */
  readonly unpackingBytes: number
  /** The same files, to be opened as they were now. */
  readonly paths: readonly SourcePath[]
}

/**
 * Looks at all files, so that a load does not begin that cannot end.
 * @param visit called with each, open for as long as the call takes
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE` when one is missing or no regular file,
 * `MILLRACE_PATH_NOT_ALLOWED`
 */
export function findFiles(paths: readonly SourcePath[], visit: (file: OpenedFile) => void): FilesFound {
  const sizes: number[] = []
  const seen: SourcePath[] = []
  let anyPacked = false
  let unpackingBytes = 0
  for (const path of paths) {
    const file = new OpenedFile(path)
    try {
      sizes.push(file.size)
      const head = file.head(packedHeadBytes)
      anyPacked ||= isPacked(head)
      unpackingBytes = Math.max(unpackingBytes, unpackingBytesOf(head))
      visit(file)
      seen.push({ ...path, seen: file.state })
    } finally {
      file.close()
    }
  }
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), sizes, anyPacked, unpackingBytes, paths: seen }
}

/** How inputs are opened. */
export interface OpeningOptions {
  readonly options: ResolvedOptions
  /** What packed files are unpacked into, one after the other. */
  readonly ring: SharedArrayBuffer | null
  /** What streams keep a checksum with; null for none. */
  readonly checksum: Checksum | null
  /** Files that are packed or decoded stay open, too, to be read again (`readAgain`). Default false. */
  readonly keepsOpen?: boolean
}

/** `file` as an input, unpacked and decoded if need be. The file is the input's from now on. */
function openInput(file: OpenedFile, { options, ring, checksum }: OpeningOptions): ImportInput {
  const { decoding, gzip } = options
  try {
    const packed = isPacked(file.head(packedHeadBytes))
    if (!packed && decoding === null) return new FileInput(file)
    if (ring === null) {
      // It was looked at before: it was not packed then.
      throw workersError('MILLRACE_SOURCE_CHANGED', {
        ...{ source: file.path, before: file.size, now: file.size },
        problem: 'it is packed now',
      })
    }
    const bytes = packed ? openPacked(file, gzip) : openPlain(file)
    return new StreamInput(decoding === null ? bytes : decoded(bytes, decoding), ring, checksum)
  } catch (error) {
    file.close()
    throw error
  }
}

/**
 * Opens the file that `source` names, unpacking and decoding it if need be, and reads its header.
 * @param first the first file's columns, which it must have unless it has neither header nor record
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE`, `MILLRACE_PATH_NOT_ALLOWED`, `MILLRACE_NOT_CSV`,
 * `MILLRACE_CSV_HEADER`, `MILLRACE_SOURCE_CHANGED`; the reason of the signal
 */
export async function openFile(
  source: SourcePath,
  index: number,
  opening: OpeningOptions,
  signal: AbortSignal,
  first: FileShape | null = null,
): Promise<OpenedInput> {
  const { options } = opening
  const input = openInput(new OpenedFile(source), opening)
  try {
    return await readHeader(input, index, options, signal, first)
  } catch (error) {
    input.close()
    throw error
  }
}

/**
 * Opens the first of `paths` that has a header, or without headers a record. Those before it have no rows.
 * Where none has, the first is opened as if it were all there is.
 * @throws MillraceError as `openFile`
 */
export async function openFirst(
  paths: readonly SourcePath[],
  opening: OpeningOptions,
  signal: AbortSignal,
): Promise<OpenedInput> {
  for (const [index, path] of paths.entries()) {
    const input = openInput(new OpenedFile(path), opening)
    try {
      const header = await findHeader(input, opening.options, signal)
      if (!('ifAlone' in header)) return { input, index, order: null, ...header }
      input.check()
    } catch (error) {
      input.close()
      throw error
    }
    input.close()
  }
  return await openFile(paths[0]!, 0, opening, signal)
}

/** The inputs of a load in their order, opened when their turn comes. */
export class InputFeed {
  readonly #paths: readonly SourcePath[]
  readonly #opening: OpeningOptions
  readonly #open: OpenedInput[]
  readonly #first: OpenedInput
  #current: OpenedInput

  /** @param paths of all sources; none for a stream. `first` is one of them, and those before it are done. */
  constructor(first: OpenedInput, paths: readonly SourcePath[], opening: OpeningOptions) {
    this.#first = first
    this.#current = first
    this.#open = [first]
    this.#paths = paths
    this.#opening = opening
  }

  get current(): OpenedInput {
    return this.#current
  }

  /** How source `index` is named. */
  nameOf(index: number): string {
    return this.#paths[index]?.path ?? this.#first.input.name
  }

  get hasNext(): boolean {
    return this.#current.index + 1 < this.#paths.length
  }

  /**
   * Goes on to the next input, which must have the columns of the first; undefined when there is none. Those
   * before it stay open as far as they may be read again.
   */
  async next(signal: AbortSignal): Promise<OpenedInput | undefined> {
    if (!this.hasNext) return undefined
    const mayBeRead = this.#current.input.bytes.kind === 'file' || this.#opening.keepsOpen
    if (!mayBeRead) this.#close(this.#current)
    const index = this.#current.index + 1
    const source = this.#paths[index]!
    const opened = await openFile(source, index, this.#opening, signal, this.#first.shape)
    this.#open.push(opened)
    this.#current = opened
    return opened
  }

  /** @throws MillraceError `MILLRACE_SOURCE_CHANGED` when one of those that are open is not what it was */
  check(): void {
    for (const { input } of this.#open) input.check()
  }

  close(): void {
    for (const { input } of this.#open.splice(0)) input.close()
  }

  #close(opened: OpenedInput): void {
    opened.input.check()
    opened.input.close()
    this.#open.splice(this.#open.indexOf(opened), 1)
  }
}
