/** The shared map of codes, filled by several threads at once where they all come to the same buckets. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { loadSharedKernels, sharedKernelsModule } from './shared-kernels.js'
import { meeting, randomOf } from './threads.test.fixture.js'

const seed = Number(process.env.MILLRACE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))

const threads = 2
const rounds = 3
const mapAt = 65_536
/** As many as make 48 bits of a code and its bucket tell all of it, of which few are used. */
const buckets = 65_536
const bucketsUsed = 4096
const slots = 65_536
const pairBytes = 16
/**
 * What a thread adds to two buckets side by side: the threads together two more than they hold, which go to
 * the overflow.
 */
const pairsOfTwo = 14 / threads
const pairsOfThread = (bucketsUsed / 2) * pairsOfTwo
const pairsAt = mapAt + buckets * 64 + slots * 16
const scratchAt = pairsAt + threads * pairsOfThread * pairBytes
const wordsAt = scratchAt + 4096
const memoryPages = Math.ceil((wordsAt + threads * pairsOfThread * 8) / 65_536)

/**
 * Adds its pairs, two buckets' after two buckets', each time when all threads are there; then says how often
 * that failed.
 */
const adding = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { memory, module, pairs, count, ofTwo, map, buckets, slots, scratch, threads } = workerData
  const { addCodes } = new WebAssembly.Instance(module, { env: { memory } }).exports
  ${meeting}
  parentPort.on('message', () => {
    let failed = 0
    for (let done = 0; done < count; done += ofTwo) {
      meet()
      failed += addCodes(pairs + done * ${pairBytes}, ofTwo, map, buckets, slots, scratch)
    }
    parentPort.postMessage(failed)
  })
`

describe(`a map of codes that threads fill together (MILLRACE_TEST_SEED=${seed})`, () => {
  it('has all that any of them added', async () => {
    const random = randomOf(seed)
    const memory = new WebAssembly.Memory({ initial: memoryPages, maximum: memoryPages, shared: true })
    const kernels = loadSharedKernels(memory)
    const count = threads * pairsOfThread
    const pairs = new BigUint64Array(memory.buffer, pairsAt, count * 2)
    const workers = Array.from({ length: threads }, (_, thread) => {
      const at = { pairs: pairsAt + thread * pairsOfThread * pairBytes, scratch: scratchAt + thread * 4 }
      const rest = {
        memory,
        module: sharedKernelsModule(),
        count: pairsOfThread,
        ofTwo: pairsOfTwo,
        map: mapAt,
        buckets,
        slots,
        threads,
      }
      return new Worker(adding, { eval: true, workerData: { ...at, ...rest } })
    })
    try {
      for (let round = 0; round < rounds; round++) {
        new Uint8Array(memory.buffer, mapAt).fill(0)
        for (let pair = 0; pair < count; pair++) {
          // The bucket is told by the top 16 bits; the rest tells the codes of a bucket apart. The threads go
          // through the buckets in the same order, side by side.
          const bucket = BigInt(Math.floor((pair % pairsOfThread) / pairsOfTwo) * 2 + (random() & 1))
          pairs[2 * pair] =
            (bucket << 48n) |
            (BigInt(random() & 0xffff) << 32n) |
            BigInt(Math.imul(pair, 2_654_435_761) >>> 0)
          pairs[2 * pair + 1] = BigInt(pair)
        }
        const answers = workers.map((worker) => once(worker, 'message'))
        for (const worker of workers) worker.postMessage(0)
        expect((await Promise.all(answers)).flat()).toEqual(workers.map(() => 0))
        const found = kernels.findCodes(pairsAt, count, mapAt, buckets, slots, scratchAt, wordsAt)
        const words = new BigUint64Array(memory.buffer, wordsAt, found)
        expect(Array.from(words, (word) => Number(word >> 24n))).toEqual(
          Array.from({ length: count }, (_, pair) => pair),
        )
      }
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
  })
})
