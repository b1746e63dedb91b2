/**
 * UUID: 16 bytes. Texts have 32 hexadecimal digits of either case, perhaps with hyphens between groups of
 * four, and may stand in braces. The canonical text has small letters, and hyphens behind the 8th, 12th, 16th
 * and 20th.
 */
const groups = /^(?:[\da-f]{4}-?){7}[\da-f]{4}$/i

export const uuidLaneBytes = 16

/** The bytes of the UUID that `text` writes, as a binary string; undefined when it writes none. */
export function storedOfUuid(text: string): string | undefined {
  const inner = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text
  return groups.test(inner) ? Buffer.from(inner.replaceAll('-', ''), 'hex').toString('latin1') : undefined
}

/** The canonical text. */
export function textOfUuid(stored: string): string {
  const hex = Buffer.from(stored, 'latin1').toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
