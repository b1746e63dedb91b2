/**
 * UUID: 16 bytes. Texts have 32 hexadecimal digits of either case, with hyphens behind the 8th, 12th, 16th
 * and 20th or none at all, and may stand in braces. The canonical text has hyphens and small letters.
 */
const hyphened = /^([\da-f]{8})-([\da-f]{4})-([\da-f]{4})-([\da-f]{4})-([\da-f]{12})$/i
const plain = /^[\da-f]{32}$/i

export const uuidLaneBytes = 16

/** The bytes of the UUID that `text` writes, as a binary string; undefined when it writes none. */
export function storedOfUuid(text: string): string | undefined {
  const inner = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text
  if (plain.test(inner)) return Buffer.from(inner, 'hex').toString('latin1')
  const match = hyphened.exec(inner)
  return match === null ? undefined : Buffer.from(match.slice(1).join(''), 'hex').toString('latin1')
}

/** The canonical text. */
export function textOfUuid(stored: string): string {
  const hex = Buffer.from(stored, 'latin1').toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
