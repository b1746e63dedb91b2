/** Whatever a source throws becomes an error of the catalogue. */
import { describe, expect, it } from 'vitest'
import { sourceUnreadable } from './index.js'

describe('a source that throws', () => {
  const thrown: Record<string, [unknown, RegExp]> = {
    'an error of the system': [
      Object.assign(new Error('ENOENT: open'), { code: 'ENOENT' }),
      /it does not exist/,
    ],
    'what an aborted signal throws': [AbortSignal.abort().reason, /This operation was aborted/],
    'an error without a code': [new Error('its own words'), /its own words/],
    'a code that names no cause': [Object.assign(new Error('odd'), { code: 'toString' }), /odd/],
    'a text': ['stop', /stop/],
    nothing: [undefined, /undefined/],
  }
  for (const [name, [error, words]] of Object.entries(thrown)) {
    it(`${name} is told in words`, () => {
      const told = sourceUnreadable('people.csv', error)
      expect(told.code).toBe('MILLRACE_IMPORT_SOURCE')
      expect(told.message).toMatch(words)
      expect(told.cause).toBe(error)
    })
  }

  it.each(['s3://bucket/a.csv', 'https://host/a.csv'])('%s is told to be no file of this machine', (name) => {
    const absent = Object.assign(new Error('ENOENT: open'), { code: 'ENOENT' })
    expect(sourceUnreadable(name, absent).message).toMatch(/an address.*Download it first/)
  })
})
