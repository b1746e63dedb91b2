import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findFiles, openFile, requireSameColumns } from './open-inputs.js'
import { resolveOptions } from './options.js'
import type { SourcePath } from './source-file.js'

let folder: string
let source: SourcePath
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-open-'))
  const path = join(folder, 'a.csv')
  writeFileSync(path, 'id,name\n1,a\n')
  source = { path, asked: path, allowed: null }
})
afterEach(() => rmSync(folder, { recursive: true }))

const options = resolveOptions({}, { threads: 1, memoryBudget: 64 << 20 })
const open = (from: SourcePath) =>
  openFile(from, 0, { options, ring: null, keepsChecksum: false }, new AbortController().signal)

const changed = { code: 'MILLRACE_SOURCE_CHANGED' }

it('a file that shrinks between its opening and its header is an error, wherever it is cut', async () => {
  for (const bytes of [0, 1, 5, 8, 9]) {
    writeFileSync(source.path, 'id,name\n1,a\n')
    const opening = open(source)
    // It is open, and its header is read in a later turn.
    truncateSync(source.path, bytes)
    await expect(opening).rejects.toMatchObject({ ...changed, details: { before: 12, now: bytes } })
  }
})

it('what is opened must be what was found', async () => {
  const [found] = findFiles([source], () => {}).paths
  const opened = await open(found!)
  opened.input.close()
  truncateSync(source.path, 8)
  await expect(open(found!)).rejects.toMatchObject(changed)
})

it.each([
  [['a', 'b'], ['a', 'c'], 'it has no "b", but "c"'],
  [['a', 'b'], ['a'], 'it has no "b"'],
  [['a'], ['a', 'b'], 'it has "b"'],
  [['a', 'b'], ['b', 'a'], 'they are in another order, or another number'],
  [['a', 'a'], ['a'], 'they are in another order, or another number'],
])('columns that are not those of the first file are named: %j, %j', (one, other, problem) => {
  const shape = (file: string, header: string[]) => ({ file, header, fieldCount: header.length })
  expect(() => requireSameColumns(shape('2.csv', other), shape('1.csv', one))).toThrow(
    `2.csv: the header cannot be used: its columns are not those of 1.csv: ${problem}; load it by itself.`,
  )
})

it('files without a header are told apart by the fields of their first records', () => {
  const shape = (file: string, fieldCount: number) => ({ file, header: null, fieldCount })
  requireSameColumns(shape('2.csv', 3), shape('1.csv', 3))
  expect(() => requireSameColumns(shape('2.csv', 3), shape('1.csv', 2))).toThrow(
    'its columns are not those of 1.csv: its first record has 3 fields, not 2',
  )
})
