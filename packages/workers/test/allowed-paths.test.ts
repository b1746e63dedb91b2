/** `allowedPaths`: what services that run statements of others let them read. */
import {
  closeSync,
  createReadStream,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Database } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { count, csvOf, inTestFolder, onUnix, withTable } from './sources.fixture.js'
import { rowsOf, testFolder, withDatabase, writeFile } from './support.js'

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

  /** Everything that takes the path of a file, also within a transaction. */
  const ways: [string, (db: Database, path: string) => Promise<unknown>][] = [
    ['COPY', (db, path) => db.run(`COPY N FROM '${path}'`)],
    ['COPY of several', (db, path) => db.run(`COPY N FROM ['${inTestFolder('data/a.csv')}', '${path}']`)],
    ['COPY in a transaction', (db, path) => db.transaction((tx) => tx.run(`COPY N FROM '${path}'`))],
    ['COPY, to be resumed', (db, path) => db.run(`COPY N FROM '${path}' (ON_FAILURE='keep', RESUME)`)],
    ['copyFrom', (db, path) => db.copyFrom('N', path, { threads: 2, blockSize: 4096 })],
    ['copyFrom in a transaction', (db, path) => db.transaction((tx) => tx.copyFrom('N', path))],
    ['copyFrom, trying', (db, path) => db.copyFrom('N', [path], { dryRun: true })],
    ['LOAD FROM', async (db, path) => await db.query(`LOAD FROM '${path}' RETURN *`).toArray()],
    ['LOAD FROM in CREATE', (db, path) => db.run(`LOAD FROM '${path}' CREATE (:N {id: 1})`)],
    [
      'LOAD FROM with types',
      async (db, path) =>
        await db.query(`LOAD WITH HEADERS (id INT64, name STRING) FROM '${path}' RETURN id`).toArray(),
    ],
    [
      'LOAD FROM in a transaction',
      (db, path) => db.transaction(async (tx) => await tx.query(`LOAD FROM '${path}' RETURN *`).toArray()),
    ],
    ['sniff_csv', async (db, path) => await db.query(`CALL sniff_csv('${path}') RETURN *`).toArray()],
  ]

  it.each(ways)('refuses everything else alike, whether it exists or not: %s', async (_, read) => {
    const data = arrange()
    symlinkSync(inTestFolder('nothing'), join(data, 'dangling'))
    const descriptor = openSync(inTestFolder('secret.csv'), 'r')
    const here = process.cwd()
    const refused = [
      inTestFolder('secret.csv'),
      inTestFolder('absent.csv'),
      join(inTestFolder('data2'), 'c.csv'),
      `${data}2/c.csv`,
      `${data}2`,
      `${data}/../secret.csv`,
      `${data}/sub/../../data2/c.csv`,
      `${data}/link.csv`,
      `${data}/dangling`,
      `${data}/up`,
      `${data}/up/secret.csv`,
      `${data}/up/absent.csv`,
      `${data}/up/../absent.csv`,
      `${data}/up/data2/c.csv`,
      `${data}/l*.csv`,
      `${data}/up/*.csv`,
      `${data}/up/absent*.csv`,
      `${data}/*/../../data2/*.csv`,
      `${data}/{x,../data2}/*.csv`,
      `${data}/{x,../absent}/*.csv`,
      `${data}2/*.csv`,
      'secret.csv',
      './data/../secret.csv',
      'data/../absent.csv',
      'data2/*.csv',
      '../*',
      '/dev/zero',
      '/dev/stdin',
      `/dev/fd/${descriptor}`,
      `/proc/self/fd/${descriptor}`,
      '/proc/self/cwd/secret.csv',
      `/proc/self/root${inTestFolder('secret.csv')}`,
      '/proc/self/environ',
      '/etc/passwd',
      '/etc/absent',
      '/etc/*',
    ]
    try {
      process.chdir(testFolder())
      await withTable(
        async (db) => {
          for (const path of refused) {
            const error = { code: 'MILLRACE_PATH_NOT_ALLOWED', details: { source: path } }
            await expect((async () => await read(db, path))(), path).rejects.toMatchObject(error)
          }
          for (const absent of [`${data}/absent.csv`, `${data}/absent*.csv`, 'data/sub/*.tsv']) {
            await expect((async () => await read(db, absent))(), absent).rejects.toMatchObject({
              code: 'MILLRACE_IMPORT_SOURCE',
            })
          }
          expect(await count(db)).toBe(0)
          for (const path of [join(data, 'sub', 'b.csv'), 'data/sub/b.csv', './data/../data/sub/?.csv']) {
            await read(db, path)
            await db.run('MATCH (n:N) DELETE n')
          }
        },
        { allowedPaths: ['data'] },
      )
    } finally {
      process.chdir(here)
      closeSync(descriptor)
    }
  })

  it('are what wildcards are looked for in: links lead no farther, and to nothing twice', async () => {
    const data = arrange()
    const found = async (pattern: string, allowedPaths?: string[]) =>
      await withDatabase(
        async (db) => (await rowsOf(db, `LOAD FROM '${pattern}' RETURN *`)).length,
        allowedPaths === undefined ? {} : { allowedPaths },
      )
    rmSync(join(data, 'link.csv'))
    // a.csv, the link to it, and sub/b.csv; up/ leads to all of it again, and to more.
    expect(await found(`${data}/**/*.csv`, [data])).toBe(3)
    expect(await found(`${data}/**/*.csv`)).toBe(3)
    expect(await found(`${data}/*/*.csv`, [data])).toBe(1)
    expect(await found(`${data}/*/*.csv`)).toBe(2)
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
