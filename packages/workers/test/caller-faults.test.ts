/**
 * Calls of the file system that fail on the caller's thread: typed errors, nothing lost, nothing left open.
 */
import type * as fs from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { Database } from '@millrace/workers'
import { afterEach, describe, expect, it } from 'vitest'
import { single, testFolder, withDatabase, writeFile } from './support.js'

/** What `node:fs` exports, for all who import it. */
const builtin = createRequire(import.meta.url)('node:fs') as typeof fs
const { openSync, readSync, fstatSync, statSync, closeSync, realpathSync } = builtin
const real = { openSync, readSync, fstatSync, statSync, closeSync, realpathSync }

type Call = keyof typeof real

afterEach(restore)

const pathOf = (file: unknown): string =>
  typeof file === 'number' ? builtin.readlinkSync(`/proc/self/fd/${file}`) : String(file)

/**
 * Has the `at`-th call of `call` for a file whose path ends in `ending` fail from now on, once. What closes
 * does so all the same, as the kernel does it.
 * @returns whether it has
 */
function fail(call: Call, ending: string, at: number): () => boolean {
  let calls = 0
  const failing = (...values: unknown[]) => {
    const isNow = pathOf(values[0]).endsWith(ending) && ++calls === at
    if (isNow && call !== 'closeSync')
      throw Object.assign(new Error('EIO: made by a test'), { code: 'EIO', syscall: call })
    const result = (real[call] as (...values: unknown[]) => unknown)(...values)
    if (isNow) throw Object.assign(new Error('EIO: made by a test'), { code: 'EIO', syscall: call })
    return result
  }
  Object.assign(builtin, { [call]: failing })
  syncBuiltinESMExports()
  return () => calls >= at
}

function restore(): void {
  Object.assign(builtin, real)
  syncBuiltinESMExports()
}

const openPaths = () =>
  builtin.readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      return [builtin.readlinkSync(`/proc/self/fd/${name}`)]
    } catch {
      return []
    }
  })

const codeOf = async (action: Promise<unknown>): Promise<unknown> =>
  await action.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  )

const rows = 50
const csv = `id,name\n${Array.from({ length: rows }, (_, row) => `${row},name ${row}\n`).join('')}`

describe.runIf(process.platform === 'linux')('a source', () => {
  it.each(['openSync', 'readSync', 'fstatSync', 'statSync'] as const)(
    'of which a call fails is named, nothing of it is loaded, and it is not kept open: %s',
    async (call) => {
      const file = writeFile('faulty.csv', csv)
      await withDatabase(async (db) => {
        await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
        let failures = 0
        for (let at = 1; ; at++) {
          const hasFailed = fail(call, 'faulty.csv', at)
          const code = await codeOf(db.copyFrom('N', file, { threads: 1 }))
          restore()
          expect(openPaths().filter((path) => path.endsWith('faulty.csv'))).toEqual([])
          if (!hasFailed()) break
          expect(code, `${call} ${at}`).toBe('MILLRACE_IMPORT_SOURCE')
          expect(await single(db, 'MATCH (n:N) RETURN count(*)')).toBe(0)
          failures++
        }
        expect(failures).toBeGreaterThan(0)
        expect(await single(db, 'MATCH (n:N) RETURN count(*)')).toBe(rows)
      })
    },
  )

  it('of which a refused record cannot be read again has each of them among the rejects once, when it is resumed', async () => {
    // Records that are too long: the others were read by whoever has parsed them.
    const long = 'long '.repeat(60)
    const lines = Array.from({ length: 400 }, (_, row) => `${row},name ${row % 8 === 3 ? long : row}\n`)
    const file = writeFile('refused.csv', `id,name\n${lines.join('')}`)
    const rejects = join(testFolder(), 'rejects.csv')
    const options = {
      ...{ threads: 1, blockSize: 1500, maxRowBytes: 200, ignoreErrors: true, rejects },
      ...({ onFailure: 'keep', resume: true } as const),
    }
    await withDatabase(async (db) => {
      /** Loads with a read that fails, and goes on if it does. */
      const load = async (at: number) => {
        await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
        fail('readSync', 'refused.csv', at)
        const code = await codeOf(db.copyFrom('N', file, options))
        restore()
        if (code !== undefined) await db.copyFrom('N', file, options)
        expect(await single(db, 'MATCH (n:N) RETURN count(*)')).toBe(350)
        await db.run('DROP TABLE N')
        return { code, written: builtin.readFileSync(rejects, 'utf8') }
      }
      const whole = await load(Number.POSITIVE_INFINITY)
      expect(whole.written.split('\n')).toHaveLength(52)
      const codes: unknown[] = []
      for (const at of [9, 20, 31, 42]) {
        const { code, written } = await load(at)
        codes.push(code)
        expect(written, `read ${at}`).toBe(whole.written)
      }
      expect(codes).toContain('MILLRACE_LOAD_STOPPED')
    })
  })

  it('whose closing fails was read all the same: what was committed is not reported as failed', async () => {
    const file = writeFile('closed.csv', csv)
    await withDatabase(async (db) => {
      let failures = 0
      for (let at = 1; ; at++) {
        await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
        const hasFailed = fail('closeSync', 'closed.csv', at)
        const { rowsImported } = await db.copyFrom('N', file, { threads: 1 })
        restore()
        expect(rowsImported).toBe(rows)
        expect(await single(db, 'MATCH (n:N) RETURN count(*)')).toBe(rows)
        await db.run('DROP TABLE N')
        if (!hasFailed()) break
        failures++
      }
      expect(failures).toBeGreaterThan(0)
    })
  })
})

it.runIf(process.platform === 'linux')('a place for rejects that cannot be looked up is named', async () => {
  const file = writeFile('a.csv', csv)
  const options = { threads: 1, ignoreErrors: true, rejects: writeFile('rejects.csv', '') }
  await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
    const hasFailed = fail('realpathSync', 'rejects.csv', 1)
    expect(await codeOf(db.copyFrom('N', file, options))).toBe('MILLRACE_IO')
    restore()
    expect(hasFailed()).toBe(true)
    expect((await db.copyFrom('N', file, options)).rowsImported).toBe(rows)
  })
})

describe.runIf(process.platform === 'linux')('a database', () => {
  it.each(['openSync', 'fstatSync', 'realpathSync'] as const)(
    'that cannot be opened here is not kept locked by the thread that could: %s',
    async (call) => {
      const path = join(testFolder(), 'kept.mill')
      const options = { threads: 1, memoryBudget: 32 << 20 }
      for (let at = 1; ; at++) {
        const hasFailed = fail(call, 'kept.mill', at)
        const opening = Database.open(path, options)
        const code = await codeOf(opening)
        restore()
        if (code === undefined) await (await opening).close()
        else expect(code).toBe('MILLRACE_IO')
        await (await Database.open(path, options)).close()
        if (!hasFailed()) break
      }
    },
  )

  it('whose closing fails was closed', async () => {
    const path = join(testFolder(), 'shut.mill')
    const db = await Database.open(path, { threads: 1, memoryBudget: 32 << 20 })
    const hasFailed = fail('closeSync', 'shut.mill', 1)
    await db.close()
    restore()
    expect(hasFailed()).toBe(true)
    expect(openPaths().filter((open) => open.endsWith('shut.mill'))).toEqual([])
  })
})
