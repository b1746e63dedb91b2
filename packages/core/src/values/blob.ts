/**
 * BLOB: bytes. Written in hexadecimal (`\xDEADBEEF`, `0xDEADBEEF`, `DEADBEEF`, or each byte as `\xDE\xAD`),
 * or in base64, of the usual or the URL alphabet, padded or not: which of the two is an option, because many
 * texts are both.
 */
export type BlobFormat = 'hex' | 'base64'

const hex = /^(?:0x|\\x)?(?:[\da-f]{2})*$/i
const hexBytes = /^(?:\\x[\da-f]{2})+$/i
const base64 = /^(?:[a-z\d+/]*|[a-z\d_-]*)={0,2}$/i

/** The bytes that `text` writes, as a binary string; undefined when it writes none. */
export function storedOfBlob(text: string, format: BlobFormat): string | undefined {
  return format === 'hex' ? ofHex(text) : ofBase64(text)
}

function ofHex(text: string): string | undefined {
  if (hex.test(text)) return Buffer.from(text.replace(/^(?:0x|\\x)/i, ''), 'hex').toString('latin1')
  return hexBytes.test(text) ? Buffer.from(text.replaceAll(/\\x/gi, ''), 'hex').toString('latin1') : undefined
}

function ofBase64(text: string): string | undefined {
  if (!base64.test(text)) return undefined
  const digits = text.replace(/=+$/, '')
  const isPaddedWell = digits.length === text.length || text.length % 4 === 0
  if (digits.length % 4 === 1 || !isPaddedWell) return undefined
  const bytes = Buffer.from(digits, 'base64')
  // The bits of the last digit that no byte takes must be zero: one value has one text.
  const again = bytes.toString('base64').replace(/=+$/, '')
  const usual = digits.replaceAll('-', '+').replaceAll('_', '/')
  return again === usual ? bytes.toString('latin1') : undefined
}

/** `\xDEADBEEF`. */
export function textOfBlob(stored: string): string {
  return `\\x${Buffer.from(stored, 'latin1').toString('hex').toUpperCase()}`
}
