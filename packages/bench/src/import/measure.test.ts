/** Small imports through the same processes as the large ones; the compiled modules do the work. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { prepareWorkload, type Workload } from '../workloads/index.js'
import { millrace } from './contender.js'
import { measureRuns, prepareRuns } from './measure.js'

const packageFolder = fileURLToPath(new URL('../../', import.meta.url))
const ours = { ...millrace({}), modulePath: join(packageFolder, 'dist/import/child.js') }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-measure-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const steps: string[] = []
const options = () => ({ folder, cold: false, onStep: (text: string) => steps.push(text) })

/** A peer that keeps the file as it is and counts its lines. */
function copyingPeer() {
  const serve = pathToFileURL(join(packageFolder, 'peers/serve.mjs'))
  const modulePath = join(folder, 'copying.mjs')
  writeFileSync(
    modulePath,
    `import { copyFileSync, readFileSync } from 'node:fs'
    import { serve } from '${serve}'
    await serve({
      async load({ csvPath, databasePath }) {
        copyFileSync(csvPath, databasePath)
        return () => {}
      },
      async check({ databasePath, table, sums }) {
        const lines = readFileSync(databasePath, 'utf8').trim().split('\\n').slice(1)
        const sumOf = (column) => {
          const at = table.columns.findIndex(({ name }) => name === column)
          return lines.reduce((sum, line) => sum + Number(line.split(',')[at]), 0)
        }
        const found = Object.keys(sums).map((column) => [column, sumOf(column)])
        return { rows: lines.length, sums: Object.fromEntries(found) }
      },
    })`,
  )
  return { name: 'copying', title: 'A copy', modulePath, needsNodes: false, engine: {} }
}

/** A workload that expects another sum than its file has. */
function withWrongSum(workload: Workload): Workload {
  const [totals, ...samples] = workload.checks
  if (totals === undefined) throw new Error('no checks')
  const expected = { ...totals.expected, age: Number(totals.expected.age) + 1 }
  return { ...workload, checks: [{ ...totals, expected }, ...samples] }
}

describe('measured imports', () => {
  it('nodes: time, memory, size and counters of every run', async () => {
    const workload = await prepareWorkload('N2', 0.0002, folder)
    const runs = await measureRuns(ours, workload, 2, options())
    expect(runs).toHaveLength(2)
    for (const run of runs) {
      expect(run.importMs).toBeGreaterThan(0)
      expect(run.processMs).toBeGreaterThan(run.importMs)
      expect(run.peakRssBytes).toBeGreaterThan(10e6)
      expect(run.databaseBytes).toBeGreaterThan(0)
      expect(run.timings).toHaveProperty('parseMs')
    }
  })

  it('relationships go into a database that holds their nodes; none is left behind', async () => {
    const workload = await prepareWorkload('E1', 0.0002, folder)
    const [run] = await measureRuns(ours, workload, 1, options())
    expect(run?.databaseBytes).toBeGreaterThan(0)
    expect(readdirSync(folder).filter((name) => /^(?:run|nodes)-/.test(name))).toEqual([])
  })

  it('another seed is checked as strictly', async () => {
    const workload = await prepareWorkload('E3', 0.0002, folder, 7)
    expect(await measureRuns(ours, workload, 1, options())).toHaveLength(1)
  })

  it('a wrong result is not measured', async () => {
    const workload = withWrongSum(await prepareWorkload('N2', 0.0002, folder))
    await expect(measureRuns(ours, workload, 1, options())).rejects.toThrow('the result is wrong')
  })
})

describe('what a process takes', () => {
  it("is what GNU time says of it: the parent's memory and what came before node do not count", async () => {
    const path = ['/usr/bin/time', '/bin/time'].find((one) => existsSync(one))
    // Elsewhere there is nothing to compare with.
    if (path === undefined || process.platform !== 'linux') return
    const ballast = Buffer.alloc(300e6, 1)
    const said = join(folder, 'said')
    const launcher = [path, '--format', '%e %M', '--output', said]
    const prepared = await prepareRuns(ours, await prepareWorkload('N2', 0.0002, folder), options())
    const run = async () => {
      const { peakRssBytes, processMs } = await prepared.run(launcher)
      const [seconds = 0, kibibytes = 0] = readFileSync(said, 'utf8').split(' ').map(Number)
      // It keeps running for a moment after it has answered.
      expect(peakRssBytes / (kibibytes * 1024)).toBeGreaterThan(0.95)
      expect(peakRssBytes / (kibibytes * 1024)).toBeLessThan(1.02)
      expect(processMs / 1000).toBeGreaterThanOrEqual(seconds - 0.01)
      return processMs / 1000 - seconds
    }
    // Either process may have to wait for its turn, each time for another while.
    const beyond = [await run()]
    while (Math.min(...beyond) >= 0.25 && beyond.length < 8) beyond.push(await run())
    expect(Math.min(...beyond)).toBeLessThan(0.25)
    expect(ballast[1]).toBe(1)
  })
})

describe("a peer's module", () => {
  it('loads, closes and is checked by a process of its own', async () => {
    const [run] = await measureRuns(copyingPeer(), await prepareWorkload('N2', 0.0002, folder), 1, options())
    expect(run?.peakRssBytes).toBeGreaterThan(10e6)
  })

  it('whose sums are wrong is not measured', async () => {
    const workload = withWrongSum(await prepareWorkload('N2', 0.0002, folder))
    await expect(measureRuns(copyingPeer(), workload, 1, options())).rejects.toThrow('sum of age')
  })

  it('that dies says why', async () => {
    const peer = { ...copyingPeer(), modulePath: join(folder, 'dying.mjs') }
    writeFileSync(peer.modulePath, "throw new Error('no such library')")
    const runs = measureRuns(peer, await prepareWorkload('N2', 0.0002, folder), 1, options())
    await expect(runs).rejects.toThrow('no such library')
  })
})
