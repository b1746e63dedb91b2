import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AllowedPaths } from './allowed-paths.js'
import { openRegularFile } from './source-file.js'

let folder: string
let data: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-allowed-'))
  data = join(folder, 'data')
  for (const name of ['data', join('data', 'sub'), 'other']) mkdirSync(join(folder, name))
  for (const name of ['data/a.csv', 'data/sub/a.csv', 'other/a.csv']) writeFileSync(join(folder, name), name)
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What `allowed` allows, with something done between its look at the path and the opening of the file. */
function allowedWith(afterLook: () => void): AllowedPaths {
  const allowed = AllowedPaths.resolve([data])!
  return {
    checkName: (path: string, asked: string) => allowed.checkName(path, asked),
    checkTarget: (path: string, asked: string) => {
      allowed.checkTarget(path, asked)
      afterLook()
    },
    checkOpened: (descriptor: number, path: string, asked: string) =>
      allowed.checkOpened(descriptor, path, asked),
  } as unknown as AllowedPaths
}

function exchange(path: string, target: string): void {
  symlinkSync(target, `${path}.new`)
  renameSync(`${path}.new`, path)
}

describe.runIf(process.platform !== 'win32')(
  'a path that is exchanged between the look and the opening',
  () => {
    const refused = expect.objectContaining({ code: 'MILLRACE_PATH_NOT_ALLOWED' })

    it('is refused when what was opened lies elsewhere: the file', () => {
      const path = join(data, 'a.csv')
      const allowed = allowedWith(() => exchange(path, join(folder, 'other', 'a.csv')))
      expect(() => openRegularFile({ path, asked: path, allowed })).toThrow(refused)
    })

    it('is refused when what was opened lies elsewhere: a directory on the way', () => {
      const path = join(data, 'sub', 'a.csv')
      const allowed = allowedWith(() => {
        renameSync(join(data, 'sub'), join(data, 'was-sub'))
        symlinkSync(join(folder, 'other'), join(data, 'sub'))
      })
      expect(() => openRegularFile({ path, asked: path, allowed })).toThrow(refused)
    })

    it('is refused when the file was moved out meanwhile', () => {
      const path = join(data, 'b.csv')
      writeFileSync(path, 'id\n')
      const allowed = allowedWith(() => {
        renameSync(path, join(folder, 'b.csv'))
        symlinkSync(join(folder, 'b.csv'), path)
      })
      expect(() => openRegularFile({ path, asked: path, allowed })).toThrow(refused)
    })
  },
)
