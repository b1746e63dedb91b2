/**
 * Files that are no CSV in UTF-8, known by their first bytes: told apart before they are parsed, so that the
 * error says what they are and not what is wrong with their first record.
 */
import { workersError } from '../errors/index.js'

interface OtherFormat {
  readonly name: string
  /** −1 stands for any byte that is no text. */
  readonly first: readonly number[]
  readonly hint: string
}

const notText = -1
const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')]
const decompress = (command: string) =>
  `Decompress it first, or pass what \`${command}\` writes: as a stream, or to \`millrace import … -\``
const convert = 'Write it as CSV with the program that made it'
const decode = "Load it with encoding 'utf-16'"
const toUtf8 = 'Convert it to UTF-8: iconv -f UTF-32 -t UTF-8'

const otherFormats: readonly OtherFormat[] = [
  // Files that are, are unpacked before they are looked at here: this is a stream, or was packed twice.
  { name: 'compressed with gzip', first: [0x1f, 0x8b], hint: decompress('gzip -dc') },
  { name: 'compressed with Zstandard', first: [0x28, 0xb5, 0x2f, 0xfd], hint: decompress('zstd -dc') },
  { name: 'compressed with xz', first: [0xfd, ...ascii('7zXZ'), 0], hint: decompress('xz -dc') },
  { name: 'compressed with LZ4', first: [0x04, 0x22, 0x4d, 0x18], hint: decompress('lz4 -dc') },
  {
    name: 'compressed with bzip2',
    first: [...ascii('BZh'), ...[0x39, 0x31, 0x41, 0x59, 0x26, 0x53]],
    hint: decompress('bzip2 -dc'),
  },
  { name: 'a ZIP archive (or a workbook)', first: [...ascii('PK'), 3, 4], hint: 'Unpack it, or save as CSV' },
  { name: 'a Parquet file', first: [...ascii('PAR1'), notText], hint: convert },
  { name: 'an Arrow file', first: [...ascii('ARROW1'), 0], hint: convert },
  { name: 'an SQLite database', first: [...ascii('SQLite format 3'), 0], hint: convert },
  { name: 'a Millrace database', first: [...ascii('MILLRACE'), notText], hint: 'Open it as a database' },
  { name: 'UTF-32, not UTF-8', first: [0xff, 0xfe, 0, 0], hint: toUtf8 },
  { name: 'UTF-32, not UTF-8', first: [0, 0, 0xfe, 0xff], hint: toUtf8 },
  { name: 'UTF-16, not UTF-8', first: [0xff, 0xfe], hint: decode },
  { name: 'UTF-16, not UTF-8', first: [0xfe, 0xff], hint: decode },
]

const isControl = (byte: number): boolean => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d

function beginsWith(sample: Uint8Array, first: readonly number[]): boolean {
  return first.every((byte, at) => {
    const found = sample[at]
    return found !== undefined && (byte === notText ? isControl(found) : found === byte)
  })
}

/** How many bytes without a byte order mark are looked at, and how many it takes. */
const [unmarkedBytesMax, unmarkedBytesMin] = [64, 6]

/** Text of ASCII in UTF-16 without a mark: every other byte is zero, and no other is. */
function isUnmarkedUtf16(sample: Uint8Array): boolean {
  const length = Math.min(sample.length & ~1, unmarkedBytesMax)
  if (length < unmarkedBytesMin) return false
  for (const zeroAt of [0, 1]) {
    let alike = true
    for (let at = 0; at < length && alike; at++) alike = (sample[at] === 0) === (at % 2 === zeroAt)
    if (alike) return true
  }
  return false
}

/**
 * Refuses a file that begins as files of other formats do.
 * @param sample its first bytes
 * @throws MillraceError `MILLRACE_NOT_CSV` with what it is and what to do
 */
export function requireCsv(sample: Uint8Array, source: string): void {
  const found = otherFormats.find(({ first }) => beginsWith(sample, first))
  if (found !== undefined) {
    throw workersError('MILLRACE_NOT_CSV', { source, format: found.name, hint: found.hint })
  }
  if (isUnmarkedUtf16(sample)) {
    throw workersError('MILLRACE_NOT_CSV', { source, format: 'UTF-16, not UTF-8', hint: decode })
  }
}
