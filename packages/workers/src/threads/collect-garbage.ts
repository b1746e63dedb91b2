/**
 * Gives back the memory of an import that is over before the next one takes its own.
 *
 * WebAssembly memories and SharedArrayBuffers are freed when their wrappers are collected, and V8 is in no
 * hurry: it sees a few small objects. Tens of megabytes of each import would pile up for some imports. There
 * is no other way to give them up: neither can be made smaller.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/** Tries to catch the flag while no other thread takes it back: flags are the process's. */
const attemptsMax = 3

/** V8's own function, which a context made while it is exposed gets to see; undefined when it was not. */
function exposedCollector(): (() => void) | undefined {
  if (typeof globalThis.gc === 'function') return globalThis.gc
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    setFlagsFromString('--expose-gc')
    try {
      const exposed: unknown = runInNewContext('globalThis.gc')
      if (typeof exposed === 'function') return exposed as () => void
    } finally {
      setFlagsFromString('--no-expose-gc')
    }
  }
  return undefined
}

/**
 * Collects this thread's garbage: milliseconds on a thread of the engine, whose heap is small. Does nothing
 * where V8 does not let itself be asked; the memory is then freed later.
 */
export function collectGarbage(): void {
  collect ??= exposedCollector()
  collect?.()
  // The first one may have been the end of a collection under way, which has marked what was in use then.
  collect?.()
}

/** Bytes of memory of an import that are worth a collection before the next one. */
export const bytesWorthCollecting = 8 << 20
