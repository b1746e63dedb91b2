/** The same bytes, whoever makes them: jobs, batches, parts, runs. On the built package, with its threads. */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { type FormatOptions, type Generation, generate } from '@millrace/datagen'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-datagen-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const schema = {
  tables: {
    people: {
      row_count: 7001,
      columns: {
        id: { type: 'serial', primary_key: true },
        first_name: { type: 'varchar(60)' },
        email: { type: 'varchar(200)', unique: true },
        boss: { type: 'int', references: 'people' },
        note: {
          type: 'text',
          values: ['plain', 'a, b', 'say "x"', "it's", 'two\nlines', 'tab\there', 'back\\slash', '', '\\.'],
          null_fraction: 0.2,
        },
        remark: { type: 'text', pattern: '(?:Said "hi", left|It\'s 5\\\\n|a\tb)\n[0-9]{2}(?:, [x"]+)?' },
        code: { type: 'text', pattern: '[A-Z]{2}-(?:ab|c){2} [0-9]{3,5}', unique: true },
        amount: { type: 'numeric(10,2)' },
        ratio: { type: 'double precision', format: 'full' },
        at: { type: 'timestamptz' },
        tags: { type: 'text[]', values: ['a"b', 'c,d', 'e\\f'] },
      },
    },
    pets: {
      row_count: 2503,
      columns: { owner: { type: 'int', references: 'people' }, name: { type: 'text' } },
    },
    nothing: { row_count: 0, columns: { id: { type: 'int' } } },
  },
}

async function bytesOf(data: Generation, options: FormatOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of data.stream(options)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('a dump', () => {
  it('has the extension of a type wherever the type is, and the rows that an index is of', async () => {
    const data = await generate({
      custom_types: { label: { kind: 'domain', base_type: 'citext' } },
      tables: {
        t: {
          row_count: 3,
          columns: { id: { type: 'int' }, labels: { type: 'label[]' } },
          indexes: [{ columns: ['id DESC'], unique: true, where: 'id > 5' }],
        },
      },
    })
    const dump = (await bytesOf(data, { format: 'copy' })).toString()
    expect(dump).toContain('CREATE EXTENSION IF NOT EXISTS "citext";')
    expect(dump).toContain('CREATE UNIQUE INDEX "t_id_idx" ON "t" ("id" DESC) WHERE id > 5;')
  })
})

describe('the bytes', () => {
  it('do not depend on the number of workers, nor on the run', async () => {
    for (const format of ['csv', 'copy', 'sql'] as const) {
      const tables = format === 'csv' ? { tables: ['people'] } : {}
      const digests = new Set<string>()
      for (const jobs of [undefined, 1, 2, 3]) {
        const options = { format, ...tables, ...(jobs !== undefined && { jobs }) }
        digests.add(digest(await bytesOf(await generate(schema), options)))
      }
      expect(digests.size).toBe(1)
    }
  })

  it('of CSV and COPY do not depend on the size of batches; SQL has the same rows in other statements', async () => {
    const data = await generate(schema)
    for (const format of ['csv', 'copy'] as const) {
      const tables = format === 'csv' ? { tables: ['people'] } : {}
      const [one, other] = [
        await bytesOf(data, { format, batchSize: 7, ...tables }),
        await bytesOf(data, { format, batchSize: 5000, ...tables }),
      ]
      expect(digest(one)).toBe(digest(other))
    }
    const rows = async (batchSize: number) =>
      (await bytesOf(data, { format: 'sql', batchSize }))
        .toString()
        .replace(/^INSERT.*\n/gm, '')
        .replace(/\)[;,]$/gm, ')')
    expect(await rows(7)).toBe(await rows(5000))
  })

  it('of all parts together are the whole', async () => {
    const data = await generate(schema)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('csv', 'copy', 'sql' as const),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 300 }),
        async (format, count, batchSize) => {
          const options = {
            format: format as 'csv',
            batchSize,
            ...(format === 'csv' ? { tables: ['pets'] } : {}),
          }
          const parts: Buffer[] = []
          for (let index = 1; index <= count; index++)
            parts.push(await bytesOf(data, { ...options, part: { index, count } }))
          expect(digest(Buffer.concat(parts))).toBe(digest(await bytesOf(data, options)))
        },
      ),
      { numRuns: 12 },
    )
  })

  it('depend on the seed', async () => {
    const of = async (seed: number) =>
      digest(await bytesOf(await generate(schema, { seed }), { format: 'copy' }))
    expect(await of(1)).not.toBe(await of(2))
    expect(await of(2)).toBe(await of(2))
  })

  it('of a table do not change when other tables or columns come and go', async () => {
    const fewer = { tables: { people: schema.tables.people } }
    const [all, one] = [await generate(schema), await generate(fewer)]
    expect(digest(await bytesOf(all, { tables: ['people'] }))).toBe(digest(await bytesOf(one, {})))
  })
})

/** The rows as text, as a format that tells NULL from nothing would have them. */
async function rowsOfApi(data: Generation): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = []
  for await (const batch of data.batches('people', { batchSize: 333 })) {
    for (const row of batch.rows()) {
      rows.push(
        ['id', 'first_name', 'email', 'boss', 'note'].map((name) =>
          row[name] === null ? null : String(row[name]),
        ),
      )
    }
  }
  return rows
}

describe('what is written can be read back', () => {
  it('CSV with csv-parse, NULL and nothing told apart', async () => {
    const data = await generate(schema)
    const text = (await bytesOf(data, { tables: ['people'] })).toString()
    const parsed = parse(text, {
      columns: true,
      cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
    }) as Record<string, string | null>[]
    expect(parsed.map((row) => [row.id, row.first_name, row.email, row.boss, row.note])).toEqual(
      await rowsOfApi(data),
    )
    expect(new Set(parsed.map((row) => row.note)).size).toBe(10)
  })

  it('COPY by its own rules', async () => {
    const data = await generate(schema)
    const text = (await bytesOf(data, { format: 'copy' })).toString()
    const [, body = ''] = /COPY "people" [^\n]*\n([\s\S]*?)\n\\\.\n/.exec(text) ?? []
    const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\' }
    const rows = body.split('\n').map((line) =>
      line
        .split('\t')
        .slice(0, 5)
        .map((field) =>
          field === '\\N' ? null : field.replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter),
        ),
    )
    expect(rows).toEqual(await rowsOfApi(data))
  })
})

describe('files', () => {
  it('one for each table, whole or packed, and nothing beside them', async () => {
    const data = await generate(schema)
    const plain = await data.write({ output: join(folder, 'plain/'), jobs: 2 })
    await data.write({ output: join(folder, 'packed/'), gzip: true, jobs: 2 })
    expect(readdirSync(join(folder, 'plain')).sort()).toEqual(['nothing.csv', 'people.csv', 'pets.csv'])
    expect(readFileSync(join(folder, 'plain/nothing.csv'), 'utf8')).toBe('id\n')
    expect(plain.rows).toBe(9504)
    for (const name of ['people', 'pets', 'nothing']) {
      const packed = gunzipSync(readFileSync(join(folder, `packed/${name}.csv.gz`)))
      expect(digest(packed)).toBe(digest(readFileSync(join(folder, `plain/${name}.csv`))))
    }
  })

  it('a stream gets the same bytes, no faster than it takes them', async () => {
    const data = await generate(schema)
    const slow = new PassThrough({ highWaterMark: 1000 })
    const hash = createHash('sha256')
    const reading = (async () => {
      for await (const chunk of slow) {
        hash.update(chunk as Buffer)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    await data.write({ output: slow, tables: ['people'] })
    slow.end()
    await reading
    expect(hash.digest('hex')).toBe(digest(await bytesOf(data, { tables: ['people'] })))
  })

  it('given up on the way leave nothing, and what was there before stays', async () => {
    const data = await generate(schema, { rows: { people: 500_000 } })
    const target = join(folder, 'given-up')
    const old = join(target, 'people.csv')
    await (await generate(schema)).write({ output: `${target}/`, tables: ['people'] })
    const before = digest(readFileSync(old))
    const controller = new AbortController()
    const writing = data.write({
      output: `${target}/`,
      jobs: 2,
      signal: controller.signal,
      onProgress: ({ rowsWritten }) => {
        if (rowsWritten > 1000) controller.abort(new Error('enough'))
      },
    })
    await expect(writing).rejects.toThrow('enough')
    expect(readdirSync(target)).toEqual(['people.csv'])
    expect(digest(readFileSync(old))).toBe(before)
  })

  it('that cannot be written are named', async () => {
    const data = await generate(schema)
    writeFileSync(join(folder, 'file'), '')
    await expect(data.write({ output: join(folder, 'file', 'below.csv'), tables: ['pets'] })).rejects.toThrow(
      /below\.csv cannot be written/,
    )
    await expect(data.write({ output: join(folder, 'all.csv') })).rejects.toThrow(
      /3 tables, and a CSV file holds one/,
    )
    expect(existsSync(join(folder, 'all.csv'))).toBe(false)
  })
})
