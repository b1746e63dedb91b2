import { catalogue, MillraceError } from '@millrace/core'
import { LoadStopped } from '../batch/index.js'
import { workersCatalogue } from '../errors/index.js'
import type { ErrorWire, Reply } from './protocol.js'

/** Turns whatever was thrown into plain data. */
export function toErrorWire(error: unknown): ErrorWire {
  if (error instanceof MillraceError) {
    return {
      name: error.name,
      message: error.message,
      stack: error.stack,
      code: error.code,
      details: error.details,
    }
  }
  const plain = error instanceof Error ? error : new Error(String(error))
  return { name: plain.name, message: plain.message, stack: plain.stack, code: undefined, details: {} }
}

/**
 * The error that was thrown on the other side: of the same code and details, with that side's stack as its
 * cause.
 */
export function fromErrorWire(wire: ErrorWire): Error {
  if (wire.name === LoadStopped.name) return new LoadStopped()
  const cause = new Error(wire.message)
  cause.name = wire.name
  if (wire.stack !== undefined) cause.stack = wire.stack
  if (wire.code === undefined) {
    return new MillraceError('MILLRACE_INTERNAL', { what: `${wire.name}: ${wire.message}` }, { cause })
  }
  return new MillraceError(wire.code, wire.details, { cause }, { ...catalogue, ...workersCatalogue })
}

/** Runs `action` and packs what it returns or throws. */
export function replyOf<T>(action: () => T): Reply<T> {
  try {
    return { ok: true, value: action() }
  } catch (error) {
    return { ok: false, error: toErrorWire(error) }
  }
}

/** Runs `action` to its end and packs what it gives or throws. Never rejects. */
export async function asyncReplyOf<T>(action: () => T | Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await action() }
  } catch (error) {
    return { ok: false, error: toErrorWire(error) }
  }
}

/** The value of a reply. @throws the error of the other side */
export function unwrapReply<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value
  throw fromErrorWire(reply.error)
}
