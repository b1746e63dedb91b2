/**
 * Sources that do not stay as they were: an error that names the file and what has changed, nothing of it is
 * loaded, and the next load works. Nothing here waits for a time: files are changed when a load tells of its
 * progress, or between two calls.
 */
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { gzipSync } from 'node:zlib'
import { type Database, readCsv } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { count, csvOf, inTestFolder, makeFifo, onUnix, withTable, zstdOf } from './sources.fixture.js'
import { writeFile } from './support.js'

type Change = (path: string) => void

/** Writes other bytes, as many as before. */
const overwrite: Change = (path) => writeFileSync(path, readFileSync(path).fill(0x37, 10, 12), { flag: 'r+' })

const replace: Change = (path) => {
  writeFileSync(`${path}.new`, readFileSync(path))
  renameSync(`${path}.new`, path)
}

/** A file as it was for a long time: any change of it changes its time, too. */
function writeOldFile(name: string, bytes: Uint8Array | string): string {
  const path = writeFile(name, bytes)
  utimesSync(path, 1, 1)
  return path
}

/**
 * Loads in small steps, and calls `change` once, when the first rows are there and others are not yet read.
 */
function stepsWith(change: () => void) {
  let isChanged = false
  return {
    ...{ blockSize: 65_536, batchSize: 1000, threads: 1, memoryBudget: 48 << 20 },
    onProgress: () => {
      if (!isChanged) change()
      isChanged = true
    },
  }
}

/** Nothing was loaded, and the next load works. */
async function expectUntouched(db: Database): Promise<void> {
  expect(await count(db)).toBe(0)
  expect((await db.copyFrom('N', writeFile('good.csv', csvOf(10)))).rowsImported).toBe(10)
  expect(await count(db)).toBe(10)
}

describe('a file that changes while it is read', () => {
  // Digits that do not repeat: it must not be read to its end before it changes.
  const lines = Array.from({ length: 100_000 }, (_, row) => `${row},${Math.sin(row)}${Math.cos(row)}\n`)
  const text = Buffer.from(`id,name\n${lines.join('')}`)
  const kinds: [string, Uint8Array, object][] = [
    ['plain', text, {}],
    ['gzip', gzipSync(text, { level: 1 }), {}],
    ['Zstandard', zstdOf(text), {}],
    ['UTF-16', Buffer.from(text.toString(), 'utf16le'), { encoding: 'utf-16le' }],
  ]
  const changes: [string, Change, RegExp][] = [
    ['shrinks', (path) => truncateSync(path, 300_000), /it had \d+ bytes, now it has 300000/],
    ['is emptied', (path) => truncateSync(path, 0), /it had \d+ bytes, now it has 0/],
    ['grows', (path) => appendFileSync(path, '9999999,late\n'), /it had \d+ bytes, now it has \d+/],
    ['is overwritten', overwrite, /it was written to/],
  ]
  for (const [kind, bytes, options] of kinds) {
    it.each(changes)(`that %s is named, and nothing of it is loaded: ${kind}`, async (_, change, problem) => {
      const file = writeOldFile('a.csv', bytes)
      await withTable(async (db) => {
        const steps = stepsWith(() => change(file))
        await expect(db.copyFrom('N', file, { ...steps, ...options })).rejects.toMatchObject({
          code: 'MILLRACE_SOURCE_CHANGED',
          details: { source: file, problem: expect.stringMatching(problem) },
        })
        await expectUntouched(db)
      })
    })

    it(`that is removed or replaced was opened, and is read to its end: ${kind}`, async () => {
      for (const change of [rmSync as Change, replace]) {
        const file = writeOldFile('a.csv', bytes)
        await withTable(async (db) => {
          const steps = stepsWith(() => change(file))
          expect((await db.copyFrom('N', file, { ...steps, ...options })).rowsImported).toBe(lines.length)
          await db.run('DROP TABLE N')
        })
        rmSync(inTestFolder('test.mill'))
      }
    })
  }

  it('is named by whoever reads it without a database', async () => {
    for (const [at, [kind, bytes, options]] of kinds.entries()) {
      for (const [what, change, problem] of [changes[at]!, changes[1]!]) {
        const file = writeOldFile('a.csv', bytes)
        const reading = async () => {
          let batches = 0
          for await (const _ of readCsv(file, {
            ...options,
            blockSize: 65_536,
            threads: 1,
            batchSize: 1000,
          })) {
            if (batches++ === 0) change(file)
          }
        }
        await expect(reading(), `${kind} ${what}`).rejects.toMatchObject({
          code: 'MILLRACE_SOURCE_CHANGED',
          details: { source: file, problem: expect.stringMatching(problem) },
        })
      }
    }
  })

  it('is named by the query that reads it', async () => {
    await withTable(async (db) => {
      for (const [what, change, problem] of changes) {
        const file = writeOldFile('a.csv', text)
        const reading = async () => {
          let batches = 0
          for await (const _ of db.query(`LOAD FROM '${file}' RETURN *`).batches()) {
            if (batches++ === 0) change(file)
          }
        }
        await expect(reading(), what).rejects.toMatchObject({
          code: 'MILLRACE_SOURCE_CHANGED',
          details: { source: file, problem: expect.stringMatching(problem) },
        })
      }
    })
  })
})

describe('a file that changes between the first look at it and its turn', () => {
  const changes: [string, Change, string, RegExp][] = [
    ['shrinks', (path) => truncateSync(path, 20), 'MILLRACE_SOURCE_CHANGED', /had \d+ bytes, now it has 20/],
    ['is emptied', (path) => truncateSync(path, 0), 'MILLRACE_SOURCE_CHANGED', /now it has 0/],
    ['grows', (path) => appendFileSync(path, '8,late\n'), 'MILLRACE_SOURCE_CHANGED', /now it has \d+/],
    ['is overwritten', overwrite, 'MILLRACE_SOURCE_CHANGED', /it was written to/],
    ['is replaced by its like', replace, 'MILLRACE_SOURCE_CHANGED', /another file is at its path/],
    ['is packed', (path) => writeFileSync(path, gzipSync(csvOf(9))), 'MILLRACE_SOURCE_CHANGED', /now it has/],
    ['is removed', (path) => rmSync(path), 'MILLRACE_IMPORT_SOURCE', /it does not exist any more/],
    [
      'becomes a directory',
      (path) => {
        rmSync(path)
        mkdirSync(path)
      },
      'MILLRACE_IMPORT_SOURCE',
      /it is a directory/,
    ],
    ...(onUnix
      ? ([
          [
            'becomes a pipe',
            (path) => {
              rmSync(path)
              makeFifo('b.csv')
            },
            'MILLRACE_IMPORT_SOURCE',
            /it is a pipe/,
          ],
          [
            'becomes a device',
            (path) => {
              rmSync(path)
              symlinkSync('/dev/zero', path)
            },
            'MILLRACE_IMPORT_SOURCE',
            /it is a device/,
          ],
        ] satisfies [string, Change, string, RegExp][])
      : []),
  ]

  it.each(changes)('and %s, is named, and nothing of the load is there', async (_, change, code, problem) => {
    const first = csvOf(30_000)
    for (const [source, options] of [
      [inTestFolder('?.csv'), {}],
      [[inTestFolder('a.csv'), inTestFolder('b.csv')], { onFailure: 'keep', resume: true } as const],
    ] as const) {
      rmSync(inTestFolder('test.mill'), { force: true })
      rmSync(inTestFolder('b.csv'), { force: true, recursive: true })
      writeOldFile('a.csv', first)
      const second = writeOldFile('b.csv', csvOf(10, 1_000_000))
      await withTable(async (db) => {
        const steps = stepsWith(() => change(second))
        const error = await db.copyFrom('N', source as string, { ...steps, ...options }).catch((e) => e)
        const isKept = error.code === 'MILLRACE_LOAD_STOPPED'
        const failure = isKept ? error.cause : error
        expect(failure).toMatchObject({
          code,
          details: { source: second, problem: expect.stringMatching(problem) },
        })
        // Whoever asked for it keeps what came before; nobody has rows of the file that has changed.
        if (!isKept) return await expectUntouched(db)
        expect(error.details.rows).toBeLessThanOrEqual(30_000)
        expect(await count(db)).toBe(error.details.rows)
      })
    }
  })

  it.each(changes)('and %s, is named by the query that reads it later', async (_, change, code, problem) => {
    const file = writeOldFile('b.csv', csvOf(10))
    await withTable(async (db) => {
      const result = db.query(`LOAD FROM '${file}' RETURN *`)
      change(file)
      await expect(result.toArray()).rejects.toMatchObject({
        code,
        details: { source: file, problem: expect.stringMatching(problem) },
      })
      await expectUntouched(db)
    })
  })
})
