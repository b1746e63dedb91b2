/**
 * Who a process is, so that a lock file tells whether its owner still lives.
 *
 * A pid alone is not enough: pids are used again, containers number their processes afresh, machines restart.
 * On Linux the start time (clock ticks since boot, /proc/<pid>/stat), the boot and the pid namespace are kept
 * beside it. Elsewhere the parts that cannot be known are null and not compared.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** Start of the process in the system's own unit, or null where it is not known. */
  readonly startTime: string | null
  /** Identifies this run of the machine, or null where it is not known. */
  readonly boot: string | null
  /** Identifies the set of pids that `pid` belongs to, or null where there is but one. */
  readonly pidNamespace: string | null
}

function readOrNull(read: () => string): string | null {
  try {
    return read().trim()
  } catch {
    return null
  }
}

/** State and start time of `pid` on Linux; null when there is no such process or no /proc. */
function processStat(pid: number): { state: string; startTime: string } | null {
  const text = readOrNull(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  if (text === null) return null
  // The second field is the command's name in parentheses and may hold anything: count from its end.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' }
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    host: hostname(),
    startTime: processStat(process.pid)?.startTime ?? null,
    boot: readOrNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')),
    pidNamespace: readOrNull(() => readlinkSync('/proc/self/ns/pid')),
  }
}

/** True when a process of that number exists here, ours or another user's. */
function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * True only when it is certain that `owner` has ended, as seen from `observer`, the process asking.
 * A process on another host, or in another container of this one, cannot be seen: it counts as living.
 */
export function hasEnded(owner: ProcessIdentity, observer: ProcessIdentity): boolean {
  const sameBoot = owner.boot !== null && owner.boot === observer.boot
  if (!sameBoot) {
    if (owner.host !== observer.host) return false
    if (owner.boot !== null && observer.boot !== null) return true
  } else if (owner.pidNamespace !== observer.pidNamespace) {
    return false
  }
  const stat = processStat(owner.pid)
  // /proc may hide other users' processes, so its silence proves nothing.
  if (stat === null) return !pidExists(owner.pid)
  // A zombie has ended; only its parent has not asked yet.
  if (stat.state === 'Z' || stat.state === 'X') return true
  return owner.startTime !== null && owner.startTime !== stat.startTime
}
