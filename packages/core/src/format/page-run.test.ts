import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { pageBytes } from '../limits.js'
import {
  checksumsPerPage,
  contentPagesOf,
  inlineChecksumPagesMax,
  runChecksumsOf,
  runPagesOf,
  sealRun,
} from './page-run.js'

function regionOf(contentBytes: number, shared = false): Uint8Array {
  const bytes = runPagesOf(contentBytes) * pageBytes
  const region = new Uint8Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes))
  return region.fill(0xaa).subarray(0, bytes)
}

describe('a page run', () => {
  it('has as many pages as its content needs, and checksum pages when there are many', () => {
    expect(runPagesOf(0)).toBe(0)
    expect(runPagesOf(1)).toBe(1)
    expect(runPagesOf(pageBytes)).toBe(1)
    expect(runPagesOf(inlineChecksumPagesMax * pageBytes)).toBe(inlineChecksumPagesMax)
    expect(runPagesOf(inlineChecksumPagesMax * pageBytes + 1)).toBe(inlineChecksumPagesMax + 2)
    expect(runPagesOf(checksumsPerPage * pageBytes)).toBe(checksumsPerPage + 1)
    expect(runPagesOf(checksumsPerPage * pageBytes + 1)).toBe(checksumsPerPage + 1 + 2)
  })

  it('keeps one checksum a page in its parent while it is short', () => {
    const contentBytes = 2 * pageBytes + 10
    const region = regionOf(contentBytes)
    const checksums = sealRun(region, contentBytes)
    expect([...checksums]).toEqual(
      [0, 1, 2].map((page) => crc32(region.subarray(page * pageBytes, (page + 1) * pageBytes))),
    )
    expect(region.subarray(contentBytes).every((byte) => byte === 0)).toBe(true)
    expect(region[contentBytes - 1]).toBe(0xaa)
  })

  it('keeps the checksums of its checksum pages when it is long', () => {
    const contentBytes = (checksumsPerPage + 3) * pageBytes - 1
    const region = regionOf(contentBytes, true)
    const checksums = sealRun(region, contentBytes)
    expect(checksums.length).toBe(2)
    expect(checksums.length).toBe(runChecksumsOf(contentBytes))
    const contentPages = contentPagesOf(contentBytes)
    const stored = new DataView(region.buffer, contentPages * pageBytes)
    for (const page of [0, checksumsPerPage, contentPages - 1]) {
      const computed = crc32(region.subarray(page * pageBytes, (page + 1) * pageBytes))
      expect(stored.getUint32(page * 4, true)).toBe(computed)
    }
    expect(checksums[1]).toBe(crc32(region.subarray((contentPages + 1) * pageBytes)))
    expect(region.subarray(contentPages * pageBytes + contentPages * 4).every((byte) => byte === 0)).toBe(
      true,
    )
  })

  it('is refused a region that does not hold it', () => {
    expect(() => sealRun(new Uint8Array(pageBytes), pageBytes + 1)).toThrow(/holds a run/)
  })
})
