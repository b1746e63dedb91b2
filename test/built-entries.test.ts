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

/**
 * What loading a built entry loads: files, core's among them, modules of Node's, and those of other packages.
 */
function loadedBy(entry: string): { files: Set<string>; builtins: Set<string>; foreign: string[] } {
  const files = new Set<string>()
  const builtins = new Set<string>()
  const foreign: string[] = []
  const visit = (path: string): void => {
    if (files.has(path)) return
    files.add(path)
    for (const specifier of importsOf(path)) {
      const ours = ownFile(specifier, path)
      if (ours !== undefined) visit(ours)
      else if (specifier.startsWith('node:')) builtins.add(specifier)
      else foreign.push(`${path} imports ${specifier}`)
    }
  }
  visit(entry)
  return { files, builtins, foreign }
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

  test('reading a plain file loads nothing of Node for what is packed, or comes from a pipe', () => {
    for (const entry of ['index.js', 'shared/read.js']) {
      const { builtins } = loadedBy(join(workersDist, entry))
      expect(builtins).toContain('node:module')
      expect(builtins).not.toContain('node:zlib')
      expect(builtins).not.toContain('node:net')
    }
    const worker = readFileSync(join(workersDist, 'threads', 'read-worker.cjs'), 'utf8')
    expect(worker).toContain('require("node:fs")')
    expect(worker).not.toContain('require("node:zlib")')
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
