/** Holds `docs/file-format.md` to what is written: its examples, and a reader made from its tables alone. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import {
  ByteWriter,
  emptyCatalog,
  encodeCatalog,
  encodeChange,
  encodeSuperblock,
  encodeWrite,
  planTable,
} from '@millrace/core/internal'
import { SimulatedFileSystem, StoreModel } from '@millrace/testing'
import { describe, expect, it } from 'vitest'

const document = readFileSync(new URL('../../../docs/file-format.md', import.meta.url), 'utf8')

/** The bytes of the first code block behind `marker`, whose lines begin with hexadecimal bytes. */
function exampleAfter(marker: string, address: RegExp): Buffer {
  const start = document.indexOf('```\n', document.indexOf(marker)) + 4
  const lines = document.slice(start, document.indexOf('```', start)).split('\n')
  const bytes = lines.map(
    (line) => /^((?:[0-9a-f]{2} {1,2})*[0-9a-f]{2})(?: {3}|$)/.exec(line.replace(address, ''))?.[1] ?? '',
  )
  return Buffer.from(bytes.join('').replaceAll(' ', ''), 'hex')
}

describe('the examples in docs/file-format.md', () => {
  it('show the superblock of a new database', () => {
    const content = encodeCatalog(emptyCatalog)
    const page = Buffer.alloc(4096)
    page.set(content)
    const written = encodeSuperblock({
      uuid: Uint8Array.from({ length: 16 }, (_, index) => index + 1),
      checkpointNumber: 1,
      pageCount: 3,
      catalog: { firstPage: 2, contentBytes: content.length, checksums: Uint32Array.of(crc32(page)) },
    })
    const example = exampleAfter('The beginning of the superblock', /^[0-9a-f]{2,3} +/)
    expect(example.length).toBe(68)
    expect(example.toString('hex')).toBe(
      Buffer.from([...written.subarray(0, 64), ...written.subarray(4092)]).toString('hex'),
    )
  })

  it('show a change', () => {
    const columns = [{ name: 'iata', type: 'STRING' as const }]
    const table = planTable(emptyCatalog, { kind: 'node', name: 'Airport', columns, keyColumn: 0 })
    const example = exampleAfter('### A change, byte by byte', /^ +/)
    expect(example.toString('hex')).toBe(
      Buffer.from(encodeChange({ kind: 'createTable', table })).toString('hex'),
    )
  })
})

describe('the example of writes in docs/file-format.md', () => {
  it('shows what is logged', () => {
    const writer = new ByteWriter()
    encodeWrite(writer, { kind: 'createNode', tableId: 1, offset: 0, values: ['SFO'] })
    const logged = encodeChange({ kind: 'writes', bytes: writer.finish() })
    const example = exampleAfter('### Writes, byte by byte', /^ +/)
    expect(example.length).toBe(26)
    expect(example.toString('hex')).toBe(Buffer.from(logged).toString('hex'))
  })
})

describe('a reader made from docs/file-format.md', () => {
  const fileSystem = new SimulatedFileSystem()
  const model = new StoreModel(fileSystem)
  const columns = [
    { seed: 1, contentBytes: 5000 },
    { seed: 2, contentBytes: 18 * 4096 },
  ] as const
  model.open()
  model.do({ kind: 'create', table: 'Airport' })
  model.do({ kind: 'append', table: 'Airport', columns })
  model.do({ kind: 'checkpoint' })
  model.do({ kind: 'drop', table: 'Airport' })
  const database = Buffer.from(fileSystem.readAll(model.path))
  const log = Buffer.from(fileSystem.readAll(`${model.path}-wal`))
  const page = (number: number) => database.subarray(number * 4096, (number + 1) * 4096)

  it('finds the superblock, twice', () => {
    expect(page(0).toString('latin1', 0, 8)).toBe('MILLRACE')
    expect([page(0).readUInt32LE(8), page(0).readUInt32LE(12)]).toEqual([1, 4096])
    expect(page(0).readBigUInt64LE(32)).toBe(2n)
    expect(page(0).readUInt32LE(4092)).toBe(crc32(page(0).subarray(0, 4092)))
    expect(page(1).equals(page(0))).toBe(true)
  })

  it('finds the catalog, its table, and the pages of its segments', () => {
    const first = page(0).readUInt32LE(44)
    const catalog = page(first)
    expect(page(0).readUInt32LE(56)).toBe(crc32(catalog))
    expect([catalog.readBigUInt64LE(0), catalog.readUInt32LE(8), catalog.readUInt32LE(12)]).toEqual([
      2n,
      2,
      1,
    ])
    let at = 16
    const take = (bytes: number) => {
      at += bytes
      return catalog.subarray(at - bytes, at)
    }
    const u8 = () => take(1).readUInt8()
    const u32 = () => take(4).readUInt32LE()
    const u64 = () => Number(take(8).readBigUInt64LE())
    const text = () => take(take(2).readUInt16LE()).toString()
    expect([u8(), u32(), text()]).toEqual([1, 1, 'Airport'])
    expect([u32(), text(), u8(), text(), u8()]).toEqual([2, 'id', 1, 'text', 5])
    // Rows, key column; one row group of 10 rows and 2 segments.
    expect([u64(), u32(), u32(), u32(), u32()]).toEqual([10, 0, 1, 10, 2])
    expect([u8(), u8(), u8(), u8(), u32(), u32()]).toEqual([1, 2, 1, 1, 10, 0])
    const short = u32()
    expect(u64()).toBe(5000)
    expect([u32(), u32()]).toEqual([crc32(page(short)), crc32(page(short + 1))])
    expect([u64(), u64()]).toEqual([1, 10])
    expect([u8(), u8(), u8(), u8(), u32(), u32()]).toEqual([5, 6, 0, 4, 10, 0])
    const long = u32()
    expect(u64()).toBe(18 * 4096)
    const checksums = page(long + 18)
    expect(u32()).toBe(crc32(checksums))
    expect(checksums.readUInt32LE(17 * 4)).toBe(crc32(page(long + 17)))
    // No sorted groups, no index runs, no range.
    expect([u32(), u32(), u8()]).toEqual([0, 0, 1])
    expect(at).toBe(Number(page(0).readBigUInt64LE(48)))
  })

  it('finds the transaction in the log', () => {
    expect(log.toString('latin1', 0, 8)).toBe('MILLRWAL')
    expect([log.readUInt32LE(8), log.readUInt32LE(12)]).toEqual([2, 512])
    expect(log.subarray(16, 32).equals(page(0).subarray(16, 32))).toBe(true)
    expect(log.readBigUInt64LE(32)).toBe(2n)
    expect(log.readUInt32LE(508)).toBe(crc32(log.subarray(0, 508)))
    const record = log.subarray(512)
    const length = record.readUInt32LE(0)
    expect([length, record[4], record.readBigUInt64LE(8), record.readBigUInt64LE(16)]).toEqual([
      5,
      2,
      3n,
      512n,
    ])
    const checksummed = Buffer.concat([
      log.subarray(40, 48),
      record.subarray(0, 32),
      record.subarray(36, 36 + length),
    ])
    const digested = [log.subarray(40, 48), record.subarray(0, 24), record.subarray(36, 36 + length)]
    const digest = createHash('sha256').update(Buffer.concat(digested)).digest()
    expect(record.subarray(24, 32).equals(digest.subarray(0, 8))).toBe(true)
    expect(record.readUInt32LE(32)).toBe(crc32(checksummed))
    expect([record[36], record.readUInt32LE(37)]).toEqual([2, 1])
    expect(log.length).toBe(1024)
  })
})
