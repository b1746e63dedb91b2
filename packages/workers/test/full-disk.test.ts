/** A disk that is really full: a small file system in memory, where this user may mount one. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from '@millrace/workers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { single, writeFile } from './support.js'

const disk = mkdtempSync(join(tmpdir(), 'millrace-full-'))

function mount(options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const canMount = process.platform === 'linux' && mount('size=1m')
if (canMount) execFileSync('umount', [disk])
const why = canMount ? '' : ' (skipped: this user may not mount a file system)'

beforeAll(() => {
  if (canMount) mount('size=8m')
})
afterAll(() => {
  if (canMount) execFileSync('umount', [disk])
  rmSync(disk, { recursive: true })
})

/** Names that no encoding makes small. */
function rowsOf(count: number, first: number): string {
  let state = first + 1
  const lines = Array.from({ length: count }, (_, row) => {
    const words = Array.from({ length: 6 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state.toString(36)
    })
    return `${first + row},${words.join('')}\n`
  })
  return `id,name\n${lines.join('')}`
}

describe.skipIf(!canMount)(`a full disk${why}`, () => {
  it('refuses what does not fit, keeps what is there, gives space back, and works on when there is room', async () => {
    const small = writeFile('small.csv', rowsOf(10_000, 0))
    const large = writeFile('large.csv', rowsOf(300_000, 10_000))
    const db = await Database.open(join(disk, 'test.mill'), { threads: 2, memoryBudget: 64 << 20 })
    const count = async () => await single(db, 'MATCH (n:N) RETURN count(*)')
    try {
      await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
      await db.copyFrom('N', small)
      await db.checkpoint()
      const free = statfsSync(disk).bavail
      for (let time = 0; time < 2; time++) {
        const refused = await db.copyFrom('N', large).catch((error) => error)
        expect(refused).toMatchObject({ code: 'MILLRACE_DISK_FULL' })
        expect(refused.message).toMatch(/test\.mill: \d+ bytes were needed, \d+ are available/)
        expect(await count()).toBe(10_000)
        expect(readdirSync(disk).filter((name) => name.includes('.tmp'))).toEqual([])
      }
      await db.run("CREATE (:N {id: -1, name: 'a small write'})")
      await db.checkpoint()
      // The file is as long as what it holds, but for some pages of the write and of the catalog.
      expect(statfsSync(disk).bavail).toBeGreaterThan(free - 100)
      expect(await count()).toBe(10_001)
      execFileSync('mount', ['-o', 'remount,size=64m', disk])
      expect((await db.copyFrom('N', large)).rowsImported).toBe(300_000)
      expect(await count()).toBe(310_001)
    } finally {
      await db.close()
    }
    expect(readdirSync(disk)).toEqual(['test.mill'])
  })
})
