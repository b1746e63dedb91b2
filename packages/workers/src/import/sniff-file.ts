import { MillraceError } from '@millrace/core/base'
import { requireCsv, type SniffedCsv, type SniffOptions, sniff } from '../csv/index.js'
import { sniffPartBytes, sniffParts, sniffSampleBytesMax } from '../limits.js'
import { readInput } from '../threads/index.js'
import { OpenedFile } from './input.js'
import { type CopyOptions, decodingOf } from './options.js'
import type { TextHead } from './packed-source.js'
import { type ImportSource, resolveSource } from './source.js'
import type { SourcePath } from './source-file.js'
import type { TextDecoding } from './text-decoding.js'
import { isPlain, textHead } from './text-head.js'

/** What is known already; everything absent is guessed, but the encoding: it is UTF-8 unless said. */
export type SniffFileOptions = SniffOptions & Pick<CopyOptions, 'encoding' | 'encodingErrors'>

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

/**
 * Guesses from a file that is open.
 * @throws MillraceError `MILLRACE_NOT_CSV`; `MILLRACE_IMPORT_SOURCE` when it cannot be unpacked
 */
export function sniffFile(
  file: OpenedFile,
  known: SniffOptions,
  decoding: TextDecoding | null,
  { headBytes, partBytes, streamBytes }: SampleSize,
): SniffedCsv {
  const plain = isPlain(file, decoding)
  const { text, isAll } = plain ? headOf(file, headBytes) : textHead(file, streamBytes, decoding)
  requireCsv(text, file.path)
  return sniff(text, known, plain ? partsOf(file, text.length, partBytes) : [], isAll)
}

/** `sniffCsvFile` of this package, which says the rest. */
export async function sniffCsvFile(
  source: ImportSource,
  options: SniffFileOptions = {},
  size: SampleSize = usualSize,
): Promise<SniffedCsv> {
  const resolved = await resolveSource(source, null)
  if (resolved.kind === 'stream') {
    if (resolved.stream !== source) resolved.stream.destroy()
    throw new MillraceError('MILLRACE_ARGUMENT', {
      what: 'source',
      value: resolved.stream === source ? 'a stream' : `the pipe ${resolved.name}`,
      expected: 'files: what is read of a stream to guess from is gone for the load',
    })
  }
  const file = new OpenedFile(resolved.paths[0] as SourcePath)
  try {
    const { encoding: _, encodingErrors: __, ...known } = options
    return sniffFile(file, known, decodingOf(options), size)
  } finally {
    file.close()
  }
}
