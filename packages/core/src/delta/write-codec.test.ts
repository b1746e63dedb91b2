import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMillraceError } from '../errors/index.js'
import { ByteWriter } from '../format/index.js'
import type { Value } from './value.js'
import type { Write } from './write.js'
import { decodeWrites, encodeWrite } from './write-codec.js'

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double(),
  fc.boolean(),
  fc.string({ unit: 'grapheme' }),
)

const row = fc.nat(2 ** 40)
const tableId = fc.nat()
const values = fc.array(value, { maxLength: 5 })

const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ kind: fc.constant('createNode' as const), tableId, offset: row, values }),
  fc.record({ kind: fc.constant('createRel' as const), tableId, position: row, from: row, to: row, values }),
  fc.record({ kind: fc.constant('setNode' as const), tableId, offset: row, column: fc.nat(), value }),
  fc.record({ kind: fc.constant('setRel' as const), tableId, position: row, column: fc.nat(), value }),
  fc.record({ kind: fc.constant('deleteNode' as const), tableId, offset: row }),
  fc.record({ kind: fc.constant('deleteRel' as const), tableId, position: row }),
)

function encode(writes: readonly Write[]): Uint8Array {
  const writer = new ByteWriter()
  for (const each of writes) encodeWrite(writer, each)
  return writer.finish().slice()
}

describe('the codec of writes', () => {
  it('round-trips any writes', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 10 }), (writes) => {
        expect([...decodeWrites(encode(writes))]).toEqual(writes)
      }),
    )
  })

  it('refuses bytes that are cut, or reads the writes before the cut', () => {
    const writes: Write[] = [
      { kind: 'createNode', tableId: 1, offset: 7, values: [1n, 'text', null, 0.5, true] },
      { kind: 'deleteRel', tableId: 2, position: 3 },
    ]
    const bytes = encode(writes)
    const source = { file: 'x.mill-wal', what: 'the log record at byte 512' }
    const whole = [0, encode(writes.slice(0, 1)).length]
    for (let length = 0; length < bytes.length; length++) {
      const read = () => [...decodeWrites(bytes.slice(0, length), source)]
      if (whole.includes(length)) expect(read()).toEqual(writes.slice(0, length === 0 ? 0 : 1))
      else expect(read).toThrow(/x\.mill-wal is damaged: the log record at byte 512/)
    }
  })

  it('refuses damaged bytes or reads something, and never takes long or much', () => {
    fc.assert(
      fc.property(
        fc.array(write, { minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (writes, at, bits) => {
          const bytes = encode(writes)
          bytes[at % bytes.length]! ^= bits
          try {
            expect([...decodeWrites(bytes)].length).toBeLessThanOrEqual(bytes.length)
          } catch (error) {
            expect(isMillraceError(error, 'MILLRACE_CORRUPT'), String(error)).toBe(true)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
