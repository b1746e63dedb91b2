/** `--param name=value`: the value's type is guessed as one would read it. */
import { InvalidArgumentError } from 'commander'

/** Collects one `name=value` into the parameters given so far. */
export function parameterOption(
  text: string,
  earlier: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const split = text.indexOf('=')
  const name = text.slice(0, split).replace(/^\$/, '')
  if (split < 1 || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) {
    throw new InvalidArgumentError('Write --param name=value.')
  }
  return { ...earlier, [name]: guessValue(text.slice(split + 1)) }
}

/**
 * The value that `text` most likely means.
 *
 * | text                             | value                                              |
 * |----------------------------------|----------------------------------------------------|
 * | `42`, `-7`                       | number; beyond 2^53 bigint                         |
 * | `1.5`, `2e9`                     | number                                             |
 * | `true`, `false`, `null`          | boolean, null                                      |
 * | `2001-01-31`, `2001-01-31T12:00` | Date, in UTC                                       |
 * | `"42"`, `'42'`                   | the string between the quotes                      |
 * | anything else, `007` too         | string                                             |
 */
export function guessValue(text: string): string | number | bigint | boolean | Date | null {
  if (text === 'true') return true
  if (text === 'false') return false
  if (text === 'null') return null
  if (/^-?(0|[1-9]\d*)$/.test(text)) {
    return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)
  }
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return Number(text)
  const date = dateOf(text)
  if (date !== undefined) return date
  const quoted = /^(["'])([\s\S]*)\1$/.exec(text)
  return quoted === null ? text : quoted[2]!
}

/**
 * The date or time that `text` names in ISO 8601, or undefined when it names none or one that no calendar
 * has.
 */
function dateOf(text: string): Date | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)Z?)?$/.exec(text)
  if (match === null) return undefined
  const date = new Date(`${match[1]}T${match[2] ?? '00:00'}Z`)
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(match[1]!)) return undefined
  return date
}
