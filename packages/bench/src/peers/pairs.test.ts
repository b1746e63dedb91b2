import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../figures/sample.fixture.js'
import { ratiosOf } from './pairs.js'
import { peers, peersFolder } from './peers.js'

describe('the ratio of pairs', () => {
  it('is the middle of the ratios, not the ratio of the middles', () => {
    // The machine was ten times slower during the second pair: that pair says the same as the others.
    const ratios = ratiosOf([run(100), run(1000), run(100)], [run(500), run(5000), run(600)])
    expect(ratios.importTime).toBe(5)
    expect(ratios.importTimeMax).toBe(6)
  })

  it('is above one where the rival needs more', () => {
    const ours = [run(100, { peakRssBytes: 100, databaseBytes: 50 })]
    const theirs = [run(50, { peakRssBytes: 300, databaseBytes: 100 })]
    expect(ratiosOf(ours, theirs)).toMatchObject({ importTime: 0.5, peakRss: 3, databaseBytes: 2 })
  })
})

describe('the peers', () => {
  it('each has its module, and its packages are pinned', () => {
    const manifest = JSON.parse(readFileSync(join(peersFolder, 'package.json'), 'utf8'))
    for (const { modulePath, packages } of peers) {
      expect(existsSync(modulePath), modulePath).toBe(true)
      for (const name of packages) expect(manifest.optionalDependencies[name]).toMatch(/^\d+\.\d+\.\d+/)
    }
  })
})
