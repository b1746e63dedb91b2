import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkplace, millrace, type Workplace } from './command.js'

let place: Workplace
beforeAll(() => {
  place = createWorkplace()
})
afterAll(() => place.dispose())

describe('millrace', () => {
  it.each([
    ['no command', []],
    ['an unknown command', ['load']],
    ['an unknown option', ['query', 'a.mill', 'CHECKPOINT', '--fast']],
    ['a missing argument', ['inspect']],
    ['an unknown format', ['query', 'a.mill', 'CHECKPOINT', '--format', 'xml']],
    ['a size that is none', ['query', 'a.mill', 'CHECKPOINT', '--memory', 'lots']],
    ['no threads', ['query', 'a.mill', 'CHECKPOINT', '--threads', '0']],
    ['a parameter without a value', ['query', 'a.mill', 'CHECKPOINT', '--param', 'x']],
    ['no statement at all', ['query', 'a.mill']],
    ['an import without a table', ['import', 'a.mill', 'towns.csv']],
    [
      'an import with half of its endpoints',
      ['import', 'a.mill', 'roads.csv', '--table', 'R', '--from', 'T'],
    ],
    ['an import that does not say what kind of table', ['import', 'a.mill', 'towns.csv', '--table', 'T']],
    ['a key that the file does not have', ['import', 'a.mill', 'towns.csv', '--table', 'T', '--key', 'x']],
    ['no delimiter', ['import', 'a.mill', 'towns.csv', '--table', 'T', '--key', 'id', '--delim', '']],
    ['a table of an empty file', ['import', 'a.mill', '-', '--table', 'T', '--key', 'x']],
  ])('exits 2 for %s and writes only to stderr', async (_what, parameters) => {
    const { code, stdout, stderr } = await millrace(place.folder, parameters)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(parameters.length === 0 ? /^Usage: millrace/ : /^error \[MILLRACE_USAGE\]: /)
  })

  it('prints help and its version to stdout and exits 0', async () => {
    const help = await millrace(place.folder, ['--help'])
    expect(help.code).toBe(0)
    for (const command of ['query', 'import', 'shell', 'inspect']) expect(help.stdout).toContain(command)
    const importHelp = await millrace(place.folder, ['import', '--help'])
    expect(importHelp.stdout).toContain('--null-strings')
    expect(importHelp.code).toBe(0)
    const version = await millrace(place.folder, ['--version'])
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    expect(version.stdout).toBe(`${JSON.parse(manifest).version}\n`)
    expect(version.code).toBe(0)
  })
})
