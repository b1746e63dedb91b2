/** What this process has taken from the machine so far. */
import { existsSync, readFileSync } from 'node:fs'

/** A number from one of the tables of `/proc/self`; undefined where there is none. */
function procNumber(table: string, pattern: RegExp): number | undefined {
  const path = `/proc/self/${table}`
  if (!existsSync(path)) return undefined
  const match = readFileSync(path, 'utf8').match(pattern)
  return match === null ? undefined : Number(match[1])
}

export interface ProcessUsage {
  /** Most memory the process ever held. */
  readonly peakRssBytes: number
  /** Processor time of all threads. */
  readonly cpuMs: number
  /** Bytes that came from the disk; absent where the system does not tell. */
  readonly readBytes?: number
  /** Bytes that the process caused to be written to the disk; absent where the system does not tell. */
  readonly writtenBytes?: number
}

/**
 * The kernel's `ru_maxrss` begins with what the process held *before* it became node, which is its parent's
 * memory. The mark in `/proc` is of this program alone, as is what GNU `time -v` sees, whose memory is tiny.
 */
export function processUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage()
  const readBytes = procNumber('io', /^read_bytes: (\d+)$/m)
  const writtenBytes = procNumber('io', /^write_bytes: (\d+)$/m)
  const kibibytes = procNumber('status', /^VmHWM:\s*(\d+) kB$/m) ?? process.resourceUsage().maxRSS
  return {
    peakRssBytes: kibibytes * 1024,
    cpuMs: (user + system) / 1000,
    ...(readBytes === undefined ? {} : { readBytes }),
    ...(writtenBytes === undefined ? {} : { writtenBytes }),
  }
}

/** The counters of an import that are numbers: whatever else an engine may tell has no median. */
export function numbersOf(counters: object): Record<string, number> {
  const numbers = Object.entries(counters).filter(([, value]) => Number.isFinite(value))
  return Object.fromEntries(numbers) as Record<string, number>
}
