/** Sources that are no file of CSV, or do not stay what they were: a clear error soon, and nothing loaded. */
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  createReadStream,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Database, sniffCsvFile } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { single, testFolder, withDatabase, writeFile } from './support.js'

const onUnix = process.platform !== 'win32'
const inTestFolder = (name: string) => join(testFolder(), name)

async function withTable<T>(action: (db: Database) => Promise<T>, options = {}): Promise<T> {
  return await withDatabase(async (db) => {
    await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
    return await action(db)
  }, options)
}

const count = (db: Database) => single(db, 'MATCH (n:N) RETURN count(*)')

function csvOf(rows: number): string {
  return `id,name\n${Array.from({ length: rows }, (_, row) => `${row},name ${row}\n`).join('')}`
}

function makeFifo(name: string): string {
  const path = inTestFolder(name)
  execFileSync('mkfifo', [path])
  return path
}

describe.runIf(onUnix)('a source that is no regular file', () => {
  it('is refused at once, and said what it is', async () => {
    mkdirSync(inTestFolder('directory'))
    symlinkSync('b', inTestFolder('a'))
    symlinkSync('a', inTestFolder('b'))
    symlinkSync('/dev/zero', inTestFolder('zero'))
    await withTable(async (db) => {
      const cases = [
        [inTestFolder('directory'), 'it is a directory'],
        [inTestFolder('a'), 'its links lead in a circle'],
        [inTestFolder('zero'), 'it is a device'],
        ['/dev/zero', 'it is a device'],
        [join(inTestFolder('test.mill'), 'x'), 'a part of its path is not a directory'],
        [inTestFolder('absent'), 'it does not exist'],
        ['', 'it does not exist'],
      ] as const
      for (const [path, problem] of cases) {
        await expect(db.copyFrom('N', path)).rejects.toMatchObject({
          code: 'MILLRACE_IMPORT_SOURCE',
          details: { problem },
        })
        await expect(sniffCsvFile(path)).rejects.toMatchObject({ code: 'MILLRACE_IMPORT_SOURCE' })
      }
      await expect(db.copyFrom('N', 'a\0b')).rejects.toMatchObject({ code: 'MILLRACE_IMPORT_SOURCE' })
      expect(await count(db)).toBe(0)
    })
  })

  it('is read as a stream when it is a pipe, also when its writer comes later', async () => {
    const path = makeFifo('pipe')
    await withTable(async (db) => {
      const loading = db.run(`COPY N FROM '${path}'`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      // A plain open for writing waits for the reader, which is there.
      const writer = openSync(path, 'w')
      writeSync(writer, csvOf(1000))
      closeSync(writer)
      expect(await loading).toMatchObject({ rowsImported: 1000 })
    })
  })

  it('is an error soon when it is a pipe that nothing writes to, and at once when aborted', async () => {
    const path = makeFifo('pipe')
    await withTable(async (db) => {
      const stop = new AbortController()
      const loading = db.copyFrom('N', path, { signal: stop.signal })
      stop.abort(new Error('enough'))
      await expect(loading).rejects.toThrow('enough')
      await expect(db.copyFrom('N', path)).rejects.toMatchObject({
        code: 'MILLRACE_IMPORT_SOURCE',
        message: expect.stringContaining('a pipe that nothing writes to'),
      })
      await expect(sniffCsvFile(path)).rejects.toThrow(/pipe/)
      const file = writeFile('a.csv', csvOf(1))
      await expect(db.copyFrom('N', [file, path])).rejects.toMatchObject({
        details: { source: path, problem: expect.stringContaining('pipe') },
      })
    })
  })
})

describe('a pattern', () => {
  it('that would take for ever to match is refused; any other ends soon', async () => {
    writeFile('a'.repeat(200), '')
    await withTable(async (db) => {
      const startedAt = performance.now()
      const [many, most] = ['*a'.repeat(30), '*a'.repeat(3)]
      for (const pattern of [`${many}b`, '{a,aa}'.repeat(30)]) {
        await expect(db.copyFrom('N', inTestFolder(`${pattern}b*`))).rejects.toMatchObject({
          details: { problem: expect.stringContaining('more than 4 wildcards') },
        })
      }
      for (const pattern of [`${most}b*`, '+(a|aa)+(a|aa)+(a|aa)*b', `${'['.repeat(5000)}*]`]) {
        await expect(db.copyFrom('N', inTestFolder(pattern))).rejects.toMatchObject({
          code: 'MILLRACE_IMPORT_SOURCE',
        })
      }
      expect(performance.now() - startedAt).toBeLessThan(5000)
    })
  })
})

describe('a file of another format', () => {
  const formats = [
    ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
    ['bzip2', [...Buffer.from('BZh91AY&SY')]],
    ['LZ4', [4, 0x22, 0x4d, 0x18]],
    ['ZIP', [...Buffer.from('PK\x03\x04')]],
    ['Parquet', [...Buffer.from('PAR1\x15')]],
    ['Arrow', [...Buffer.from('ARROW1\0\0')]],
    ['SQLite', [...Buffer.from('SQLite format 3\0')]],
    ['UTF-16', [...Buffer.from('\ufeffid,name\n', 'utf16le')]],
    ['UTF-16', [...Buffer.from('\ufeffid,name\n', 'utf16le').swap16()]],
    ['UTF-16', [...Buffer.from('id,name\n'.repeat(9), 'utf16le')]],
    ['UTF-32', [0xff, 0xfe, 0, 0]],
  ] as const

  it.each(formats)('is named: %s', async (name, first) => {
    const file = writeFile('other', Uint8Array.from([...first, ...new Uint8Array(300).fill(0xe9)]))
    await withTable(async (db) => {
      const refused = { code: 'MILLRACE_NOT_CSV', message: expect.stringContaining(name) }
      for (const options of [{}, { header: false }, { ignoreErrors: true, header: false }]) {
        await expect(db.copyFrom('N', file, options)).rejects.toMatchObject(refused)
        await expect(db.copyFrom('N', createReadStream(file), options)).rejects.toMatchObject(refused)
      }
      await expect(sniffCsvFile(file)).rejects.toMatchObject(refused)
      expect(await count(db)).toBe(0)
    })
  })

  it('is named when it is packed: in a gzip file, as a stream or pipe, or twice', async () => {
    const packed = gzipSync(csvOf(3))
    const file = writeFile('a.csv.gz', packed)
    const named = (name: string) => ({ code: 'MILLRACE_NOT_CSV', message: expect.stringContaining(name) })
    await withTable(async (db) => {
      const inside = writeFile('utf16.gz', gzipSync(Buffer.from('\ufeffid,name\n', 'utf16le')))
      const twice = writeFile('twice.gz', gzipSync(packed))
      for (const [path, name] of [
        [inside, 'UTF-16'],
        [twice, 'gzip'],
      ] as const) {
        await expect(db.copyFrom('N', path)).rejects.toMatchObject(named(name))
        await expect(sniffCsvFile(path)).rejects.toMatchObject(named(name))
      }
      await expect(db.copyFrom('N', createReadStream(file))).rejects.toMatchObject(named('gzip'))
      const frame = writeFile('a.csv.zst', Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0xe9]))
      await expect(db.copyFrom('N', createReadStream(frame))).rejects.toMatchObject(named('Zstandard'))
      expect(await count(db)).toBe(0)
      expect((await db.copyFrom('N', file)).rowsImported).toBe(3)
    })
  })

  it('is named when it is a database of ours', async () => {
    await withTable(async (db) => {
      await db.checkpoint()
      await expect(db.copyFrom('N', db.path)).rejects.toMatchObject({ code: 'MILLRACE_NOT_CSV' })
    })
  })

  it('is not suspected where a header begins like one', async () => {
    const file = writeFile('a.csv', 'PAR1,id,name\nx,1,a\n')
    await withTable(async (db) => {
      expect((await db.copyFrom('N', file)).rowsImported).toBe(1)
      expect((await db.copyFrom('N', writeFile('b.csv', 'MILLRACE,id,name\nx,2,a\n'))).rowsImported).toBe(1)
    })
  })
})

describe('a file that does not stay as it was', () => {
  const changes: [string, (path: string) => void][] = [
    ['shrinks', (path) => truncateSync(path, 1000)],
    ['grows', (path) => appendFileSync(path, '9999999,late\n')],
    ['is written anew', (path) => writeFileSync(path, 'id,name\n1,other\n')],
  ]
  it.each(changes)('that %s is named, and nothing of it is loaded', async (_, change) => {
    const file = writeFile('a.csv', csvOf(60_000))
    await withTable(async (db) => {
      let changed = false
      const loading = db.copyFrom('N', file, {
        blockSize: 65_536,
        batchSize: 1000,
        onProgress: () => {
          if (!changed) change(file)
          changed = true
        },
      })
      await expect(loading).rejects.toMatchObject({
        code: 'MILLRACE_SOURCE_CHANGED',
        details: { source: file },
      })
      expect(await count(db)).toBe(0)
      expect((await db.copyFrom('N', writeFile('good.csv', csvOf(10)))).rowsImported).toBe(10)
    })
  })

  it('that is packed and shrinks is named, and nothing of it is loaded', async () => {
    // Digits that do not repeat: it must not be read to its end before it changes.
    const lines = Array.from({ length: 300_000 }, (_, row) => `${row},${Math.sin(row)}${Math.cos(row)}\n`)
    const file = writeFile('a.csv.gz', gzipSync(`id,name\n${lines.join('')}`))
    await withTable(async (db) => {
      const loading = db.copyFrom('N', file, {
        blockSize: 65_536,
        batchSize: 1000,
        threads: 1,
        memoryBudget: 48 << 20,
        onProgress: () => truncateSync(file, 1000),
      })
      await expect(loading).rejects.toMatchObject({
        code: 'MILLRACE_SOURCE_CHANGED',
        details: { source: file },
      })
      expect(await count(db)).toBe(0)
    })
  })

  it('that disappears was opened and is read to its end; one that is not there in its turn is an error', async () => {
    const [first, second] = [writeFile('a.csv', csvOf(60_000)), writeFile('b.csv', 'id,name\n-1,x\n')]
    const removing = (path: string) => ({
      blockSize: 65_536,
      batchSize: 1000,
      onProgress: () => rmSync(path, { force: true }),
    })
    await withTable(async (db) => {
      await expect(db.copyFrom('N', [first, second], removing(second))).rejects.toMatchObject({
        code: 'MILLRACE_IMPORT_SOURCE',
        details: { source: second, problem: 'it does not exist' },
      })
      expect(await count(db)).toBe(0)
      expect((await db.copyFrom('N', first, removing(first))).rowsImported).toBe(60_000)
    })
  })
})

describe('a line that does not end', () => {
  it('of 2 GiB is refused at its beginning, or left out, within the memory budget', async () => {
    // Files with a hole: nothing is written but the first bytes.
    const [line, quote, header] = [
      writeFile('line', 'id,name\n'),
      writeFile('quote', 'id,name\n1,"'),
      writeFile('header', 'id'),
    ]
    for (const path of [line, quote, header]) truncateSync(path, 2 ** 31)
    await withTable(async (db) => {
      for (const path of [line, quote]) {
        await expect(db.copyFrom('N', path)).rejects.toMatchObject({
          code: 'MILLRACE_CSV_ROW_TOO_LONG',
          details: {
            row: 1,
            line: 2,
            ...(path === quote ? { openQuote: { field: 2, line: 2, byteOffset: 10 } } : {}),
          },
          message: expect.stringContaining('maxRowBytes'),
        })
      }
      await expect(db.copyFrom('N', header)).rejects.toMatchObject({ code: 'MILLRACE_CSV_HEADER' })
      await expect(db.copyFrom('N', header, { header: false })).rejects.toMatchObject({
        code: 'MILLRACE_CSV_HEADER',
      })
      await expect(sniffCsvFile(header)).resolves.toBeDefined()
      expect(await count(db)).toBe(0)
    })
    expect(process.resourceUsage().maxRSS).toBeLessThan(600 * 1024)
  })
})

describe('very many columns', () => {
  const names = (length: number) => Array.from({ length }, (_, index) => `c${index}`)

  it('of 100,000 two are loaded; a missing one is an error of readable length', async () => {
    const text = names(100_000).join(',')
    const numbers = text.replaceAll('c', '')
    const file = writeFile('wide.csv', `${text}\n${numbers}\n`)
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE N(c0 INT64, c99999 INT64, PRIMARY KEY(c0))')
      await db.run('CREATE NODE TABLE M(id INT64, PRIMARY KEY(id))')
      expect(await db.copyFrom('N', file)).toMatchObject({ rowsImported: 1 })
      expect(await single(db, 'MATCH (n:N) RETURN n.c99999')).toBe(99_999)
      const error = await db.copyFrom('M', file).catch((reason: Error) => reason)
      expect(error).toMatchObject({ code: 'MILLRACE_MISSING_COLUMN' })
      expect((error as Error).message).toContain('and 99950 more')
      expect((error as Error).message.length).toBeLessThan(2000)
    })
  })

  it('are bound to as many columns of a table in no time', async () => {
    const file = writeFile('wide.csv', `${names(100_000).join(',')}\n`)
    await withDatabase(async (db) => {
      const columns = names(9999).map((name) => `${name} BOOL`)
      await db.run(`CREATE NODE TABLE N(id INT64, ${columns.join(', ')}, PRIMARY KEY(id))`)
      const startedAt = performance.now()
      await expect(db.copyFrom('N', file)).rejects.toMatchObject({ code: 'MILLRACE_MISSING_COLUMN' })
      const listed = { columns: ['id', ...names(99_999)] }
      await expect(db.copyFrom('N', file, listed)).rejects.toMatchObject({ code: 'MILLRACE_MEMORY_BUDGET' })
      expect(performance.now() - startedAt).toBeLessThan(5000)
    })
  })

  it('of one table, as many as it may have, are loaded within the default budget', async () => {
    const rows = Array.from({ length: 30 }, (_, row) => names(10_000).map((_, at) => row * at + row))
    const file = writeFile('wide.csv', [names(10_000), ...rows].map((row) => `${row.join(',')}\n`).join(''))
    await withDatabase(
      async (db) => {
        const columns = names(10_000).map((name) => `${name} INT64`)
        await db.run(`CREATE NODE TABLE N(${columns.join(', ')}, PRIMARY KEY(c0))`)
        expect(await db.copyFrom('N', file, { batchSize: 10 })).toMatchObject({ rowsImported: 30 })
        expect(await single(db, 'MATCH (n:N) RETURN sum(n.c9999)')).toBe(435 * 10_000)
      },
      { memoryBudget: 160 << 20 },
    )
  })

  it('are refused when a header has more of them than any file', async () => {
    const file = writeFile('commas.csv', ','.repeat(20 << 20))
    await withTable(async (db) => {
      for (const header of [true, false]) {
        await expect(db.copyFrom('N', file, { header })).rejects.toMatchObject({
          code: 'MILLRACE_CSV_HEADER',
          message: expect.stringContaining('more than 262144 fields'),
        })
      }
    })
  })
})

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
