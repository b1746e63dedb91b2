import { expect, test } from 'vitest'
import { keyTypes, logicalTypeFromCode, logicalTypeNames, logicalTypes, physicalTypeOf } from './index.js'

test('every type is found by its code, and no code is zero or used twice', () => {
  for (const name of logicalTypeNames) {
    expect(logicalTypes[name].code).toBeGreaterThan(0)
    expect(logicalTypeFromCode(logicalTypes[name].code)).toBe(name)
  }
  expect(logicalTypeFromCode(0)).toBeUndefined()
  expect(logicalTypeFromCode(99)).toBeUndefined()
})

test('a key is never a double or a boolean', () => {
  expect(keyTypes).not.toContain('DOUBLE')
  expect(keyTypes).not.toContain('BOOL')
  for (const type of keyTypes) expect(['int', 'string']).toContain(physicalTypeOf(type))
})
