import { describe, expect, it } from 'vitest'
import { requireCold } from './page-cache.js'

describe('a cold run', () => {
  it('is one whose input came from the disk, or of which nobody can tell', () => {
    expect(() => requireCold(1000, 1000)).not.toThrow()
    expect(() => requireCold(1000, undefined)).not.toThrow()
  })

  it('is none when the input was still in the page cache', () => {
    expect(() => requireCold(1000, 100)).toThrow('only 100 came from the disk')
  })
})
