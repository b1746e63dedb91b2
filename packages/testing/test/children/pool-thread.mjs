/**
 * A thread that reads, loads and invalidates pages of a shared pool for a while. The content of a page says
 * which page it is; invalid pages are never announced anywhere, so any mixture of two pages is a mistake.
 * Reports what it saw.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { BufferPool } from '@millrace/core/internal'

const pageBytes = 4096
const { shared, seed, pages, milliseconds } = workerData
const pool = BufferPool.attach(shared)
const content = new Uint32Array(pageBytes / 4)
const bytes = new Uint8Array(content.buffer)
const report = { reads: 0, misses: 0, mixed: 0 }
let state = seed

function next(bound) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * bound)
}

const end = performance.now() + milliseconds
while (performance.now() < end) {
  for (let step = 0; step < 200; step++) {
    const page = 2 + next(pages)
    if (next(50) === 0) pool.invalidate(page, 1 + next(3))
    if (!pool.copy(page, 0, pageBytes, bytes, 0)) {
      report.misses++
      content.fill(page)
      pool.put(page, bytes)
      continue
    }
    report.reads++
    for (let word = 0; word < content.length; word++) {
      if (content[word] !== page) {
        report.mixed++
        break
      }
    }
  }
}
parentPort.postMessage(report)
