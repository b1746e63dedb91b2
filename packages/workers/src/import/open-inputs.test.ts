import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findFiles, openFile } from './open-inputs.js'
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
  openFile(from, 0, { options, ring: null, checksum: null }, new AbortController().signal)

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
