/** Sources that are no file of CSV: a clear error soon, and nothing loaded. */
import {
  chmodSync,
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  symlinkSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Database, readCsv, sniffCsvFile } from '@millrace/workers'
import { describe, expect, it } from 'vitest'
import { count, csvOf, inTestFolder, makeFifo, onUnix, withTable } from './sources.fixture.js'
import { single, withDatabase, writeFile } from './support.js'

/** Everything that reads a file by its path. */
function waysToRead(db: Database, path: string): [string, () => Promise<unknown>][] {
  const quoted = `'${path.replaceAll("'", "\\'")}'`
  return [
    ['copyFrom', () => db.copyFrom('N', path)],
    ['copyFrom, to be resumed', () => db.copyFrom('N', path, { onFailure: 'keep', resume: true })],
    ['copyFrom, as one of several', () => db.copyFrom('N', [writeFile('good.csv', csvOf(1)), path])],
    ['COPY', () => db.run(`COPY N FROM ${quoted}`)],
    ['LOAD FROM', async () => await db.query(`LOAD FROM ${quoted} RETURN *`).toArray()],
    ['sniff_csv', async () => await db.query(`CALL sniff_csv(${quoted}) RETURN *`).toArray()],
    ['sniffCsvFile', () => sniffCsvFile(path)],
    ['readCsv', () => readCsv(path).columns()],
  ]
}

describe.runIf(onUnix)('a source that is no regular file', () => {
  const cases: [string, () => string, string, RegExp][] = [
    ['absent', () => inTestFolder('absent'), 'it does not exist', /Check the path.*working directory/],
    ['nothing', () => '', 'it does not exist', /Check the path/],
    [
      'a directory',
      () => {
        mkdirSync(inTestFolder('directory'))
        return inTestFolder('directory')
      },
      'it is a directory',
      /pattern/,
    ],
    [
      'links in a circle',
      () => {
        symlinkSync('b', inTestFolder('a'))
        symlinkSync('a', inTestFolder('b'))
        return inTestFolder('a')
      },
      'its links lead in a circle',
      /links/,
    ],
    [
      'a path that is too long',
      () => inTestFolder('x'.repeat(5000)),
      'its path, or a name in it, is longer than the system allows',
      /Shorten/,
    ],
    ['behind a file', () => join(writeFile('f', ''), 'x'), 'a part of its path is not a directory', /path/],
    ['a name that nothing has', () => 'a\0b', 'no path has such characters', /Check the path/],
    ['a device', () => '/dev/zero', 'it is a device', /pipe/],
    ['nothing, as a device', () => '/dev/null', 'it is a device', /pipe/],
    [
      'a link to a device',
      () => {
        symlinkSync('/dev/zero', inTestFolder('zero'))
        return inTestFolder('zero')
      },
      'it is a device',
      /pipe/,
    ],
  ]
  it.each(cases)('is refused at once, and said what it is: %s', async (_, make, problem, hint) => {
    await withTable(async (db) => {
      const path = make()
      const before = process.cpuUsage()
      for (const [way, read] of waysToRead(db, path)) {
        await expect(read(), way).rejects.toMatchObject({
          code: 'MILLRACE_IMPORT_SOURCE',
          details: { source: path, problem },
          advice: expect.stringMatching(hint),
        })
      }
      const { user, system } = process.cpuUsage(before)
      expect(user + system).toBeLessThan(5_000_000)
      expect(await count(db)).toBe(0)
    })
  })

  it('is refused when it is a socket', async () => {
    const path = inTestFolder('socket')
    const server = createServer().listen(path)
    await new Promise((resolve) => server.once('listening', resolve))
    try {
      await withTable(async (db) => {
        for (const [way, read] of waysToRead(db, path)) {
          await expect(read(), way).rejects.toMatchObject({
            code: 'MILLRACE_IMPORT_SOURCE',
            details: { problem: 'it is a socket' },
            advice: expect.stringContaining('Connect to it'),
          })
        }
      })
    } finally {
      server.close()
    }
  })

  it('is refused when this process may not read it', async ({ skip }) => {
    await withTable(async (db) => {
      const path = writeFile('secret.csv', csvOf(1))
      chmodSync(path, 0)
      const mayRead = () => {
        try {
          closeSync(openSync(path, 'r'))
          return true
        } catch {
          return false
        }
      }
      // Who may read everything becomes nobody for a while.
      const user = process.geteuid?.() ?? 0
      if (user === 0) process.seteuid?.(65_534)
      try {
        skip(mayRead(), 'this process may read every file')
        for (const [way, read] of waysToRead(db, path)) {
          if (way === 'copyFrom, as one of several') continue
          await expect(read(), way).rejects.toMatchObject({
            code: 'MILLRACE_IMPORT_SOURCE',
            details: { source: path, problem: 'this process may not read it' },
            advice: expect.stringContaining('right to read'),
          })
        }
      } finally {
        if (user === 0) process.seteuid?.(0)
      }
      expect(await count(db)).toBe(0)
      expect((await db.copyFrom('N', writeFile('good.csv', csvOf(10)))).rowsImported).toBe(10)
    })
  })

  it.runIf(process.platform === 'linux')(
    'is refused when it is made as it is read, and its size says nothing',
    async () => {
      // The first has no size, the second one that is larger than what is in it.
      const paths = ['/proc/self/status', '/sys/kernel/mm/transparent_hugepage/enabled']
      await withTable(async (db) => {
        for (const path of paths.filter(existsSync)) {
          for (const [way, read] of waysToRead(db, path)) {
            await expect(read(), way).rejects.toMatchObject({
              code: 'MILLRACE_IMPORT_SOURCE',
              details: { source: path, problem: expect.stringContaining('it is made when it is read') },
              advice: expect.stringContaining('pipe'),
            })
          }
          await expect(db.copyFrom('N', createReadStream(path))).rejects.not.toMatchObject({
            code: 'MILLRACE_IMPORT_SOURCE',
          })
        }
      })
    },
  )

  it('is read as a stream when it is a pipe, also when its writer comes later', async () => {
    const path = makeFifo('pipe')
    await withTable(async (db) => {
      const loading = db.run(`COPY N FROM '${path}'`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      // Opened for writing alone, it would wait for ever if the load had given up.
      const writer = openSync(path, 'r+')
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
      const before = process.cpuUsage()
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
      const { user, system } = process.cpuUsage(before)
      expect(user + system).toBeLessThan(5_000_000)
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
        code: 'MILLRACE_CSV_NO_RECORD',
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
      const before = process.cpuUsage()
      await expect(db.copyFrom('N', file)).rejects.toMatchObject({ code: 'MILLRACE_MISSING_COLUMN' })
      const listed = { columns: ['id', ...names(100_000).slice(1)] }
      await expect(db.copyFrom('N', file, listed)).rejects.toMatchObject({ code: 'MILLRACE_MEMORY_BUDGET' })
      const { user, system } = process.cpuUsage(before)
      expect(user + system).toBeLessThan(5_000_000)
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
