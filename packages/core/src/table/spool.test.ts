import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../io/index.js'
import { MemoryBudget } from '../memory/index.js'
import { Spool } from './spool.js'

describe('spool', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-spool-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const open = (partitions: number, bytesMax: number, budget = new MemoryBudget(1 << 20)) =>
    new Spool({ fileSystem: nodeFileSystem, path: join(folder, 'a.mill'), partitions, budget, bytesMax })

  it('gives each partition back in the order appended, spilled or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(3), fc.uint8Array({ maxLength: 700 })), { maxLength: 60 }),
        fc.constantFrom(600, 2048, 1 << 19),
        (appends, bytesMax) => {
          const budget = new MemoryBudget(1 << 20)
          const spool = open(4, bytesMax, budget)
          const expected = [0, 1, 2, 3].map(() => [] as number[])
          for (const [partition, bytes] of appends) {
            spool.append(partition, bytes)
            expected[partition]!.push(...bytes)
          }
          for (const [partition, bytes] of expected.entries()) {
            const cursor = spool.read(partition)
            const back = new Uint8Array(cursor.remaining)
            cursor.read(back.subarray(0, back.length >> 1))
            cursor.read(back.subarray(back.length >> 1))
            expect([...back]).toEqual(bytes)
          }
          expect(budget.reservedBytes).toBeLessThanOrEqual(Math.max(512, bytesMax))
          spool.close()
          expect(budget.reservedBytes).toBe(0)
          expect(readdirSync(folder)).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('keeps a file only when it had to spill, and removes it on close', () => {
    const spool = open(2, 1024)
    spool.append(0, new Uint8Array(100))
    expect(readdirSync(folder)).toEqual([])
    spool.append(1, new Uint8Array(5000))
    expect(readdirSync(folder)).toHaveLength(1)
    expect(spool.spilledBytes).toBeGreaterThan(3000)
    spool.close()
    expect(existsSync(folder) && readdirSync(folder)).toEqual([])
  })

  it('says that the disk is full, and leaves no file behind', () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      open: (path, mode) => {
        const file = nodeFileSystem.open(path, mode)
        file.write = () => {
          throw full
        }
        return file
      },
    }
    const budget = new MemoryBudget(1 << 20)
    const path = join(folder, 'a.mill')
    const spool = new Spool({ fileSystem, path, partitions: 2, budget, bytesMax: 1024 })
    const append = () => spool.append(0, new Uint8Array(5000))
    expect(append).toThrow(expect.objectContaining({ code: 'MILLRACE_DISK_FULL', cause: full }))
    expect(readdirSync(folder)).toHaveLength(1)
    spool.close()
    expect(readdirSync(folder)).toEqual([])
    expect(budget.reservedBytes).toBe(0)
  })

  it('spills when the budget gives no more blocks', () => {
    const budget = new MemoryBudget(4096)
    const spool = open(2, 1 << 18, budget)
    expect(() => spool.append(0, new Uint8Array(10))).toThrow(/a spill buffer/)
    spool.close()
    const small = open(2, 4096, budget)
    small.append(0, new Uint8Array(100_000).fill(7))
    expect(small.bytesOf(0)).toBe(100_000)
    expect(budget.peakBytes).toBeLessThanOrEqual(4096)
    small.close()
  })
})
