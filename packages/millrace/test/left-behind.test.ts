/** What a closed database leaves: its file. */
import { execFile } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const child = fileURLToPath(new URL('./children/open-and-close.mjs', import.meta.url))

it('a closed database leaves no thread, no open file, no timer and no other file, and the process ends', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-left-')))
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [child, folder], { timeout: 100_000 })
    const { before, after, files, left } = JSON.parse(stdout)
    expect(after).toEqual(before)
    expect(files).toEqual([])
    expect(left).toEqual(['graph.mill', 'n.csv'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
