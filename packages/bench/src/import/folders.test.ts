import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ownName, removeAbandoned } from './folders.js'

it('what a stopped bench left behind is removed; what others use or made by hand is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-folders-'))
  try {
    // No process has this number: it is above what systems give.
    for (const name of [ownName('millrace'), 'run-999999999-kuzu', 'mine', 'N2-10-g1']) {
      mkdirSync(join(folder, name))
    }
    removeAbandoned(folder)
    expect(readdirSync(folder).sort()).toEqual(['N2-10-g1', 'mine', ownName('millrace')].sort())
  } finally {
    rmSync(folder, { recursive: true })
  }
})
