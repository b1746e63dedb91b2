import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { streamKey } from '../random/index.js'
import {
  PatternSource,
  parsePattern,
  RowSet,
  settlePattern,
  UniqueChooser,
  UniquePatternSource,
} from './index.js'

const key = streamKey(3, 'pattern')

function texts(source: PatternSource | UniquePatternSource, count: number): string[] {
  const set = new RowSet()
  const found: string[] = []
  for (let first = 0; first < count; first += 1000) {
    set.fillFrom(first, Math.min(1000, count - first))
    const { bytes, ends } = source.read(set)
    for (let at = 0; at < set.count; at++)
      found.push(Buffer.from(bytes.subarray(ends[at], ends[at + 1])).toString())
  }
  return found
}

const patterns = [
  '[A-Z]{3}-[0-9]{4}',
  'ACC-\\d{4}-[A-Z]{2}',
  '(foo|ba[rz])?\\w+',
  '[^a-z\\s]{2,5}',
  'a|b|cd*',
  '\\+49 \\d{2,4}/\\d+',
  '[äöü€]{3}',
  '^x.{3}y$',
  '(?:[01]\\d|2[0-3]):[0-5]\\d',
  '(?:Mr|Ms) O\'(?:Neil|Hara), "(?:a|bc){2}"\\n(?:é|x)z{3}',
  '(?:ab){3}(?:c|de)?[0-9]{4}',
]

describe('patterns', () => {
  for (const pattern of patterns) {
    it(`${pattern} matches what it makes`, () => {
      const made = texts(new PatternSource(key, parsePattern(pattern, 'p')), 500)
      for (const text of made) expect(text).toMatch(new RegExp(`^(?:${pattern})$`, 'u'))
      expect(new Set(made).size).toBeGreaterThan(1)
    })

    it(`${pattern} makes unique texts, as many as it can`, () => {
      const settled = settlePattern(parsePattern(pattern, 'p'))
      const count = Math.min(settled.size, 3000)
      const made = texts(new UniquePatternSource(key, new UniqueChooser(key, settled.size), settled), count)
      expect(new Set(made).size).toBe(count)
      for (const text of made) expect(text).toMatch(new RegExp(`^(?:${pattern})$`, 'u'))
    })
  }

  it('any sequence of classes is made whole: all its texts, each once', () => {
    const part = fc.constantFrom('[abc]', '\\d', '[x-z]{2}', 'q', '(?:u|v)')
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const settled = settlePattern(parsePattern(parts.join(''), 'p'))
        fc.pre(settled.size <= 3000)
        const made = texts(
          new UniquePatternSource(key, new UniqueChooser(key, settled.size), settled),
          settled.size,
        )
        expect(new Set(made).size).toBe(settled.size)
      }),
      { numRuns: 60 },
    )
  })

  it('are plain only when no format touches any of their texts', () => {
    const isPlain = (pattern: string) => new PatternSource(key, parsePattern(pattern, 'p')).isPlain
    for (const plain of ['[A-Z]{3}-\\d+', '(?:ab|cd)(?: e)?', 'ä{2,3}', 'user-[0-9a-f]{16}'])
      expect(isPlain(plain), plain).toBe(true)
    for (const touched of ['a?', '(?:|b)', '[a-z]*', 'a,b', 'x[y"]', "it's", '(?:a|\\n)', 'a\\\\b', '.'])
      expect(isPlain(touched), touched).toBe(false)
  })

  it('what cannot be made is named with its place', () => {
    expect(() => parsePattern('[a-', 'tables.t.columns.c.pattern')).toThrow(
      /tables\.t\.columns\.c\.pattern: .*no regular expression/,
    )
    expect(() => parsePattern('(a)\\1', 'x')).toThrow(/back references/)
    expect(() => parsePattern('(?=a)b', 'x')).toThrow(/look-around/)
    expect(() => parsePattern('[a-z]{20000}', 'x')).toThrow(/20000 characters/)
  })
})
