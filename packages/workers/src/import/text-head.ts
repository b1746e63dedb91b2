/** The beginning of a file as UTF-8, at once, however it is packed and encoded: to find out what it is. */
import type { OpenedFile } from './input.js'
import { isPacked, packedHeadBytes, type TextHead, unpackHead } from './packed-source.js'
import { decodedHead, type TextDecoding } from './text-decoding.js'

/**
 * @param bytesMax of the text before it is decoded
 * @throws MillraceError `MILLRACE_IMPORT_SOURCE` when it cannot be read or unpacked
 */
export function textHead(file: OpenedFile, bytesMax: number, decoding: TextDecoding | null): TextHead {
  const packed = isPacked(file.head(packedHeadBytes))
  const head = packed
    ? unpackHead(file, bytesMax)
    : { text: file.head(bytesMax), isAll: bytesMax >= file.size }
  return decoding === null ? head : { ...head, text: decodedHead(head.text, decoding) }
}

/** Whether the file is read as it is, at any place: neither packed nor to be decoded. */
export function isPlain(file: OpenedFile, decoding: TextDecoding | null): boolean {
  return decoding === null && !isPacked(file.head(packedHeadBytes))
}
