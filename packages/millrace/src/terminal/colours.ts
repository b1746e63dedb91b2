import type { WriteStream } from 'node:tty'
import pc from 'picocolors'

/** A stream that may be a terminal. */
export type MaybeTerminal = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>

/** Whether a person is looking at `stream`. */
export function isTerminal(stream: MaybeTerminal): boolean {
  return stream.isTTY === true
}

/**
 * Colours for a terminal that wants them (`NO_COLOR` and `TERM=dumb` are heard), plain text for everything
 * else.
 */
export function coloursFor(stream: MaybeTerminal): ReturnType<typeof pc.createColors> {
  const wanted = isTerminal(stream) && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  return pc.createColors(wanted)
}
