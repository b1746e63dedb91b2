/** Small imports at once, through the same processes as the large ones; the compiled modules do the work. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { millrace } from '../import/index.js'
import { prepareWorkload } from '../workloads/index.js'
import { measureTogether } from './measure.js'

const compiled = fileURLToPath(new URL('../../dist/', import.meta.url))
const ours = { ...millrace({}), modulePath: join(compiled, 'import/child.js') }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-together-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const options = () => ({
  folder,
  cold: false,
  onStep: () => {},
  runs: 1,
  modulePath: join(compiled, 'together/child.js'),
})

describe('imports at once', () => {
  it('nodes and relationships in one process are both right, and have one peak', async () => {
    const workloads = [
      await prepareWorkload('N4', 0.0002, folder),
      await prepareWorkload('E1', 0.0002, folder),
    ]
    const point = await measureTogether(ours, workloads, 'one process', options())
    expect(point.cases).toEqual(['N4', 'E1'])
    expect(point.importMs).toHaveLength(2)
    expect(point.peakRssBytesMax).toHaveLength(1)
    expect(point.elapsedMs).toBeGreaterThan(Math.max(...point.importMs))
    expect(readdirSync(folder).filter((name) => name.startsWith('run-'))).toEqual([])
  })

  it('whose result is wrong do not count', async () => {
    const good = await prepareWorkload('N1', 0.0002, folder)
    const bad = await prepareWorkload('N2', 0.0002, folder)
    const wrong = { ...bad, checks: bad.checks.map((check) => ({ ...check, expected: { rows: -1 } })) }
    const measured = measureTogether(ours, [good, wrong], 'two processes', options())
    await expect(measured).rejects.toThrow('the result is wrong')
  })
})
