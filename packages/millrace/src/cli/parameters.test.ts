import { describe, expect, it } from 'vitest'
import { guessValue, parameterOption } from './parameters.js'

describe('guessValue', () => {
  it.each([
    ['42', 42],
    ['-7', -7],
    ['0', 0],
    ['1.5', 1.5],
    ['2e9', 2e9],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['true', true],
    ['false', false],
    ['null', null],
    ['"42"', '42'],
    ["'true'", 'true'],
    ['""', ''],
    ['', ''],
    ['007', '007'],
    ['1.2.3', '1.2.3'],
    ['SFO', 'SFO'],
    ['2001-02-30', '2001-02-30'],
    ['20010101', 20010101],
    ['"2001-01-01"', '2001-01-01'],
    ['Infinity', 'Infinity'],
    ['0x10', '0x10'],
  ])('takes %s for %o', (text, value) => {
    expect(guessValue(text)).toBe(value)
  })
})

describe('guessValue of dates', () => {
  it.each([
    ['2001-01-31', '2001-01-31T00:00:00.000Z'],
    ['2001-01-31T12:30', '2001-01-31T12:30:00.000Z'],
    ['2001-01-31 12:30:15.5', '2001-01-31T12:30:15.500Z'],
    ['2001-01-31T12:30:15Z', '2001-01-31T12:30:15.000Z'],
  ])('takes %s for a time in UTC', (text, iso) => {
    expect(guessValue(text)).toEqual(new Date(iso))
  })
})

describe('parameterOption', () => {
  it('collects parameters and splits at the first equals sign', () => {
    const one = parameterOption('from=SFO')
    expect(parameterOption('$text=a=b', one)).toEqual({ from: 'SFO', text: 'a=b' })
  })

  it.each(['SFO', '=SFO', 'a b=1', '1a=2'])('refuses %j', (text) => {
    expect(() => parameterOption(text)).toThrow('name=value')
  })
})
