/**
 * What must hold for whatever reads bytes that it did not write: an answer or a typed error, soon, in little
 * memory.
 */
import { isMillraceError } from '@millrace/core/internal'

/** Milliseconds of processor time that one reading of hostile bytes may take. */
const cpuMsMax = 5000

/** Bytes that one reading may leave behind or hold at its end. */
const grownBytesMax = 256 * 1024 * 1024

/**
 * Runs `action` and judges how it ends. Returns its result, or the code of its error.
 * @throws Error when it threw anything but an error of the catalogue (`MILLRACE_INTERNAL` is none: it says
 * that an invariant broke), took too long, or allocated too much
 */
export function expectBounded<T>(action: () => T): { readonly result: T } | { readonly code: string } {
  const before = process.memoryUsage()
  const cpuBefore = process.cpuUsage()
  let outcome: { readonly result: T } | { readonly code: string }
  try {
    outcome = { result: action() }
  } catch (error) {
    if (!isMillraceError(error) || error.code === 'MILLRACE_INTERNAL') throw error
    outcome = { code: error.code }
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  const cpuMs = (user + system) / 1000
  if (cpuMs > cpuMsMax) throw new Error(`it took ${Math.round(cpuMs)} ms of processor time`)
  const after = process.memoryUsage()
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  if (grown > grownBytesMax) throw new Error(`it left ${grown} bytes more in use`)
  return outcome
}
