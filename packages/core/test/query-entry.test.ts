import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist')
const bundle = join(dist, 'cypher', 'syntax', 'chevrotain.js')

/** What a built module imports before it runs. */
function importsOf(path: string): string[] {
  const code = readFileSync(path, 'utf8')
  const found = code.matchAll(/^\s*(?:import|export)\b(?:[^'"`;()=]*?\bfrom)?\s*['"]([^'"]+)['"]/gm)
  return [...found].map(([, specifier = '']) => specifier)
}

describe('the built query entry', () => {
  test('loads no other package, so that commands start quickly', () => {
    const foreign: string[] = []
    const seen = new Set<string>()
    const visit = (path: string): void => {
      if (seen.has(path)) return
      seen.add(path)
      for (const specifier of importsOf(path)) {
        if (specifier.startsWith('.')) visit(join(dirname(path), specifier))
        else if (!specifier.startsWith('node:')) foreign.push(`${path} imports ${specifier}`)
      }
    }
    visit(join(dist, 'query.js'))
    expect(seen).toContain(bundle)
    expect(foreign).toEqual([])
  })

  test('the licences of what is bundled stand beside it', () => {
    const text = readFileSync(join(dirname(bundle), 'chevrotain.licences.txt'), 'utf8')
    expect(text).toMatch(/^chevrotain 11\.\S+ \(Apache-2\.0\)$/m)
    expect(text).toMatch(/^lodash-es 4\.\S+ \(MIT\)$/m)
    expect(text).toContain('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION')
    expect(text).toContain('Copyright OpenJS Foundation')
    expect(existsSync(`${bundle}.map`)).toBe(false)
  })
})
