import { Worker } from 'node:worker_threads'
import { BufferPool, poolBytesMin } from '@millrace/core/internal'
import { describe, expect, it } from 'vitest'

interface Report {
  readonly reads: number
  readonly misses: number
  readonly mixed: number
}

function thread(workerData: object): Promise<Report> {
  const worker = new Worker(new URL('children/pool-thread.mjs', import.meta.url), { workerData })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

describe('the buffer pool under several threads', () => {
  it('hands out whole pages only, while frames are replaced and invalidated all the time', async () => {
    const { shared } = BufferPool.create(2 * poolBytesMin)
    const seeds = [1, 2, 3]
    const reports = await Promise.all(
      seeds.map((seed) => thread({ shared, seed, pages: 24, milliseconds: 700 })),
    )
    for (const { reads, misses, mixed } of reports) {
      expect(mixed).toBe(0)
      expect(reads).toBeGreaterThan(1000)
      expect(misses).toBeGreaterThan(1000)
    }
  })
})
