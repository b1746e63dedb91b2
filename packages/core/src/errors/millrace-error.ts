import { shownCharactersMax } from '../limits.js'
import { catalogue, type ErrorCode } from './catalogue.js'

/** The numbers and names that fill an error's template; also what a program reads. */
export type ErrorDetails = Readonly<Record<string, ErrorDetail | Readonly<Record<string, ErrorDetail>>>>
type ErrorDetail = string | number | bigint | boolean | undefined

/** `text` as a message shows it: a name or value may have any length, a message is for reading. */
function shown(text: string): string {
  if (text.length <= shownCharactersMax) return text
  const [head, tail] = [Math.floor(shownCharactersMax * 0.75), Math.floor(shownCharactersMax * 0.25)]
  const middle = ` … (${text.length - head - tail} characters left out) … `
  return `${text.slice(0, head)}${middle}${text.slice(-tail)}`
}

/** Fills `{name}` places of a template. Unknown places stay as they are, so that a mistake is seen. */
export function fillTemplate(template: string, details: ErrorDetails): string {
  return template.replace(/\{([a-zA-Z]+)\}/g, (place, name: string) =>
    details[name] === undefined ? place : shown(String(details[name])),
  )
}

/** Options every Millrace error takes. */
export interface ErrorOptionsWithDetails {
  readonly cause?: unknown
}

/**
 * The base of every error that Millrace raises on purpose. `code` is stable; `details` holds the values named
 * in the message. Packages above extend it with catalogues of their own through the constructor's third form.
 */
export class MillraceError<Code extends string = string> extends Error {
  override readonly name: string = 'MillraceError'
  readonly code: Code
  readonly details: ErrorDetails
  readonly advice: string

  /**
   * @param code a code of `catalogue`, or of the catalogue given as `entries`
   * @param details the values for the template
   */
  constructor(
    code: Code,
    details: ErrorDetails = {},
    options: ErrorOptionsWithDetails = {},
    entries: Readonly<Record<string, { message: string; advice: string }>> = catalogue,
  ) {
    const entry = entries[code]
    if (entry === undefined) throw new TypeError(`unknown error code ${code}`)
    const advice = fillTemplate(entry.advice, details)
    super(
      `${fillTemplate(entry.message, details)} ${advice}`.trimEnd(),
      options.cause === undefined ? {} : { cause: options.cause },
    )
    this.code = code
    this.details = details
    this.advice = advice
  }
}

/** True for an error raised by Millrace, optionally with the given code. */
export function isMillraceError(error: unknown, code?: ErrorCode | (string & {})): error is MillraceError {
  return error instanceof MillraceError && (code === undefined || error.code === code)
}

/** True for an error of a store after which everything is as it was before. */
export function isHarmless(error: unknown): boolean {
  return (
    isMillraceError(error, 'MILLRACE_DISK_FULL') ||
    isMillraceError(error, 'MILLRACE_IO') ||
    isMillraceError(error, 'MILLRACE_MEMORY_BUDGET')
  )
}
