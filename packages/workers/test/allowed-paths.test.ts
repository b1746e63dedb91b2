/** `allowedPaths`: what services that run statements of others let them read. */
import { createReadStream, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { count, csvOf, inTestFolder, onUnix, withTable } from './sources.fixture.js'
import { single, testFolder, withDatabase, writeFile } from './support.js'

describe.runIf(onUnix)('allowedPaths', () => {
  /** data/a.csv, data/sub/b.csv, data2/c.csv, secret.csv and links between them. */
  function arrange(): string {
    for (const name of ['data', join('data', 'sub'), 'data2']) mkdirSync(inTestFolder(name))
    const files = [join('data', 'a.csv'), join('data', 'sub', 'b.csv'), join('data2', 'c.csv'), 'secret.csv']
    for (const [index, name] of files.entries()) writeFile(name, `id,name\n${index},x\n`)
    symlinkSync(inTestFolder('secret.csv'), inTestFolder(join('data', 'link.csv')))
    symlinkSync(testFolder(), inTestFolder(join('data', 'up')))
    symlinkSync(inTestFolder(join('data', 'a.csv')), inTestFolder(join('data', 'inner.csv')))
    symlinkSync(inTestFolder('data'), inTestFolder('other-name'))
    return inTestFolder('data')
  }

  it('lets files below them be loaded, by any name that leads there', async () => {
    const data = arrange()
    const names = [join(data, 'a.csv'), join(data, 'inner.csv'), join(data, 'sub', '..', 'a.csv')]
    for (const allowedPaths of [[data], [`${data}/`], [inTestFolder('other-name'), data]]) {
      for (const name of names) {
        rmSync(inTestFolder('test.mill'), { force: true })
        await withTable(async (db) => expect((await db.run(`COPY N FROM '${name}'`))?.rowsImported).toBe(1), {
          allowedPaths,
        })
      }
      rmSync(inTestFolder('test.mill'), { force: true })
      const glob = `COPY N FROM '${data}/sub/*.csv'`
      await withTable(async (db) => expect((await db.run(glob))?.rowsImported).toBe(1), { allowedPaths })
    }
  })

  it('refuses everything else alike, whether it exists or not', async () => {
    const data = arrange()
    const refused = [
      inTestFolder('secret.csv'),
      inTestFolder('absent.csv'),
      join(inTestFolder('data2'), 'c.csv'),
      `${data}2/c.csv`,
      `${data}/../secret.csv`,
      `${data}/sub/../../data2/c.csv`,
      `${data}/link.csv`,
      `${data}/up/secret.csv`,
      `${data}/up/data2/c.csv`,
      `${data}/l*.csv`,
      `${data}/*/../../data2/*.csv`,
      '/dev/zero',
      '/etc/passwd',
      '/etc/*',
      '/proc/self/environ',
      `${data}/up`,
    ]
    await withTable(
      async (db) => {
        for (const path of refused) {
          const error = { code: 'MILLRACE_PATH_NOT_ALLOWED', details: { source: path } }
          await expect(db.run(`COPY N FROM '${path}'`), path).rejects.toMatchObject(error)
          await expect(db.copyFrom('N', [path]), path).rejects.toMatchObject(error)
        }
        for (const absent of [`${data}/absent.csv`, `${data}/{x,../data2}/*.csv`]) {
          await expect(db.copyFrom('N', absent)).rejects.toMatchObject({ code: 'MILLRACE_IMPORT_SOURCE' })
        }
        expect(await count(db)).toBe(0)
      },
      { allowedPaths: [data] },
    )
  })

  it('may name single files, or nothing at all; a stream is the business of who made it', async () => {
    const file = writeFile('one.csv', csvOf(3))
    const twin = writeFile('one.csv.bak', csvOf(3))
    await withTable(
      async (db) => {
        await expect(db.copyFrom('N', twin)).rejects.toMatchObject({ code: 'MILLRACE_PATH_NOT_ALLOWED' })
        expect((await db.copyFrom('N', file)).rowsImported).toBe(3)
      },
      { allowedPaths: [file] },
    )
    rmSync(inTestFolder('test.mill'))
    await withTable(
      async (db) => {
        await expect(db.copyFrom('N', file)).rejects.toMatchObject({ code: 'MILLRACE_PATH_NOT_ALLOWED' })
        expect((await db.copyFrom('N', createReadStream(file))).rowsImported).toBe(3)
      },
      { allowedPaths: [] },
    )
  })

  it('hold for packed files and for those of a load that is resumed; nothing is written', async () => {
    const data = arrange()
    writeFile('secret.gz', gzipSync(csvOf(3)))
    writeFile(join('data', 'good.gz'), gzipSync(csvOf(3)))
    symlinkSync(inTestFolder('secret.gz'), join(data, 'link.gz'))
    const refused = { code: 'MILLRACE_PATH_NOT_ALLOWED' }
    await withTable(
      async (db) => {
        const link = join(data, 'link.gz')
        await expect(db.copyFrom('N', link)).rejects.toMatchObject(refused)
        await expect(db.copyFrom('N', [join(data, 'good.gz'), link])).rejects.toMatchObject(refused)
        const rejects = `${data}/rejects.csv`
        const statement = `COPY N FROM '${data}/good.gz' (IGNORE_ERRORS, REJECTS='${rejects}')`
        await expect(db.run(statement)).rejects.toMatchObject({
          code: 'MILLRACE_ARGUMENT',
          details: { what: 'rejects' },
        })
        expect(readdirSync(data)).not.toContain('rejects.csv.part')

        const bad = writeFile(join('data', 'bad.csv'), 'id,name\n1,a\nx,b\n')
        const load = { onFailure: 'keep', resume: true } as const
        await expect(db.copyFrom('N', bad, load)).rejects.toMatchObject({ code: 'MILLRACE_LOAD_STOPPED' })
        renameSync(bad, inTestFolder('bad.csv'))
        symlinkSync(inTestFolder('bad.csv'), bad)
        await expect(db.copyFrom('N', bad, load)).rejects.toMatchObject(refused)
        rmSync(bad)
        renameSync(inTestFolder('bad.csv'), bad)
        const resumed = await db.copyFrom('N', bad, { ...load, ignoreErrors: true })
        expect(resumed).toMatchObject({ rowsResumed: 1, rowsSkipped: 1 })
      },
      { allowedPaths: [data] },
    )
  })

  it('holds for the file that is read, when another is put in its place all the time', async () => {
    const data = arrange()
    const target = join(data, 'moving.csv')
    const swap = (to: string) => {
      symlinkSync(to, join(data, 'next'))
      renameSync(join(data, 'next'), target)
    }
    swap(join(data, 'a.csv'))
    // A process of its own: within this one nothing moves while a file is opened.
    const script = `
      const { renameSync, symlinkSync } = require('node:fs')
      for (let turn = 0; ; turn++) {
        symlinkSync(turn % 2 ? ${JSON.stringify(inTestFolder('secret.csv'))} : ${JSON.stringify(join(data, 'a.csv'))}, ${JSON.stringify(join(data, 'next'))})
        renameSync(${JSON.stringify(join(data, 'next'))}, ${JSON.stringify(target)})
      }`
    const { spawn } = await import('node:child_process')
    const swapper = spawn(process.execPath, ['-e', script], { stdio: 'ignore' })
    try {
      await withTable(
        async (db) => {
          let [loaded, refusals] = [0, 0]
          // Both must be seen; on a busy machine the other process may stand still for many turns.
          const deadlineMs = performance.now() + 20_000
          const isSeen = () => loaded > 0 && refusals > 0
          for (let turn = 0; turn < 150 || (!isSeen() && performance.now() < deadlineMs); turn++) {
            try {
              await db.copyFrom('N', target)
              loaded++
            } catch (error) {
              const { code } = error as { code: string }
              expect(['MILLRACE_PATH_NOT_ALLOWED', 'MILLRACE_DUPLICATE_KEY']).toContain(code)
              if (code === 'MILLRACE_PATH_NOT_ALLOWED') refusals++
            }
          }
          expect(loaded).toBe(1)
          expect(refusals).toBeGreaterThan(0)
          // The secret file has the key 3.
          expect(await single(db, 'MATCH (n:N) RETURN n.id')).toBe(0)
        },
        { allowedPaths: [data] },
      )
    } finally {
      swapper.kill('SIGKILL')
    }
  })

  it('are checked when the database is opened', async () => {
    for (const allowedPaths of [[inTestFolder('absent')], [''], 'data' as never, [7 as never]]) {
      await expect(withDatabase(async () => {}, { allowedPaths })).rejects.toMatchObject({
        code: 'MILLRACE_ARGUMENT',
        message: expect.stringContaining('allowedPaths'),
      })
    }
    expect(readdirSync(testFolder())).toEqual([])
  })
})
