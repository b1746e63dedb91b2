import { expect, it } from 'vitest'
import { inlineChecksumPagesMax, runPagesOf, sealRun } from '../format/index.js'
import { pageBytes } from '../limits.js'
import { PageRunWriter } from './page-run-writer.js'
import type { PageStore } from './page-store.js'

it.each([1, pageBytes, 5 * pageBytes + 7, (inlineChecksumPagesMax + 60) * pageBytes - 1])(
  'a run of %i bytes is written in pages as it is sealed whole',
  (contentBytes) => {
    const region = Uint8Array.from(
      { length: runPagesOf(contentBytes) * pageBytes },
      (_, index) => (index * 31) % 251,
    )
    const content = region.slice(0, contentBytes)
    const checksums = sealRun(region, contentBytes)
    const written = new Uint8Array(region.length).fill(0xaa)
    const store: Pick<PageStore, 'allocate' | 'writePages'> = {
      allocate: (pages) => {
        expect(pages * pageBytes).toBe(region.length)
        return 7
      },
      writePages: (first, bytes) => written.set(bytes, (first - 7) * pageBytes),
    }
    const writer = new PageRunWriter(store as PageStore, contentBytes)
    for (let at = 0; at < contentBytes; at += pageBytes) writer.push(content.subarray(at, at + pageBytes))
    expect(writer.finish()).toEqual({ firstPage: 7, contentBytes, checksums })
    expect(Buffer.compare(written, region)).toBe(0)
  },
)
