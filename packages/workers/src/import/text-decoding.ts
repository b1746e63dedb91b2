/**
 * Text that is not UTF-8, or should have been, made UTF-8 on its way in: everything behind this reads UTF-8.
 *
 * Invariants
 * - Positions of errors and of resuming are those of the UTF-8 text.
 * - Without `replace`, bytes that the encoding does not know are an error.
 */
import { MillraceError } from '@millrace/core/base'
import { workersError } from '../errors/index.js'
import type { ByteSource } from './byte-source.js'
import { SourceProgress } from './source-progress.js'

/** What has to be done to the bytes of a source; null in its place: they are UTF-8, and checked as such. */
export interface TextDecoding {
  /**
   * A label of the WHATWG Encoding Standard, `utf-16` (by its byte order mark, else little-endian) or
   * `latin-1`.
   */
  readonly encoding: string
  /** Write U+FFFD for what the encoding does not know. */
  readonly replace: boolean
}

const latin1 = new Set(['latin-1', 'latin1', 'iso-8859-1', 'iso8859-1', 'iso_8859-1', 'l1'])
const utf8 = new Set(['utf-8', 'utf8'])

/**
 * The decoding that options ask for.
 * @throws MillraceError `MILLRACE_ARGUMENT` for an encoding that this build of Node.js does not know
 */
export function textDecodingOf(encoding: string, replace: boolean): TextDecoding | null {
  const label = encoding.trim().toLowerCase()
  if (utf8.has(label)) return replace ? { encoding: 'utf-8', replace } : null
  if (label === 'utf-16' || latin1.has(label)) {
    return { encoding: label === 'utf-16' ? label : 'latin-1', replace }
  }
  try {
    return { encoding: new TextDecoder(label).encoding, replace }
  } catch (error) {
    const expected =
      'utf-8, utf-16, utf-16le, utf-16be, latin-1, windows-1252 or another label of the Encoding Standard'
    const details = { what: 'encoding', value: JSON.stringify(encoding), expected }
    throw new MillraceError('MILLRACE_ARGUMENT', details, { cause: error })
  }
}

/** Which of the two the byte order mark says. */
function utf16Of(head: Uint8Array): string {
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : 'utf-16le'
}

/** Decodes chunks one after the other. */
interface Decoder {
  /** @throws TypeError for bytes that the encoding does not know */
  decode(chunk: Uint8Array, isLast: boolean): string
}

function makeDecoder({ encoding, replace }: TextDecoding, head: Uint8Array): Decoder {
  if (encoding === 'latin-1') {
    return { decode: (chunk) => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1') }
  }
  const label = encoding === 'utf-16' ? utf16Of(head) : encoding
  const decoder = new TextDecoder(label, { fatal: !replace })
  return { decode: (chunk, isLast) => decoder.decode(chunk, { stream: !isLast }) }
}

const nothing = new Uint8Array(0)

async function* decodeChunks(
  source: ByteSource,
  decoding: TextDecoding,
  progress: SourceProgress,
): AsyncGenerator<Uint8Array> {
  let decoder: Decoder | undefined
  let held: Uint8Array = nothing
  let [taken, given] = [0, 0]
  const decode = (chunk: Uint8Array, isLast: boolean): Uint8Array => {
    try {
      decoder ??= makeDecoder(decoding, chunk)
      return Buffer.from(decoder.decode(chunk, isLast))
    } catch (error) {
      const problem = `bytes ${taken} to ${taken + chunk.length} are not all ${decoding.encoding}`
      throw workersError('MILLRACE_TEXT_ENCODING', { source: source.name, problem }, { cause: error })
    }
  }
  for await (const chunk of source.chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    // Two bytes are needed to see a byte order mark.
    const whole = held.length === 0 ? bytes : Buffer.concat([held, bytes])
    if (decoder === undefined && whole.length < 2) {
      held = whole
      continue
    }
    held = nothing
    const text = decode(whole, false)
    taken += whole.length
    given += text.length
    progress.note(given, source.packedBytesAt?.(taken) ?? taken)
    if (text.length > 0) yield text
  }
  const rest = decode(held, true)
  given += rest.length
  taken += held.length
  progress.note(given, source.packedBytesAt?.(taken) ?? taken)
  if (rest.length > 0) yield rest
}

/** The beginning of a source as UTF-8; what is wrong in it is for the load to say. */
export function decodedHead(head: Uint8Array, { encoding }: TextDecoding): Uint8Array {
  return Buffer.from(makeDecoder({ encoding, replace: true }, head).decode(head, false))
}

/** `source` as UTF-8. */
export function decoded(source: ByteSource, decoding: TextDecoding): ByteSource {
  const progress = new SourceProgress()
  return {
    ...source,
    chunks: decodeChunks(source, decoding, progress),
    packedBytesAt: (position) => progress.at(position),
    ...(source.again && { again: () => decoded(source.again!(), decoding) }),
  }
}
