import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../io/index.js'
import { MemoryBudget } from '../memory/index.js'
import { Spool } from './spool.js'
import { SpoolBlocks } from './spool-blocks.js'

describe('spool', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-spool-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const open = (partitions: number, bytesMax: number, blocksLeft = 0) => {
    const blocks = new SpoolBlocks(new MemoryBudget(1 << 20), bytesMax, partitions)
    const path = join(folder, 'a.mill')
    return { blocks, spool: new Spool({ fileSystem: nodeFileSystem, path, partitions, blocks, blocksLeft }) }
  }

  it('gives each partition back in the order appended, spilled or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(3), fc.uint8Array({ maxLength: 700 })), { maxLength: 60 }),
        fc.constantFrom(600, 2048, 1 << 19),
        (appends, bytesMax) => {
          const { spool, blocks } = open(4, bytesMax)
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
          expect(blocks.bytes).toBeLessThanOrEqual(Math.max(512, bytesMax))
          spool.close()
          expect(blocks.freeCount).toBe(blocks.count)
          expect(readdirSync(folder)).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('keeps a file only when it had to spill, and removes it on close', () => {
    const { spool } = open(2, 1024)
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
    const blocks = new SpoolBlocks(budget, 1024, 2)
    const spool = new Spool({ fileSystem, path, partitions: 2, blocks })
    const append = () => spool.append(0, new Uint8Array(5000))
    expect(append).toThrow(expect.objectContaining({ code: 'MILLRACE_DISK_FULL', cause: full }))
    expect(readdirSync(folder)).toHaveLength(1)
    spool.close()
    blocks.close()
    blocks.close()
    expect(readdirSync(folder)).toEqual([])
    expect(budget.reservedBytes).toBe(0)
  })

  it('takes what it may hold from the budget at once, or says so', () => {
    expect(() => new SpoolBlocks(new MemoryBudget(4096), 1 << 18, 2)).toThrow(/a spill buffer/)
    const budget = new MemoryBudget(4096)
    const blocks = new SpoolBlocks(budget, 4096, 2)
    expect(budget.reservedBytes).toBe(4096)
    blocks.close()
    expect(budget.reservedBytes).toBe(0)
  })

  it('writes about as much as there is too much, from the largest partition', () => {
    const { spool, blocks } = open(4, 1 << 18)
    const bytes = Math.floor(blocks.count / 4) * 4 * blocks.blockBytes
    for (let at = 0; at < bytes; at += 1024) spool.append(at % 4096 === 0 ? 1 : 2, new Uint8Array(1024))
    expect(spool.spilledBytes).toBe(0)
    spool.append(3, new Uint8Array((blocks.count + 1) * blocks.blockBytes - bytes))
    expect(spool.spilledBytes).toBeGreaterThan(0)
    expect(spool.spilledBytes).toBeLessThanOrEqual(bytes)
    expect(spool.extentsOf(1).places.every((place) => place < 0)).toBe(true)
    expect(spool.extentsOf(2).places).toEqual([0])
    spool.drop(1)
    expect(blocks.freeCount).toBeGreaterThan(0)
    spool.close()
  })

  it('writes much at once, partitions that follow each other side by side', () => {
    const positions: number[] = []
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      open: (path, mode) => {
        const file = nodeFileSystem.open(path, mode)
        const write = file.write.bind(file)
        file.write = (source, position) => {
          positions.push(position)
          write(source, position)
        }
        return file
      },
    }
    const partitions = 100
    const blocks = new SpoolBlocks(new MemoryBudget(1 << 20), 1 << 20, partitions)
    const spool = new Spool({ fileSystem, path: join(folder, 'a.mill'), partitions, blocks })
    for (let i = 0; i < 12_000; i++) spool.append(i % partitions, new Uint8Array(200).fill(i % partitions))
    expect(spool.spilledBytes).toBeGreaterThan(1 << 20)
    expect(positions.length).toBeLessThan(spool.spilledBytes / (blocks.blockBytes * 16))
    expect(positions).toEqual(positions.toSorted((left, right) => left - right))
    for (let partition = 0; partition < partitions; partition++) {
      const cursor = spool.read(partition)
      const back = new Uint8Array(cursor.remaining)
      cursor.read(back)
      expect(back.length === 120 * 200 && back.every((byte) => byte === partition)).toBe(true)
    }
    spool.close()
  })

  it('leaves blocks to another spool', () => {
    const { spool, blocks } = open(2, 1 << 14, 4)
    const other = new Spool({
      fileSystem: nodeFileSystem,
      path: join(folder, 'b.mill'),
      partitions: 2,
      blocks,
    })
    for (let i = 0; i < 100; i++) spool.append(i % 2, new Uint8Array(1000))
    expect(blocks.freeCount).toBeGreaterThanOrEqual(4)
    for (let i = 0; i < 100; i++) other.append(i % 2, new Uint8Array(1000).fill(i))
    const cursor = other.read(1)
    const back = new Uint8Array(cursor.remaining)
    cursor.read(back)
    expect([...back]).toEqual(Array.from({ length: 50_000 }, (_, at) => 2 * Math.floor(at / 1000) + 1))
    spool.close()
    other.close()
    expect(readdirSync(folder)).toEqual([])
  })
})
