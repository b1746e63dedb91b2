import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { findHome, MemoryGroup } from './memory-group.js'

describe('the group of this process', () => {
  it('lies in the unified hierarchy', () => {
    const mounts = 'proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n'
    const home = findHome('0::/user.slice/session-1.scope\n', mounts)
    expect(home?.folder).toBe('/sys/fs/cgroup/user.slice/session-1.scope')
    expect(home?.kind.limit).toBe('memory.max')
  })

  it("lies in the memory controller's own hierarchy where there is one, though the unified one is there", () => {
    const mounts =
      'cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\n' +
      'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n'
    const home = findHome('9:name=systemd:/\n4:memory:/session/7\n0::/\n', mounts)
    expect(home?.folder).toBe('/sys/fs/cgroup/memory/session/7')
    expect(home?.kind.limit).toBe('memory.limit_in_bytes')
  })

  it('is nowhere on a system without', () => {
    expect(findHome('', 'proc /proc proc rw 0 0\n')).toBeUndefined()
  })
})

describe('a memory group', () => {
  /** Undefined, with the reason said, where this user may make none: the bench skips as well. */
  function create(limitBytes: number): MemoryGroup | undefined {
    try {
      return MemoryGroup.create(limitBytes)
    } catch (error) {
      expect(String(error)).toMatch(/memory cgroups/)
      return undefined
    }
  }

  const allocate = (megabytes: number) => [
    process.execPath,
    '--eval',
    `const kept = Buffer.alloc(${megabytes}e6, 1); process.exitCode = kept[7] === 1 ? 0 : 1`,
  ]

  it('lets a process end that stays within it, kills one that does not, and leaves nothing behind', async () => {
    const group = create(256 * 1024 ** 2)
    if (group === undefined) return
    try {
      const run = (parameters: readonly string[]) => {
        const [command = '', ...rest] = [...group.launcher, ...parameters]
        execFileSync(command, rest, { stdio: 'ignore' })
      }
      run(allocate(100))
      expect(group.peakBytes).toBeGreaterThan(100e6)
      expect(group.kills).toBe(0)
      expect(() => run(allocate(400))).toThrow()
      expect(group.kills).toBe(1)
    } finally {
      await group.remove()
    }
    // Its place is free again.
    await MemoryGroup.create(256 * 1024 ** 2).remove()
  })
})
