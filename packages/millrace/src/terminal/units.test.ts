import { describe, expect, it } from 'vitest'
import { formatBytes, formatDuration, formatRowRate, formatRows, parseBytes } from './units.js'

describe('parseBytes', () => {
  it.each([
    ['160MB', 160_000_000],
    ['160 mb', 160_000_000],
    ['160MiB', 167_772_160],
    ['1.5GiB', 1_610_612_736],
    ['64kb', 64_000],
    ['4096', 4096],
    ['0', 0],
  ])('reads %s as %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  it.each(['', 'MB', '12 parsecs', '-1MB', '1e9', '0x10', '99999999TB', '1,5GB'])('refuses %j', (text) => {
    expect(parseBytes(text)).toBeUndefined()
  })
})

describe('formats', () => {
  it('prints bytes in powers of 1000 and never 1000.0 of a unit', () => {
    expect(formatBytes(999)).toBe('999 B')
    expect(formatBytes(1000)).toBe('1.0 kB')
    expect(formatBytes(999_949)).toBe('999.9 kB')
    expect(formatBytes(999_950)).toBe('1.0 MB')
    expect(formatBytes(105_783_734)).toBe('105.8 MB')
  })

  it('prints durations in the unit a reader would take', () => {
    expect(formatDuration(12.4)).toBe('12 ms')
    expect(formatDuration(3140)).toBe('3.1 s')
    expect(formatDuration(125_400)).toBe('2 min 05 s')
    expect(formatDuration(119_700)).toBe('2 min 00 s')
  })

  it('counts one row in the singular', () => {
    expect(formatRows(1)).toBe('1 row')
    expect(formatRows(3_000_000)).toBe('3,000,000 rows')
  })

  it('gives no rate for no time', () => {
    expect(formatRowRate(10, 0)).toBe('0 rows/s')
    expect(formatRowRate(3000, 1500)).toBe('2,000 rows/s')
  })
})
