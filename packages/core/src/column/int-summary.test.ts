/**
 * The statistics of integers against their twin, where the kernel takes lanes in half their width and not.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { laneBytes } from './column-buffer.js'
import { makeBench } from './columns.test.fixture.js'
import { referenceKernels } from './reference/index.js'
import { readIntSummary, summaryBytes } from './summary.js'

const wasm = makeBench()
const reference = makeBench(referenceKernels)

function summaryBy({ arena, kernels }: typeof wasm, values: readonly bigint[]): Uint8Array {
  const mark = arena.mark()
  const lanes = arena.allocate(values.length * laneBytes)
  const at = arena.allocate(summaryBytes(values.length))
  new BigInt64Array(arena.memory.buffer, lanes, values.length).set(values)
  kernels.analyzeInts(lanes, values.length, at)
  const summary = arena.bytes.slice(at, at + summaryBytes(values.length))
  arena.release(mark)
  return summary
}

function agreeOn(values: readonly bigint[]): Uint8Array {
  const summary = summaryBy(wasm, values)
  expect(summary).toEqual(summaryBy(reference, values))
  return summary
}

const edges = [
  0n,
  1n,
  -1n,
  2n ** 30n,
  -(2n ** 30n),
  2n ** 31n,
  -(2n ** 31n),
  2n ** 32n,
  2n ** 63n,
  -(2n ** 63n),
]
const nearEdges = fc
  .tuple(fc.constantFrom(...edges), fc.integer({ min: -3, max: 3 }))
  .map(([edge, off]) => BigInt.asIntN(64, edge + BigInt(off)))

test('of lanes around the bounds of 30, 31, 32 and 64 bits are the same', () => {
  fc.assert(
    fc.property(fc.array(nearEdges, { minLength: 1, maxLength: 21 }), (values) => void agreeOn(values)),
    { numRuns: 1000 },
  )
})

test.each([0, 1, 4, 500, 1019, 1022, 1023])(
  'of many small lanes and a large one, in row %i of a miniblock, are the same',
  (row) => {
    for (const odd of [2n ** 30n - 1n, 2n ** 30n, -(2n ** 30n) - 1n, 2n ** 40n, 2n ** 32n + 5n]) {
      for (const rows of [1024, 2048, 2051]) {
        agreeOn(
          Array.from({ length: rows }, (_, at) => (at === row ? odd : BigInt((at * 7919) % 1000) - 500n)),
        )
      }
    }
  },
)

test('tell lanes that increase from lanes that do not, wherever two are equal or out of order', () => {
  const rising = Array.from({ length: 1024 }, (_, row) => BigInt(row) * 3n - 1500n)
  const isRising = (values: readonly bigint[]) => {
    const summary = agreeOn(values)
    return readIntSummary(new DataView(summary.buffer, summary.byteOffset), 0).strictlyIncreasing
  }
  expect(isRising(rising)).toBe(true)
  for (let row = 1; row < rising.length; row += row < 12 || row > 1010 ? 1 : 37) {
    expect(isRising(rising.with(row, rising[row - 1]!))).toBe(false)
  }
})
