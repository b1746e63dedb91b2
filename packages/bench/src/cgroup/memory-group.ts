/**
 * Memory cgroups: a bound on all memory that the processes inside cause, page cache included, without swap.
 *
 * - Both kinds of hierarchy are known, the unified one (v2) and the memory controller's own (v1).
 * - A group lies beneath that of this process, or of its nearest ancestor where groups may be made: nothing
 *   else is moved or changed.
 * - Whoever creates a group removes it, when its processes have ended.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** The files of one kind of hierarchy. */
interface Kind {
  readonly limit: string
  readonly peak: string
  /** Each is set, where it exists, to the limit or to zero, so that nothing is swapped. */
  readonly noSwap: readonly { readonly file: string; readonly value: 'limit' | 'zero' }[]
  /** Holds the line `oom_kill <count>`. */
  readonly events: string
}

const unified: Kind = {
  limit: 'memory.max',
  peak: 'memory.peak',
  noSwap: [{ file: 'memory.swap.max', value: 'zero' }],
  events: 'memory.events',
}

const controllersOwn: Kind = {
  limit: 'memory.limit_in_bytes',
  peak: 'memory.max_usage_in_bytes',
  noSwap: [
    { file: 'memory.swappiness', value: 'zero' },
    { file: 'memory.memsw.limit_in_bytes', value: 'limit' },
  ],
  events: 'memory.oom_control',
}

interface Home {
  readonly kind: Kind
  /** The group of this process. */
  readonly folder: string
  /** Where the hierarchy is mounted. */
  readonly mount: string
}

/** Where this process stands, told by the texts of `/proc/self/cgroup` and `/proc/self/mounts`. */
export function findHome(groups: string, mounts: string): Home | undefined {
  const mountOf = (pattern: RegExp) => mounts.match(pattern)?.[1]
  const own = groups.match(/^\d+:(?:[\w=]+,)*memory(?:,[\w=]+)*:(\/.*)$/m)?.[1]
  const ownMount = mountOf(/^\S+ (\S+) cgroup (?:\S+,)?memory(?:,\S+)? /m)
  if (own !== undefined && ownMount !== undefined) {
    return { kind: controllersOwn, folder: join(ownMount, own), mount: ownMount }
  }
  const path = groups.match(/^0::(\/.*)$/m)?.[1]
  const mount = mountOf(/^\S+ (\S+) cgroup2 /m)
  if (path === undefined || mount === undefined) return undefined
  return { kind: unified, folder: join(mount, path), mount }
}

function readHome(): Home | undefined {
  if (!existsSync('/proc/self/cgroup')) return undefined
  return findHome(readFileSync('/proc/self/cgroup', 'utf8'), readFileSync('/proc/self/mounts', 'utf8'))
}

/** This group and those above it, inside out. */
function ancestors({ folder, mount }: Home): string[] {
  const folders: string[] = []
  for (let at = folder; at.length >= mount.length; at = dirname(at)) folders.push(at)
  // Inside a container the path may lie outside of what is mounted.
  return folders.some((at) => existsSync(at)) ? folders.filter((at) => existsSync(at)) : [mount]
}

export class MemoryGroup {
  readonly #folder: string
  readonly #kind: Kind

  private constructor(folder: string, kind: Kind) {
    this.#folder = folder
    this.#kind = kind
  }

  /** Throws, with the reason, where this user may not make one. */
  static create(limitBytes: number): MemoryGroup {
    const home = readHome()
    if (home === undefined) throw new Error('this system has no memory cgroups')
    let reason = ''
    for (const parent of ancestors(home)) {
      const folder = join(parent, `millrace-bench-${process.pid}`)
      try {
        mkdirSync(folder)
      } catch (error) {
        reason = String(error)
        continue
      }
      const group = new MemoryGroup(folder, home.kind)
      try {
        group.#bound(limitBytes)
        return group
      } catch (error) {
        reason = String(error)
        rmdirSync(folder)
      }
    }
    throw new Error(`memory cgroups may not be made here (as the superuser they may): ${reason}`)
  }

  #bound(limitBytes: number): void {
    writeFileSync(join(this.#folder, this.#kind.limit), String(limitBytes), { flag: 'r+' })
    for (const { file, value } of this.#kind.noSwap) {
      const path = join(this.#folder, file)
      if (existsSync(path)) writeFileSync(path, String(value === 'zero' ? 0 : limitBytes), { flag: 'r+' })
    }
  }

  /** Puts a process into the group before it becomes what follows. */
  get launcher(): readonly string[] {
    return ['sh', '-c', 'echo $$ > "$0" && exec "$@"', join(this.#folder, 'cgroup.procs')]
  }

  /** The most that was charged so far; undefined where the kernel does not tell. */
  get peakBytes(): number | undefined {
    const path = join(this.#folder, this.#kind.peak)
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined
  }

  /** Processes that were killed because the group had no memory left. */
  get kills(): number {
    const events = readFileSync(join(this.#folder, this.#kind.events), 'utf8')
    return Number(events.match(/^oom_kill (\d+)$/m)?.[1] ?? 0)
  }

  /** The kernel needs a moment to see that the last process is gone. */
  async remove(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        rmdirSync(this.#folder)
        return
      } catch (error) {
        if (attempt === 50) throw error
        await wait(20)
      }
    }
  }
}
