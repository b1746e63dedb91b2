import { describe, expect, it } from 'vitest'
import { suites } from './suites.js'

describe('the micro-suites', () => {
  for (const [name, makeCases] of Object.entries(suites)) {
    it(`${name}: every kernel does its work and gives the result it must`, () => {
      const cases = makeCases()
      expect(cases.length).toBeGreaterThan(0)
      // A case throws when what its kernel returns is wrong.
      for (const one of cases) one.run()
    })
  }
})
