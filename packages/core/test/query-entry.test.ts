import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist')
const bundled = join(dist, 'shared', 'third-party.js')

/** What a built module imports before it runs. */
function importsOf(path: string): string[] {
  const code = readFileSync(path, 'utf8')
  const found = code.matchAll(/(?:^|;|\n)\s*(?:import|export)\b(?:[^'"`;()=]*?\bfrom)?\s*['"]([^'"]+)['"]/g)
  return [...found].map(([, specifier = '']) => specifier)
}

/** The files that loading a built entry loads, and the packages they import. */
function loadedBy(entry: string): { files: Set<string>; foreign: string[] } {
  const files = new Set<string>()
  const foreign: string[] = []
  const visit = (path: string): void => {
    if (files.has(path)) return
    files.add(path)
    for (const specifier of importsOf(path)) {
      if (specifier.startsWith('.')) visit(join(dirname(path), specifier))
      else if (!specifier.startsWith('node:')) foreign.push(`${path} imports ${specifier}`)
    }
  }
  visit(join(dist, entry))
  return { files, foreign }
}

describe('the built entries', () => {
  test('load no other package, and few files, so that commands start quickly', () => {
    for (const entry of ['index.js', 'internal.js', 'query.js']) {
      const { files, foreign } = loadedBy(entry)
      expect(foreign).toEqual([])
      expect(files.size).toBeLessThanOrEqual(6)
    }
  })

  test('only queries load the grammar', () => {
    expect(loadedBy('query.js').files).toContain(bundled)
    expect(loadedBy('internal.js').files).not.toContain(bundled)
    expect(loadedBy('index.js').files).not.toContain(join(dist, 'internal.js'))
  })

  test('the licences of what is bundled stand beside it', () => {
    const text = readFileSync(join(dirname(bundled), 'third-party.licences.txt'), 'utf8')
    expect(text).toMatch(/^chevrotain 11\.\S+ \(Apache-2\.0\)$/m)
    expect(text).toMatch(/^lodash-es 4\.\S+ \(MIT\)$/m)
    expect(text).toContain('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION')
    expect(text).toContain('Copyright OpenJS Foundation')
    expect(existsSync(`${bundled}.map`)).toBe(false)
  })
})
