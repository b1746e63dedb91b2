import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bench, makeBench } from './columns.test.fixture.js'
import { referenceKernels } from './reference/index.js'

const wasm = makeBench()
const reference = makeBench(referenceKernels)

/** The lanes as they are left, and what lies before and behind them. */
function narrowed(bench: Bench, lanes: BigUint64Array, kernel: 'narrowTo1' | 'narrowTo4'): number[] {
  const mark = bench.arena.mark()
  const start = bench.arena.allocate(lanes.byteLength + 16)
  const around = bench.arena.bytes.subarray(start, start + lanes.byteLength + 16).fill(0xa5)
  around.set(new Uint8Array(lanes.buffer), 8)
  bench.kernels[kernel](start + 8, lanes.length)
  const found = [...bench.arena.bytes.subarray(start, start + lanes.byteLength + 16)]
  bench.arena.release(mark)
  return found
}

describe('lanes made narrow', () => {
  test('are the same in WebAssembly and in plain TypeScript, byte for byte around them, too', () => {
    const lanes = fc.array(fc.bigInt(0n, 2n ** 64n - 1n), { maxLength: 100 })
    fc.assert(
      fc.property(lanes, fc.constantFrom('narrowTo1' as const, 'narrowTo4' as const), (values, kernel) => {
        const array = BigUint64Array.from(values)
        const width = kernel === 'narrowTo1' ? 1 : 4
        const [left, right] = [narrowed(wasm, array, kernel), narrowed(reference, array, kernel)]
        const end = 8 + values.length * width
        expect(left.slice(0, end)).toEqual(right.slice(0, end))
        expect(left.slice(-8)).toEqual(right.slice(-8))
      }),
    )
  })

  test('keep their lowest bytes', () => {
    const lanes = BigUint64Array.from([1n, 0xffff_ffff_ffff_fffen, 0x1234_5678_9abc_def0n])
    const view = new DataView(Uint8Array.from(narrowed(wasm, lanes, 'narrowTo4')).buffer)
    expect([0, 1, 2].map((row) => view.getInt32(8 + row * 4, true))).toEqual([1, -2, 0x9abc_def0 | 0])
    expect(narrowed(wasm, lanes, 'narrowTo1').slice(8, 11)).toEqual([1, 0xfe, 0xf0])
  })
})
