/** Loads that are stopped at any moment, and callers and records that hold them up. */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { CopyOptions, Database } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { rowsOf, single, testFolder, withDatabase, writeFile } from './support.js'

const nodeRows = 60_000
const relRows = 150_000
const dose = Number(process.env.MILLRACE_TEST_DOSE ?? 1)
const seed = Number(process.env.MILLRACE_TEST_SEED ?? 1)

/**
 * Milliseconds of processor time, of all threads, from the abort to the end of the load. What is promised is
 * 200 ms; how long a machine with other things to do takes for them is not the load's.
 */
const stoppedCpuMsMax = 300

/** Numbers of [0, 1), the same for the same seed. */
function* randomNumbers(): Generator<number, never> {
  for (let state = seed >>> 0; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

const keyOf = (row: number) => `key ${(row * 7919) % nodeRows}`

function files(): { readonly nodes: string; readonly rels: string } {
  const nodes = Array.from({ length: nodeRows }, (_, row) => `${keyOf(row)},${row}\n`)
  const rels = Array.from({ length: relRows }, (_, row) => `${keyOf(row)},${keyOf(row * 31)},${row}\n`)
  return {
    nodes: writeFile('n.csv', `id,v\n${nodes.join('')}`),
    rels: writeFile('r.csv', `from,to,w\n${rels.join('')}`),
  }
}

async function createTables(db: Database): Promise<void> {
  await db.run('CREATE NODE TABLE N(id STRING, v INT64, PRIMARY KEY(id))')
  await db.run('CREATE REL TABLE R(FROM N TO N, w INT64)')
}

/**
 * Loads, and aborts after `afterMs`.
 * @returns milliseconds of processor time from there to the end; null: it had ended before
 */
async function stopped(
  db: Database,
  table: string,
  file: string,
  afterMs: number,
  options: CopyOptions = {},
) {
  const reason = new Error('stopped')
  const stop = new AbortController()
  let before = process.cpuUsage()
  const timer = setTimeout(() => {
    before = process.cpuUsage()
    stop.abort(reason)
  }, afterMs)
  try {
    await db.copyFrom(table, file, { ...options, signal: stop.signal })
    return null
  } catch (error) {
    expect(error).toBe(reason)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  } finally {
    clearTimeout(timer)
  }
}

const beside = () => readdirSync(testFolder()).filter((name) => /\.tmp|\.part/.test(name))

describe('a load that is aborted at any moment', () => {
  it.each([
    ['nodes whose keys need an index', 'N', 'MATCH (n:N) RETURN count(*)', nodeRows],
    ['relationships', 'R', 'MATCH ()-[r:R]->() RETURN count(*)', relRows],
  ] as const)('ends soon and leaves nothing behind: %s', async (_, table, count, rows) => {
    const { nodes, rels } = files()
    const file = table === 'N' ? nodes : rels
    const random = randomNumbers()
    // Little memory: relationships are spooled to a file.
    const options = { blockSize: 1 << 16, memoryBudget: 24 << 20 }
    const prepare = async (db: Database) => {
      await createTables(db)
      if (table === 'R') await db.copyFrom('N', nodes)
    }
    const whole = await withDatabase(
      async (db) => {
        await prepare(db)
        return await db.copyFrom(table, file, options)
      },
      { name: 'whole.mill' },
    )
    const size = statSync(join(testFolder(), 'whole.mill')).size
    await withDatabase(async (db) => {
      await prepare(db)
      let aborted = 0
      for (let run = 0; run < 12 * dose; run++) {
        const afterMs = random.next().value * whole.elapsedMs * 0.6
        const cpuMs = await stopped(db, table, file, afterMs, options)
        if (cpuMs === null) {
          expect(await single(db, count)).toBe(rows)
          await db.run(`DROP TABLE ${table === 'N' ? 'R' : table}`)
          if (table === 'N') await db.run('DROP TABLE N')
          if (table === 'N') await createTables(db)
          else await db.run('CREATE REL TABLE R(FROM N TO N, w INT64)')
          await db.checkpoint()
          continue
        }
        aborted++
        expect(cpuMs, `aborted after ${afterMs} ms, seed ${seed}`).toBeLessThan(stoppedCpuMsMax)
        expect(beside(), `aborted after ${afterMs} ms, seed ${seed}`).toEqual([])
        expect(await single(db, count)).toBe(0)
      }
      expect(aborted).toBeGreaterThan(0)
      expect((await db.copyFrom(table, file, options)).rowsImported).toBe(rows)
      expect(await single(db, count)).toBe(rows)
    })
    // What was dropped is free only after a checkpoint; nothing else may have grown the file.
    expect(statSync(join(testFolder(), 'test.mill')).size).toBeLessThan(size * 2.2)
  })

  it('before it begins does nothing', async () => {
    const { nodes } = files()
    await withDatabase(async (db) => {
      await createTables(db)
      const signal = AbortSignal.abort(new Error('too early'))
      await expect(db.copyFrom('N', nodes, { signal })).rejects.toThrow('too early')
      expect((await db.copyFrom('N', nodes)).rowsImported).toBe(nodeRows)
    })
  })

  it('within a transaction leaves the transaction as it was', async () => {
    const { nodes } = files()
    await withDatabase(async (db) => {
      await createTables(db)
      await db.transaction(async (tx) => {
        await tx.run("CREATE (:N {id: 'mine', v: 1})")
        const signal = AbortSignal.timeout(30)
        await expect(tx.copyFrom('N', nodes, { signal, blockSize: 1 << 16 })).rejects.toThrow(/timeout/)
        await tx.run("CREATE (:N {id: 'mine too', v: 2})")
      })
      expect(await rowsOf(db, 'MATCH (n:N) RETURN count(*) AS rows, sum(n.v) AS sum')).toEqual([
        { rows: 2, sum: 3 },
      ])
    })
  })
})

/** Keeps this thread from doing anything else. */
function block(milliseconds: number): void {
  for (const until = performance.now() + milliseconds; performance.now() < until; );
}

describe("a caller's thread that is busy", () => {
  it('holds the load up and changes nothing else, in onProgress and between', async () => {
    const { nodes, rels } = files()
    await withDatabase(async (db) => {
      await createTables(db)
      const timer = setInterval(() => block(100), 200)
      let reports = 0
      const onProgress = () => {
        reports++
        if (reports % 10 === 1) block(400)
      }
      const options = { blockSize: 1 << 16, onProgress }
      const loadedNodes = await db.copyFrom('N', nodes, options)
      const loadedRels = await db.copyFrom('R', rels, options)
      clearInterval(timer)
      expect([loadedNodes.rowsImported, loadedRels.rowsImported]).toEqual([nodeRows, relRows])
      expect(reports).toBeGreaterThan(3)
      expect(await single(db, 'MATCH (n:N) RETURN sum(n.v)')).toBe((nodeRows * (nodeRows - 1)) / 2)
      expect(await single(db, 'MATCH ()-[r:R]->() RETURN sum(r.w)')).toBe((relRows * (relRows - 1)) / 2)
    })
  })
})

describe('refused records whose file cannot take its name', () => {
  it('are kept in the file beside, and the error says that the rows are loaded', async () => {
    const file = writeFile('n.csv', 'id,v\na,1\nb,x\nc,3\n')
    const rejects = join(testFolder(), 'rejects.csv')
    mkdirSync(rejects)
    await withDatabase(async (db) => {
      await createTables(db)
      const load = db.copyFrom('N', file, { ignoreErrors: true, rejects })
      await expect(load).rejects.toMatchObject({ code: 'MILLRACE_REJECTS_UNNAMED' })
      expect(await single(db, 'MATCH (n:N) RETURN count(*)')).toBe(2)
      expect(readFileSync(`${rejects}.part`, 'utf8')).toContain('b,x')
    })
  })
})
