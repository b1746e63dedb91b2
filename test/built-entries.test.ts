/** What loading a built entry loads: commands and readers start quickly because it is little. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const coreDist = join(root, 'packages', 'core', 'dist')
const workersDist = join(root, 'packages', 'workers', 'dist')
const bundled = join(coreDist, 'shared', 'third-party.js')

/** What a built module imports before it runs. */
function importsOf(path: string): string[] {
  const code = readFileSync(path, 'utf8')
  const found = code.matchAll(/(?:^|;|\n)\s*(?:import|export)\b(?:[^'"`;()=]*?\bfrom)?\s*['"]([^'"]+)['"]/g)
  return [...found].map(([, specifier = '']) => specifier)
}

/** The file that an import of `path` stands for, where it is ours. */
function ownFile(specifier: string, path: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(path), specifier)
  const entry = /^@millrace\/core(?:\/(\w+))?$/.exec(specifier)
  return entry === null ? undefined : join(coreDist, `${entry[1] ?? 'index'}.js`)
}

/** The files that loading a built entry loads, core's among them, and what they import of other packages. */
function loadedBy(entry: string): { files: Set<string>; foreign: string[] } {
  const files = new Set<string>()
  const foreign: string[] = []
  const visit = (path: string): void => {
    if (files.has(path)) return
    files.add(path)
    for (const specifier of importsOf(path)) {
      const ours = ownFile(specifier, path)
      if (ours !== undefined) visit(ours)
      else if (!specifier.startsWith('node:')) foreign.push(`${path} imports ${specifier}`)
    }
  }
  visit(entry)
  return { files, foreign }
}

describe('the built entries', () => {
  test('load no other package, and few files, so that commands start quickly', () => {
    for (const entry of ['index.js', 'internal.js', 'query.js']) {
      const { files, foreign } = loadedBy(join(coreDist, entry))
      expect(foreign).toEqual([])
      expect(files.size).toBeLessThanOrEqual(6)
    }
  })

  test('only queries load the grammar', () => {
    const filesOf = (entry: string) => loadedBy(join(coreDist, entry)).files
    expect(filesOf('query.js')).toContain(bundled)
    expect(filesOf('internal.js')).not.toContain(bundled)
    expect(filesOf('index.js')).not.toContain(join(coreDist, 'internal.js'))
  })

  test('reading CSV without a database loads neither the store nor queries', () => {
    const index = loadedBy(join(workersDist, 'index.js')).files
    const reading = loadedBy(join(workersDist, 'shared', 'read.js')).files
    expect(reading).toContain(join(coreDist, 'base.js'))
    for (const entry of ['internal.js', 'query.js']) {
      expect(index).not.toContain(join(coreDist, entry))
      expect(reading).not.toContain(join(coreDist, entry))
    }
    expect(readFileSync(join(workersDist, 'threads', 'read-worker.cjs'), 'utf8')).not.toContain(
      'class BufferPool',
    )
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
