import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { valueReader } from './values.js'

const limit = 2n ** 53n

/** Around what doubles hold exactly, around halves of 64 bits, and anything. */
const integers = fc.oneof(
  fc.bigInt({ min: -limit - 3n, max: -limit + 3n }),
  fc.bigInt({ min: limit - 3n, max: limit + 3n }),
  fc.bigInt({ min: -(2n ** 32n) - 3n, max: 2n ** 32n + 3n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
)

function readAt(lane: bigint, type: 'INT64' | 'TIMESTAMP', int64: 'number' | 'bigint' = 'number'): unknown {
  const values = BigInt64Array.of(0n, lane)
  return valueReader({ kind: 'bigint', type, rows: 2, values, nulls: null }, type, 'n', int64)(1)
}

describe('values of 64 bits', () => {
  it('are numbers where a double holds them, and else refused', () => {
    fc.assert(
      fc.property(integers, (lane) => {
        const number = Number(lane)
        if (Number.isSafeInteger(number)) expect(readAt(lane, 'INT64')).toBe(number)
        else
          expect(() => readAt(lane, 'INT64')).toThrow(
            expect.objectContaining({ code: 'MILLRACE_INT64_RANGE' }),
          )
        expect(readAt(lane, 'INT64', 'bigint')).toBe(lane)
      }),
    )
  })

  it('are the millisecond in which a timestamp lies, before 1970 too', () => {
    fc.assert(
      fc.property(integers, (lane) => {
        const milliseconds = (lane - (((lane % 1000n) + 1000n) % 1000n)) / 1000n
        expect(readAt(lane, 'TIMESTAMP')).toEqual(new Date(Number(milliseconds)))
      }),
    )
  })
})
