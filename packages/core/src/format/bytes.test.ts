import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter, bytesWritten } from './bytes.js'

const source = { file: 'x.mill', what: 'a structure' }

describe('ByteWriter and ByteReader', () => {
  it('round-trip every kind of value, however they are mixed', () => {
    const value = fc.oneof(
      fc.record({ kind: fc.constant('u8' as const), value: fc.integer({ min: 0, max: 0xff }) }),
      fc.record({ kind: fc.constant('u16' as const), value: fc.integer({ min: 0, max: 0xffff }) }),
      fc.record({ kind: fc.constant('u32' as const), value: fc.integer({ min: 0, max: 0xffff_ffff }) }),
      fc.record({ kind: fc.constant('u64' as const), value: fc.maxSafeNat() }),
      fc.record({
        kind: fc.constant('i64' as const),
        value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      }),
      fc.record({ kind: fc.constant('f64' as const), value: fc.double() }),
      fc.record({
        kind: fc.constant('text16' as const),
        value: fc.string({ unit: 'grapheme', maxLength: 200 }),
      }),
    )
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const writer = new ByteWriter(1)
        for (const item of values) (writer[item.kind] as (value: unknown) => void).call(writer, item.value)
        const reader = new ByteReader(writer.finish(), source)
        for (const item of values) {
          const found = item.kind === 'text16' ? reader.text16(65_535, 'a text') : reader[item.kind]()
          expect(found).toEqual(item.value)
        }
        reader.end()
      }),
    )
  })

  it('passes the same bytes on in parts, whatever stands across their ends, and measures them', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 70 }).map((bytes) => (writer: ByteWriter) => writer.bytes(bytes)),
      fc.nat(0xff).map((value) => (writer: ByteWriter) => writer.u8(value)),
      fc.maxSafeNat().map((value) => (writer: ByteWriter) => writer.u64(value)),
      fc.string({ maxLength: 40 }).map((text) => (writer: ByteWriter) => writer.text16(text)),
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        fc.integer({ min: 16, max: 48 }),
        (pieces, partBytes) => {
          const write = (writer: ByteWriter) => {
            for (const writePiece of pieces) writePiece(writer)
          }
          const whole = new ByteWriter()
          write(whole)
          const parts: Uint8Array[] = []
          const inParts = new ByteWriter(partBytes, (part) => parts.push(part.slice()))
          write(inParts)
          expect(parts.every((part) => part.length === partBytes)).toBe(true)
          expect(Buffer.concat([...parts, inParts.finish()])).toEqual(Buffer.from(whole.finish()))
          expect(inParts.length).toBe(whole.length)
          expect(bytesWritten(write)).toBe(whole.length)
        },
      ),
    )
  })

  it('are little-endian', () => {
    const bytes = new ByteWriter().u16(0x0102).u32(0x03040506).u64(0x0708_090a_0b0c).finish()
    expect([...bytes]).toEqual([2, 1, 6, 5, 4, 3, 12, 11, 10, 9, 8, 7, 0, 0])
  })

  it('refuse to write what does not fit', () => {
    for (const bad of [-1, 256, 1.5, Number.NaN]) expect(() => new ByteWriter().u8(bad)).toThrow(/u8/)
    expect(() => new ByteWriter().u64(2 ** 53)).toThrow(/u64/)
    expect(() => new ByteWriter().bytes16(new Uint8Array(65_536))).toThrow(/u16/)
  })
})

describe('reading bytes that came from disk', () => {
  const reader = (...bytes: number[]) => new ByteReader(Uint8Array.from(bytes), source)
  const corrupt = (message: RegExp) =>
    expect.objectContaining({ code: 'MILLRACE_CORRUPT', message: expect.stringMatching(message) })

  it('never passes the end, and says what is missing', () => {
    expect(() => reader(1, 2, 3).u32()).toThrow(
      corrupt(/x\.mill is damaged: a structure: 4 bytes are expected at byte 0, 3 are/),
    )
    expect(() => reader(5, 0, 65).text16(10, 'a name')).toThrow(
      corrupt(/5 bytes are expected at byte 2, 1 are/),
    )
  })

  it('checks a count against its limit and the bytes left before anything is allocated', () => {
    expect(() => reader(255, 255, 255, 255).count(100, 1, 'tables')).toThrow(
      corrupt(/4294967295 tables, at most 100/),
    )
    expect(() => reader(3, 0, 0, 0, 9, 9).count(100, 4, 'tables')).toThrow(
      corrupt(/need 12 bytes, 2 are left/),
    )
  })

  it('refuses a 64-bit value beyond its limit or beyond 2^53', () => {
    expect(() => reader(0, 0, 0, 0, 0, 0, 32, 0).u64()).toThrow(corrupt(/greater than/))
    expect(() => reader(9, 0, 0, 0, 0, 0, 0, 0).u64(8)).toThrow(
      corrupt(/the value 9 at byte 0 is greater than 8/),
    )
  })

  it('refuses a text that is not UTF-8, reserved bytes that are not zero, and bytes too many', () => {
    expect(() => reader(2, 0, 0xc3, 0x28).text16(10, 'a name')).toThrow(corrupt(/a name is not valid UTF-8/))
    expect(() => reader(0, 1).zeros(2)).toThrow(corrupt(/reserved/))
    expect(() => reader(0).end()).toThrow(corrupt(/1 bytes too many/))
  })
})
