/**
 * Names and values from files, made safe to show: characters that could move the cursor, colour the screen or
 * turn the direction of reading become escapes.
 */

function escapeOf(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  if (character === '\r') return '\\r'
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** `text` on one line. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, escapeOf)
}

/** `text` with its line ends: a message, a statement. */
export function visibleLines(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (character) =>
    character === '\n' ? character : escapeOf(character),
  )
}
