import { type LogicalType, MillraceError } from '@millrace/core/base'
import { requireCsv, type SniffedCsv, type SniffOptions, sniff } from '../csv/index.js'
import {
  readStreamSampleBytes,
  sniffFilesMax,
  sniffPartBytes,
  sniffParts,
  sniffSampleBytesMax,
} from '../limits.js'
import { readInput } from '../threads/index.js'
import { OpenedFile } from './input.js'
import { readSample } from './open-inputs.js'
import {
  type CopyOptions,
  checkSampleSize,
  decodingOf,
  type ResolvedOptions,
  refuseUnknown,
} from './options.js'
import type { TextHead } from './packed-source.js'
import { type ImportSource, resolveSource } from './source.js'
import type { SourcePath } from './source-file.js'
import type { StreamInput } from './stream-input.js'
import { decodedHead, type TextDecoding } from './text-decoding.js'
import { isPlain, textHead } from './text-head.js'

/** What is known already; everything absent is guessed, but the encoding: it is UTF-8 unless said. */
export type SniffFileOptions = SniffOptions &
  Pick<CopyOptions, 'delim' | 'encoding' | 'encodingErrors' | 'autoDetect'>

/** Options of the sniffer that are options of an import by the same name. */
const dialectNames = [
  ...['quote', 'escape', 'comment', 'nullStrings', 'header', 'skip', 'trim', 'nullPadding', 'quotedNulls'],
  ...['emptyAsNull', 'decimalSeparator', 'thousandsSeparator', 'dateFormat', 'timestampFormat', 'nonFinite'],
  ...['blobFormat', 'sampleSize'],
] as const satisfies readonly (keyof SniffOptions)[]

const sniffNames = ['delimiter', 'delim', ...dialectNames, 'encoding', 'encodingErrors', 'autoDetect']

/** What is so unless it is said, where nothing of it is to be guessed. */
const usual = {
  delimiter: ',',
  comment: '',
  header: true,
  skip: 0,
  trim: false,
  dateFormat: '',
  timestampFormat: '',
}

/**
 * What is said of how a source is written, for the sniffer: all there is to say where `autoDetect` is false,
 * so that nothing is left to guess but types.
 */
export function knownOf(options: SniffFileOptions): SniffOptions {
  const named = [
    ['delimiter', options.delimiter ?? options.delim],
    ...dialectNames.map((name) => [name, options[name]]),
  ]
  const said: SniffOptions = Object.fromEntries(named.filter(([, value]) => value !== undefined))
  if (options.autoDetect !== false) return said
  const quote = said.quote === undefined ? '"' : said.quote
  return { ...usual, quote, escape: quote, ...said }
}

/** `options`, with what was found of the source they are for. */
export function withSniffed(
  options: ResolvedOptions,
  { dialect, header, skip }: SniffedCsv,
): ResolvedOptions {
  return { ...options, dialect, header, skip }
}

/**
 * The guessed type of each of `names`, a source's columns: the file that was looked at may have them in
 * another order than the first one, when it is another.
 */
export function guessedTypes(names: readonly string[], { header, columns }: SniffedCsv): LogicalType[] {
  if (!header) return names.map((_, i) => columns[i]?.type ?? 'STRING')
  const exact = new Map(columns.map(({ name, type }) => [name, type]))
  const anyCase = new Map(columns.map(({ name, type }) => [name.toLowerCase(), type]))
  return names.map((name) => exact.get(name) ?? anyCase.get(name.toLowerCase()) ?? 'STRING')
}

/** How much of a file is looked at: bytes of its beginning, and of each other place. */
export interface SampleSize {
  readonly headBytes: number
  readonly partBytes: number
  /** Bytes of the beginning where there is nothing else to look at: of packed files, and encoded ones. */
  readonly streamBytes: number
}

const usualSize: SampleSize = {
  headBytes: sniffSampleBytesMax,
  partBytes: sniffPartBytes,
  streamBytes: sniffSampleBytesMax,
}

/** Parts of a file behind its first `from` bytes, evenly apart, each with the byte before it. */
function partsOf(file: OpenedFile, from: number, partBytes: number): Uint8Array[] {
  const rest = file.size - from - partBytes
  if (rest <= 0) return []
  const input = { kind: 'file', descriptor: file.descriptor, path: file.path } as const
  return Array.from({ length: sniffParts }, (_, i) => {
    const part = new Uint8Array(partBytes)
    return part.subarray(0, readInput(input, part, from - 1 + Math.floor((rest * (i + 1)) / sniffParts)))
  })
}

/** Lines that a sample has at least, unless it is as large as any: a header may be long. */
const linesLeast = 10

/** The beginning of a file: `bytes` of it, or more where these are but a few lines. */
function headOf(file: OpenedFile, bytes: number): TextHead {
  const headWithin = (bytesMax: number) => ({ text: file.head(bytesMax), isAll: bytesMax >= file.size })
  const head = headWithin(bytes)
  if (head.isAll || bytes >= sniffSampleBytesMax) return head
  const { text } = head
  let lines = 0
  for (let at = text.indexOf(0x0a); at !== -1 && lines < linesLeast; at = text.indexOf(0x0a, at + 1)) lines++
  return lines >= linesLeast ? head : headWithin(sniffSampleBytesMax)
}

/** Guesses from a file that is open. */
function sniffFile(
  file: OpenedFile,
  known: SniffOptions,
  decoding: TextDecoding | null,
  { headBytes, partBytes, streamBytes }: SampleSize,
): SniffedCsv {
  // As many records as were asked for may be longer than what is usually looked at.
  const least = known.sampleSize === undefined ? 0 : sniffSampleBytesMax
  const plain = isPlain(file, decoding)
  const { text, isAll } = plain
    ? headOf(file, Math.max(headBytes, least))
    : textHead(file, Math.max(streamBytes, least), decoding)
  requireCsv(text, file.path)
  return sniff(text, known, plain ? partsOf(file, text.length, partBytes) : [], isAll)
}

/**
 * Guesses from the first of `paths` that has records below what may be a header, among the first that are not
 * empty; else from the first that has any.
 * @throws MillraceError `MILLRACE_NOT_CSV`; `MILLRACE_IMPORT_SOURCE` when one cannot be read or unpacked
 */
export function sniffFiles(
  paths: readonly SourcePath[],
  known: SniffOptions,
  decoding: TextDecoding | null,
  size: SampleSize = usualSize,
): SniffedCsv {
  let best: SniffedCsv | undefined
  let looked = 0
  for (const path of paths) {
    const file = new OpenedFile(path)
    try {
      const isLast = best === undefined && path === paths.at(-1)
      if (file.size === 0 && !isLast) continue
      const sniffed = sniffFile(file, known, decoding, size)
      if (sniffed.sampledRows > 1) return sniffed
      if (best === undefined || sniffed.columns.length > best.columns.length) best = sniffed
    } finally {
      file.close()
    }
    looked++
    if (looked === sniffFilesMax) break
  }
  return best!
}

/**
 * Guesses from the beginning of a stream, which stays in front of the rest.
 * @throws MillraceError `MILLRACE_NOT_CSV`; what the stream fails with; the reason of the signal
 */
export async function sniffStream(
  input: StreamInput,
  known: SniffOptions,
  signal: AbortSignal,
): Promise<SniffedCsv> {
  const least = known.sampleSize === undefined ? readStreamSampleBytes : sniffSampleBytesMax
  const [sample, isAll] = await readSample(input, Math.min(least, input.windowBytes), signal)
  requireCsv(sample, input.name)
  return sniff(sample, known, [], isAll)
}

/**
 * Guesses from the beginning of a stream that somebody else reads.
 * @param isAll whether the beginning is all there is
 * @throws MillraceError `MILLRACE_NOT_CSV`; `MILLRACE_ARGUMENT` for an encoding that is unknown
 */
export function sniffHead(
  head: Uint8Array,
  isAll: boolean,
  name: string,
  options: SniffFileOptions,
): SniffedCsv {
  const decoding = decodingOf(options)
  const text = decoding === null ? head : decodedHead(head, decoding)
  requireCsv(text, name)
  return sniff(text, knownOf(options), [], isAll)
}

/** `sniffCsvFile` of this package, which says the rest. */
export async function sniffCsvFile(
  source: ImportSource,
  options: SniffFileOptions = {},
): Promise<SniffedCsv> {
  refuseUnknown(Object.keys(options), sniffNames)
  checkSampleSize(options.sampleSize)
  const resolved = await resolveSource(source, null)
  if (resolved.kind === 'stream') {
    if (resolved.stream !== source) resolved.stream.destroy()
    throw new MillraceError('MILLRACE_ARGUMENT', {
      what: 'source',
      value: resolved.stream === source ? 'a stream' : `the pipe ${resolved.name}`,
      expected: 'files: what is read of a stream to guess from is gone for the load',
    })
  }
  return sniffFiles(resolved.paths, knownOf(options), decodingOf(options))
}
