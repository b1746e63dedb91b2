import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  writeDate,
  writeDecimal,
  writeDouble,
  writeInteger,
  writeInterval,
  writePadded,
  writeTimestamp,
} from './digits.js'

const bytes = Buffer.alloc(64)

/** What `write` leaves, as text. */
function text(write: (at: number) => number): string {
  bytes.fill(0x3f)
  const end = write(3)
  return bytes.toString('latin1', 3, end)
}

describe('digits', () => {
  it('whole numbers are written as JavaScript writes them', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(text((at) => writeInteger(bytes, at, value))).toBe(String(value))
      }),
    )
    for (const value of [0, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 2 ** 53 - 1, -(2 ** 53 - 1), -1]) {
      expect(text((at) => writeInteger(bytes, at, value))).toBe(String(value))
    }
  })

  it('decimals have exactly their places', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(10 ** 15), max: 10 ** 15 }),
        fc.integer({ min: 0, max: 15 }),
        (value, scale) => {
          const written = text((at) => writeDecimal(bytes, at, value, scale))
          expect(written).toMatch(scale === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${scale}}$`))
          expect(BigInt(written.replace('.', ''))).toBe(BigInt(value))
        },
      ),
    )
  })

  it('doubles are read back as the same doubles', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(text((at) => writeDouble(bytes, at, value)))).toBe(value === 0 ? 0 : value)
      }),
    )
  })

  it('dates and timestamps are those of the calendar, from the year 1 to 9999', () => {
    const days = fc.integer({ min: -719_162, max: 2_932_896 })
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 86_399_999_999 }), (day, micros) => {
        const iso = new Date(day * 86_400_000 + Math.floor(micros / 1000)).toISOString()
        expect(text((at) => writeDate(bytes, at, day))).toBe(iso.slice(0, 10))
        const moment = day * 86_400_000_000 + micros
        fc.pre(Number.isSafeInteger(moment))
        const fraction = String(micros % 1_000_000).padStart(6, '0')
        expect(text((at) => writeTimestamp(bytes, at, moment, 6))).toBe(
          `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${fraction}`,
        )
        expect(text((at) => writeTimestamp(bytes, at, moment, 0))).toBe(
          `${iso.slice(0, 10)} ${iso.slice(11, 19)}`,
        )
      }),
    )
  })

  it('counters are filled up with zeros, and longer ones are whole', () => {
    expect(text((at) => writePadded(bytes, at, 42, 6))).toBe('000042')
    expect(text((at) => writePadded(bytes, at, 1234567, 3))).toBe('1234567')
    expect(text((at) => writePadded(bytes, at, 5_000_000_000, 12))).toBe('005000000000')
  })

  it('spans of time may be longer than a day, and negative', () => {
    expect(text((at) => writeInterval(bytes, at, 3_661_000_000 + 100 * 3_600_000_000, 0))).toBe('101:01:01')
    expect(text((at) => writeInterval(bytes, at, -90_000_000, 0))).toBe('-00:01:30')
  })
})
