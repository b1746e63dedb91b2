/**
 * The shared map of packed keys, filled by several threads at once where they all come to the same buckets.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { loadSharedKernels, sharedKernelsModule } from './shared-kernels.js'
import { meeting, randomOf } from './threads.test.fixture.js'

const seed = Number(process.env.MILLRACE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))

const threads = 2
const rounds = 3
const endsAt = 65_536
/** As many as make 48 bits of a word and its bucket tell all of it, of which few are used. */
const buckets = 65_536
const bucketsUsed = 4096
const recordBytes = 32
/** Records that a thread adds to a bucket, in turns with the others. */
const recordsOfBucket = 6
const recordsOfThread = bucketsUsed * recordsOfBucket
const entriesAt = endsAt + buckets * 4
/** Packed keys of 8 to 24 bytes, behind 4 bytes of offset and size: entries begin anywhere. */
const head = (4 << 16) | (27 << 8) | 7
const entriesBytes = threads * recordsOfThread * 26
const recordsAt = Math.ceil((entriesAt + entriesBytes + 64) / 64) * 64
const scratchAt = recordsAt + threads * recordsOfThread * recordBytes
const wordsAt = scratchAt + threads * 4096
const namedAt = wordsAt + threads * recordsOfThread * 8
const memoryPages = Math.ceil((namedAt + 65_536) / 65_536)

/**
 * Counts or adds its records, a bucket's after a bucket's, each time when all threads are there; then says
 * how often that failed.
 */
const working = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { memory, module, threads, records, count, ofBucket } = workerData
  const { head, ends, buckets, entries, scratch } = workerData
  const { addPacked, countPacked } = new WebAssembly.Instance(module, { env: { memory } }).exports
  ${meeting}
  parentPort.on('message', (step) => {
    let failed = 0
    for (let done = 0; done < count; done += ofBucket) {
      meet()
      const some = records + done * ${recordBytes}
      if (step === 'count') countPacked(some, ofBucket, head, ends, buckets, scratch)
      else failed += addPacked(some, ofBucket, head, ends, buckets, entries, scratch)
    }
    parentPort.postMessage(failed)
  })
`

describe(`a map of packed keys that threads fill together (MILLRACE_TEST_SEED=${seed})`, () => {
  it('has all that any of them added, whole', async () => {
    const random = randomOf(seed)
    const memory = new WebAssembly.Memory({ initial: memoryPages, maximum: memoryPages, shared: true })
    const kernels = loadSharedKernels(memory)
    const count = threads * recordsOfThread
    const view = new DataView(memory.buffer, recordsAt)
    const workers = Array.from({ length: threads }, (_, thread) => {
      const workerData = {
        memory,
        module: sharedKernelsModule(),
        records: recordsAt + thread * recordsOfThread * recordBytes,
        count: recordsOfThread,
        ofBucket: recordsOfBucket,
        head,
        ends: endsAt,
        buckets,
        entries: entriesAt,
        scratch: scratchAt + thread * 4096,
        threads,
      }
      return new Worker(working, { eval: true, workerData })
    })
    const all = async (step: string) => {
      const answers = workers.map((worker) => once(worker, 'message'))
      for (const worker of workers) worker.postMessage(step)
      expect((await Promise.all(answers)).flat()).toEqual(workers.map(() => 0))
    }
    try {
      for (let round = 0; round < rounds; round++) {
        new Uint8Array(memory.buffer, endsAt, recordsAt - endsAt).fill(0)
        for (let record = 0; record < count; record++) {
          // The threads go through the buckets in the same order, side by side.
          const bucket = BigInt(Math.floor((record % recordsOfThread) / recordsOfBucket))
          const at = record * recordBytes
          const bytes = 8 + (random() % 17)
          const rest = (from: number) => {
            const bits = BigInt(Math.max(0, Math.min(8, bytes - from)) * 8)
            return BigInt.asUintN(Number(bits), (BigInt(random()) << 32n) | BigInt(random()))
          }
          view.setBigUint64(at, (bucket << 48n) | BigInt(Math.imul(record, 2_654_435_761) >>> 0), true)
          view.setBigUint64(at + 8, rest(8), true)
          view.setBigUint64(at + 16, rest(16), true)
          view.setUint32(at + 24, record, true)
          view.setUint32(at + 28, bytes, true)
        }
        await all('count')
        expect(kernels.sumPacked(endsAt, buckets, entriesBytes, 8192)).toBe(0)
        await all('add')
        const at = [endsAt, buckets, entriesAt, scratchAt, wordsAt, namedAt] as const
        const written = scratchAt + 2048
        expect(kernels.findPacked(recordsAt, count, head, 0, ...at, 1024, written)).toBe(count)
        expect([...new Uint32Array(memory.buffer, written, 2)]).toEqual([count, 0])
        const words = new BigUint64Array(memory.buffer, wordsAt, count)
        expect(Array.from(words, (word) => Number(word >> 24n))).toEqual(
          Array.from({ length: count }, (_, record) => record),
        )
      }
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
  })
})
