/**
 * The rules of the house that a machine can keep, so that no reviewer has to.
 *
 * The tables below are the rules; the tests behind them only look. To change a rule, change its row, and say
 * why.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorsPage, generatorSchema, limitsPage } from '../scripts/reference-pages.mjs'
import {
  lineAt,
  listFiles,
  readSource,
  readText,
  resolveReference,
  root,
  type SourceFile,
} from './source-tree.js'

/** A package may import these packages of ours, and no others. */
const packageMayImport: Record<string, readonly string[]> = {
  core: [],
  testing: ['core'],
  workers: ['core'],
  datagen: ['core'],
  millrace: ['core', 'workers', 'datagen'],
  bench: ['core', 'workers', 'millrace', 'datagen'],
}

/** Packages that tests alone may import, besides. */
const testsMayImport: Record<string, readonly string[]> = {
  core: ['testing'],
  workers: ['testing'],
  millrace: ['testing'],
}

/**
 * The floors of each package, from the ground up. A room imports only from rooms that stand before it.
 * Rooms are the folders and the loose modules of `src`; `index` and `internal` are doors of the whole
 * package.
 */
const floors: Record<string, readonly string[]> = {
  core: [
    'limits',
    'errors',
    'types',
    'values',
    'memory',
    'io',
    'format',
    'buffer',
    'column',
    'catalog',
    'delta',
    'wal',
    'extent-set',
    'free-space',
    'roots',
    'recovery',
    'create-database',
    'index',
    'write-catalog',
    'table',
    'store-options',
    'move-down',
    'store',
    'transaction',
    'cypher',
  ],
  workers: [
    'limits',
    'errors',
    'csv',
    'batch',
    'sink',
    'threads',
    'import',
    'read',
    'load-from',
    'transactions',
    'engine',
    'sniff-csv-file',
    'read-csv',
    'database-options',
    'database-parts',
    'database',
  ],
  datagen: [
    'limits',
    'errors',
    'random',
    'schema',
    'values',
    'pools',
    'plan',
    'formats',
    'settings',
    'threads',
    'output',
    'generation',
  ],
  millrace: ['errors', 'terminal', 'output', 'cli'],
}

const packageDoors = ['index.ts', 'base.ts', 'internal.ts', 'query.ts']

const lineColumnsMax = 110
const moduleLinesMax = 450

/** Lines that may be longer: they hold a string, an address or a row of a table that is better left whole. */
const longLineAllowed = /──|https?:\/\/|^\s*(?:\*|\/\/)?\s*\||['"`].{40,}['"`]|\/.{40,}\//

/** Text that never stays in a source, and where it may stand nevertheless. */
const leftOvers: { what: string; pattern: RegExp; allowedIn?: RegExp }[] = [
  { what: 'a test that hides the others', pattern: /\b(?:describe|it|test)\.only\b/ },
  { what: 'a test that is switched off', pattern: /\b(?:describe|it|test)\.(?:skip|todo)\b/ },
  { what: 'a breakpoint', pattern: /^\s*debugger\b/m },
  {
    what: 'printing',
    pattern: /\bconsole\.(?:log|error|warn|info|debug)\(/,
    allowedIn: /^packages\/bench\/|^scripts\/|^examples\//,
  },
  { what: 'a note to self', pattern: /\b(?:TO[D]O|FIX[M]E|HA[C]K)\b/ },
]

/** Places outside the project. It speaks of itself alone. */
const foreignPaths = /(?<![\w.~-])\/(?:work|root|home|Users|tmp)\/(?!\$)[\w.]|\.\.\/shared\b/

const files = listFiles()
const sourcePattern =
  /^packages\/[\w-]+\/(?:src|assembly|test|bin)\/.*\.(?:ts|js)$|^(?:test|scripts|examples)\/.*\.(?:ts|mjs)$/
const sources = files.filter((path) => sourcePattern.test(path)).map(readSource)
const sourceOf = new Map(sources.map((source) => [source.path, source]))

function isTest(path: string): boolean {
  return /\.test\.ts$|^packages\/[\w-]+\/test\/|^test\/|\.(?:fuzz|bench)\.ts$/.test(path)
}

/** The package and room of a module in a `src` folder. */
function roomOf(path: string): { package: string; room: string; isDoor: boolean } | undefined {
  const match = path.match(/^packages\/([\w-]+)\/src\/([^/]+)(\/.+)?$/)
  if (match === null) return undefined
  const [, name = '', first = '', rest] = match
  if (rest === undefined) return { package: name, room: first.replace(/\.ts$/, ''), isDoor: true }
  return { package: name, room: first, isDoor: rest === '/index.ts' }
}

const modules = sources.filter((source) => roomOf(source.path) !== undefined)
const packages = [
  ...new Set(files.flatMap((path) => path.match(/^packages\/([\w-]+)\/package\.json$/)?.[1] ?? [])),
]

function manifestOf(name: string): Record<string, unknown> {
  return JSON.parse(readText(`packages/${name}/package.json`)) as Record<string, unknown>
}

describe('size', () => {
  it(`a module has at most ${moduleLinesMax} lines`, () => {
    const tooLong = sources
      .filter(({ path }) => path.endsWith('.ts') && !isTest(path))
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > moduleLinesMax)
    expect(tooLong).toEqual([])
  })

  it(`a line has at most ${lineColumnsMax} columns, unless it holds a string or a table`, () => {
    const tooLong = sources.flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, at) =>
          [...line].length > lineColumnsMax && !longLineAllowed.test(line) ? [`${path}:${at + 1}`] : [],
        ),
    )
    expect(tooLong).toEqual([])
  })
})

describe('direction of imports', () => {
  it('every package and every room has its place in the tables', () => {
    const rooms = modules.flatMap(({ path }) => {
      const place = roomOf(path)
      if (place === undefined || isTest(path) || place.package === 'bench' || place.package === 'testing')
        return []
      if (packageDoors.includes(posix.basename(path)) && posix.dirname(path).endsWith('/src')) return []
      return floors[place.package]?.includes(place.room) ? [] : [path]
    })
    expect(rooms).toEqual([])
    expect(packages.filter((name) => packageMayImport[name] === undefined)).toEqual([])
  })

  it('packages import one another in one direction only', () => {
    const folderOf = new Map(packages.map((name) => [String(manifestOf(name).name), name]))
    const wrong = sources.flatMap(({ path, references }) => {
      const from = path.match(/^packages\/([\w-]+)\//)?.[1]
      if (from === undefined) return []
      const allowed = [
        ...(packageMayImport[from] ?? []),
        ...(isTest(path) ? (testsMayImport[from] ?? []) : []),
        from,
      ]
      return references.flatMap(({ specifier, line }) => {
        const name = specifier.match(/^(@[^/]+\/[^/]+|[^./][^/]*)/)?.[1] ?? ''
        const to = folderOf.get(name)
        return to === undefined || allowed.includes(to) ? [] : [`${path}:${line} imports ${specifier}`]
      })
    })
    expect(wrong).toEqual([])
  })

  it('a module imports another package by its name, never by a path', () => {
    const wrong = sources.flatMap(({ path, references }) => {
      const from = path.match(/^(packages\/[\w-]+)\//)?.[1]
      if (from === undefined) return []
      return references.flatMap(({ specifier, line }) => {
        if (!specifier.startsWith('.')) return []
        const target = posix.join(posix.dirname(path), specifier)
        return target.startsWith(`${from}/`) || !target.startsWith('packages/')
          ? []
          : [`${path}:${line} imports ${specifier}`]
      })
    })
    expect(wrong).toEqual([])
  })

  it('a room imports only from the floors below it', () => {
    const wrong = roomImports().flatMap(({ path, line, specifier, from, to }) => {
      const order = floors[from.package] ?? []
      return order.indexOf(to.room) < order.indexOf(from.room) ? [] : [`${path}:${line} imports ${specifier}`]
    })
    expect(wrong).toEqual([])
  })

  it('a room is entered through its index.ts only', () => {
    const wrong = roomImports().flatMap(({ path, line, specifier, to }) =>
      to.isDoor ? [] : [`${path}:${line} imports ${specifier}`],
    )
    expect(wrong).toEqual([])
  })

  it('no module imports itself through others', () => {
    expect(findCycles()).toEqual([])
  })
})

/** Imports from one room of a package to another, tests aside. */
function roomImports() {
  return modules.flatMap(({ path, references }) => {
    const from = roomOf(path)
    const isPackageDoor = packageDoors.some((name) => path.endsWith(`/src/${name}`))
    if (from === undefined || isPackageDoor || isTest(path) || floors[from.package] === undefined) return []
    return references.flatMap(({ specifier, line, kind }) => {
      const target = kind === 'url' ? undefined : resolveReference(path, specifier)
      const to = target === undefined ? undefined : roomOf(target)
      if (to === undefined || to.room === from.room) return []
      return [{ path, line, specifier, from, to }]
    })
  })
}

/**
 * Modules that must be loaded before this one. What is imported later, on demand, may well import this one.
 */
function importsOf(source: SourceFile): string[] {
  return source.references.flatMap(({ specifier, kind }) =>
    kind !== 'static' ? [] : (resolveReference(source.path, specifier) ?? []),
  )
}

function findCycles(): string[] {
  const state = new Map<string, 'open' | 'done'>()
  const trail: string[] = []
  const cycles: string[] = []
  const visit = (path: string): void => {
    const source = sourceOf.get(path)
    if (source === undefined || state.get(path) === 'done') return
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
      return
    }
    state.set(path, 'open')
    trail.push(path)
    for (const target of importsOf(source)) visit(target)
    trail.pop()
    state.set(path, 'done')
  }
  for (const { path } of sources) visit(path)
  return cycles
}

describe('rooms', () => {
  it('every room has an index.ts that says what lives there', () => {
    const rooms = new Set(
      modules.flatMap(({ path }) => path.match(/^packages\/[\w-]+\/src\/[^/]+(?=\/)/)?.[0] ?? []),
    )
    const silent = [...rooms].filter((room) => {
      const name = room.split('/')[1] ?? ''
      const door = sourceOf.get(`${room}/index.ts`)
      return floors[name] !== undefined && !door?.text.startsWith('/**')
    })
    expect(silent).toEqual([])
  })

  it('every module is reached from an entry of its package, a thread or a test', () => {
    const reached = new Set<string>()
    const visit = (path: string): void => {
      const source = sourceOf.get(path)
      if (source === undefined || reached.has(path)) return
      reached.add(path)
      for (const { specifier } of source.references) {
        const target = resolveReference(path, specifier)
        if (target !== undefined) visit(target)
      }
    }
    for (const { path } of sources) if (isTest(path) || path.includes('/bin/')) visit(path)
    for (const name of packages) for (const entry of entriesOf(name)) visit(entry)
    const dead = modules.filter(({ path }) => !reached.has(path) && !path.endsWith('.d.ts'))
    expect(dead.map(({ path }) => path)).toEqual([])
  })
})

/** Sources of the files that a package's manifest names in `exports` and `scripts`. */
function entriesOf(name: string): string[] {
  const manifest = manifestOf(name)
  const text = JSON.stringify([manifest.exports ?? {}, manifest.scripts ?? {}, readText('package.json')])
  const inDist = [...text.matchAll(/(?:\.\/|packages\/([\w-]+)\/|\bnode )?dist\/([\w/-]+)\.js/g)]
  return inDist.flatMap((match) => {
    const path = `packages/${match[1] ?? name}/src/${match[2]}.ts`
    return existsSync(join(root, path)) ? [path] : []
  })
}

describe('published packages', () => {
  const published = packages.filter((name) => manifestOf(name).private !== true)

  it('every file that a manifest names exists after the build', () => {
    const missing = published.flatMap((name) => {
      const { exports, bin } = manifestOf(name)
      const targets = JSON.stringify([exports, bin ?? {}]).match(/(?:\.\/)?(?:dist|bin)\/[\w./-]+/g) ?? []
      return targets
        .filter((target) => !existsSync(join(root, 'packages', name, target)))
        .map((t) => `${name}: ${t}`)
    })
    expect(missing).toEqual([])
  })

  it('none has an install script', () => {
    const withScript = published.filter((name) =>
      /"(?:pre|post)?install"/.test(JSON.stringify(manifestOf(name))),
    )
    expect(withScript).toEqual([])
  })

  it('all carry one version', () => {
    expect(new Set(published.map((name) => manifestOf(name).version)).size).toBe(1)
  })
})

describe('words', () => {
  for (const { what, pattern, allowedIn } of leftOvers) {
    it(`no source holds ${what}`, () => {
      const found = sources.flatMap(({ path, text, code }) => {
        if (path === 'test/tidy.test.ts' || allowedIn?.test(path)) return []
        const where = what === 'a note to self' ? text : code
        const at = where.search(pattern)
        return at === -1 ? [] : [`${path}:${lineAt(where, at)}`]
      })
      expect(found).toEqual([])
    })
  }

  it('no file names a place outside the project', () => {
    const texts = files.filter((path) => !/pnpm-lock|\.wasm$|test\/tidy\.test\.ts$/.test(path))
    const found = texts.flatMap((path) => {
      const text = readText(path)
      const at = text.search(foreignPaths)
      return at === -1 ? [] : [`${path}:${lineAt(text, at)}`]
    })
    expect(found).toEqual([])
  })

  it('every error code in the sources has its entry, and every entry is used', () => {
    const isCatalogue = (path: string) => path.endsWith('/errors/catalogue.ts')
    const codesIn = (list: SourceFile[]) =>
      new Set(list.flatMap(({ code }) => code.match(/(?<!\benv(?:\.|\['))\bMILLRACE_[A-Z0-9_]+\b/g) ?? []))
    const entries = codesIn(modules.filter(({ path }) => isCatalogue(path)))
    const used = codesIn(modules.filter(({ path }) => !isCatalogue(path) && !isTest(path)))
    expect([...used].filter((code) => !entries.has(code))).toEqual([])
    expect([...entries].filter((code) => !used.has(code))).toEqual([])
  })
})

/** `a/{b,c}.ts` as the paths it stands for. */
function withAlternatives(path: string): string[] {
  const match = path.match(/^(.*)\{([^}]+)\}(.*)$/)
  if (match === null) return [path]
  const [, before = '', alternatives = '', after = ''] = match
  return alternatives.split(',').map((one) => `${before}${one}${after}`)
}

/** True when a file or folder is there; `*` stands for any part of a name. */
function isThere(path: string): boolean {
  if (!path.includes('*')) return existsSync(join(root, path))
  const pattern = new RegExp(`^${path.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`)
  return files.some((file) => pattern.test(file))
}

describe('documents', () => {
  it('docs/errors.md is what the catalogues say', async () => {
    expect(readText('docs/errors.md'), 'run `pnpm run docs` and commit').toBe(await errorsPage())
  })

  it('docs/limits.md is what the limits say', async () => {
    expect(readText('docs/limits.md'), 'run `pnpm run docs` and commit').toBe(await limitsPage())
  })

  it('the published JSON Schema is that of the generator', async () => {
    const published = readText('packages/datagen/schema.json')
    const own = JSON.parse(await generatorSchema())
    expect(JSON.parse(published), 'run `pnpm run docs` and commit').toEqual(own)
  })

  it('every room and module that ARCHITECTURE.md sends a reader to exists', () => {
    const paths = [
      ...readText('ARCHITECTURE.md').matchAll(/`((?:core|workers|datagen|millrace|bench)\/[^`]+)`/g),
    ].flatMap(([, path = '']) => withAlternatives(`packages/${path}`))
    expect(paths.length).toBeGreaterThan(20)
    expect(paths.filter((path) => !isThere(path))).toEqual([])
  })

  it('every test that docs/durability.md names is there', () => {
    const named = readText('docs/durability.md').matchAll(
      /\]\(\.\.\/(packages\/[^)]+\.test\.ts)\) \| \*(.+?)\* \|$/gm,
    )
    const tests = Array.from(named, ([, path, name]) => ({ path: path!, name: name! }))
    expect(tests.length).toBeGreaterThan(60)
    const missing = tests.filter(
      ({ path, name }) => !existsSync(join(root, path)) || !readText(path).includes(name),
    )
    expect(missing).toEqual([])
  })

  it('every decision has a number of its own, and its line in the list', () => {
    const decisions = files
      .filter((path) => /^docs\/decisions\/\d/.test(path))
      .map((path) => posix.basename(path))
    const numbers = decisions.map((name) => name.slice(0, 4))
    expect(numbers.toSorted()).toEqual(decisions.map((_, i) => String(i + 1).padStart(4, '0')))
    const list = readText('docs/decisions/README.md')
    const lines = decisions.map((name) => `| [${name.slice(0, 4)}](${name}) | `)
    expect(lines.filter((line) => !list.includes(line))).toEqual([])
  })

  it('every relative link leads somewhere', () => {
    const broken = files
      .filter((path) => path.endsWith('.md') && !path.startsWith('.changeset/'))
      .flatMap((path) => {
        const text = readFileSync(join(root, path), 'utf8').replace(/```[\s\S]*?```/g, '')
        return [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)].flatMap((match) => {
          const target = posix.join(posix.dirname(path), match[1] ?? '')
          return existsSync(join(root, target)) && !target.startsWith('..') ? [] : [`${path}: ${match[1]}`]
        })
      })
    expect(broken).toEqual([])
  })
})
