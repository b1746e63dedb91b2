import { expect, test } from 'vitest'
import {
  decimalShape,
  isBytesType,
  keyTypes,
  type LogicalType,
  namedTypeNames,
  physicalTypeOf,
  typeBytes,
  typeOfBytes,
} from './index.js'

const someTypes: readonly LogicalType[] = [
  ...namedTypeNames,
  'DECIMAL(1,0)',
  'DECIMAL(18,18)',
  'DECIMAL(38,9)',
  'INT64[]',
  'DECIMAL(9,2)[]',
  'STRING[][]',
]

function read(bytes: readonly number[]): LogicalType | undefined {
  let at = 0
  const next = () => bytes[at++] ?? 0
  return typeOfBytes(next(), next)
}

test('every type is found by its bytes, and none begins with zero', () => {
  for (const type of someTypes) {
    expect(typeBytes(type)[0]).toBeGreaterThan(0)
    expect(read(typeBytes(type))).toBe(type)
  }
  expect(new Set(namedTypeNames.map((name) => typeBytes(name)[0])).size).toBe(namedTypeNames.length)
})

test.each([[[0]], [[99]], [[20, 0, 0]], [[20, 39, 0]], [[20, 5, 6]], [[21]], [[21, 21, 21, 21, 21, 1]]])(
  '%j is no type',
  (bytes) => {
    expect(read(bytes)).toBeUndefined()
  },
)

test('a decimal is an integer up to 18 digits, and bytes up to 38', () => {
  expect(physicalTypeOf('DECIMAL(18,3)')).toBe('int')
  expect(physicalTypeOf('DECIMAL(19,3)')).toBe('string')
  expect(isBytesType('DECIMAL(38,0)')).toBe(true)
  expect(decimalShape('DECIMAL(39,0)')).toBeNull()
  expect(decimalShape('DECIMAL(3,4)')).toBeNull()
})

test('a key is never a floating-point number, a boolean or a list', () => {
  for (const type of keyTypes) {
    expect(['int', 'string']).toContain(physicalTypeOf(type))
    expect(type).not.toBe('BOOL')
    expect(type).not.toMatch(/\[\]$/)
  }
})
