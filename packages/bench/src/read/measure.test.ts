/** Small files through the same processes as the large ones; the compiled modules do the work. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { peersFolder } from '../peers/index.js'
import { prepareWorkload } from '../workloads/index.js'
import { readOnce, readRatiosOf, requireRightReader, sideOf } from './measure.js'
import { readers } from './readers.js'

const modulePath = fileURLToPath(new URL('../../dist/read/child.js', import.meta.url))
const reader = { modulePath, reuse: false }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-read-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('a reader', () => {
  it.each(['N1', 'N3', 'E1'] as const)(
    'that reads %s rightly is timed in a process of its own',
    async (name) => {
      const workload = await prepareWorkload(name, 0.0002, folder)
      await requireRightReader({ modulePath, reuse: name === 'N3' }, workload)
      const run = await readOnce(reader, workload)
      expect(run.rows).toBe(workload.rows)
      expect(run.processMs).toBeGreaterThan(run.readMs)
      expect(run.peakRssBytes).toBeGreaterThan(10e6)
    },
  )

  it('whose count or sums are wrong does not count', async () => {
    const workload = await prepareWorkload('N1', 0.0002, folder)
    await expect(readOnce(reader, { ...workload, rows: 7 })).rejects.toThrow('2000 rows instead of 7')
    const [check] = workload.checks
    const checks = [{ ...check!, expected: { ...check!.expected, age: 1 } }]
    await expect(requireRightReader(reader, { ...workload, checks })).rejects.toThrow('the sum of age is')
  })

  it('has its ratio taken pair by pair', () => {
    const run = (readMs: number) => ({ rows: 1, readMs, processMs: readMs + 100, cpuMs: 1, peakRssBytes: 1 })
    // The machine was ten times slower during the second pair: that pair says the same as the others.
    const ratios = readRatiosOf([run(100), run(1000), run(100)], [run(500), run(5000), run(600)])
    expect(ratios).toMatchObject({ readTime: 5, readTimeMin: 5, readTimeMax: 6, processTime: 3.5 })
    expect(sideOf([run(100), run(1000), run(300)]).medians).toMatchObject({ readMs: 300, processMs: 400 })
  })
})

describe('the other parsers', () => {
  it('each has its module, and its packages are pinned', () => {
    const manifest = JSON.parse(readFileSync(join(peersFolder, 'package.json'), 'utf8'))
    for (const { modulePath: path, packages } of readers.filter(({ name }) => name !== 'reuse')) {
      expect(existsSync(path), path).toBe(true)
      for (const name of packages) expect(manifest.optionalDependencies[name]).toMatch(/^\d+\.\d+\.\d+/)
    }
  })
})
