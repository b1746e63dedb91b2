/**
 * Every template and a schema of everything odd, restored into a real server: no error, no warning, equal
 * tables.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type FormatName, generate, templates } from '@millrace/datagen'
import { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Server, startServer } from './server.js'

let server: Server
beforeAll(async () => {
  server = await startServer()
  process.stderr.write(`${server.version}\n`)
})
afterAll(async () => await server.stop())

interface Restored {
  readonly notices: readonly string[]
  /** Rows and a digest of each table. */
  readonly tables: Readonly<Record<string, string>>
  readonly constraints: number
  readonly invalid: readonly string[]
}

/** Runs a dump as psql would: statements, and the data of COPY behind its statement. */
async function execute(client: Client, dump: string): Promise<void> {
  for (let at = 0; at < dump.length; ) {
    const copy = /^COPY .* FROM stdin;\n/m.exec(dump.slice(at))
    await client.query(dump.slice(at, copy === null ? undefined : at + copy.index))
    if (copy === null) return
    const begin = at + copy.index + copy[0].length
    const end = dump.indexOf('\n\\.\n', begin) + 1
    const stream = client.query(copyFrom(copy[0].trim()))
    const done = new Promise<void>((resolve, reject) => stream.on('finish', resolve).on('error', reject))
    stream.end(dump.slice(begin, end))
    await done
    at = end + 3
  }
}

async function restore(
  schema: string | object,
  format: FormatName,
  options: { readonly scale?: number },
): Promise<Restored> {
  const data = await generate(schema, options)
  const chunks: Uint8Array[] = []
  for await (const chunk of data.stream({ format })) chunks.push(chunk)
  const admin = new Client({ host: server.host, user: 'postgres', database: 'postgres' })
  await admin.connect()
  await admin.query('DROP DATABASE IF EXISTS restored')
  await admin.query('CREATE DATABASE restored')
  await admin.end()
  const client = new Client({ host: server.host, user: 'postgres', database: 'restored' })
  const notices: string[] = []
  client.on('notice', ({ message }) => notices.push(String(message)))
  await client.connect()
  try {
    await execute(client, Buffer.concat(chunks).toString('utf8'))
    const tables: Record<string, string> = {}
    for (const { name, rows } of data.tables) {
      const table = `"${name.replaceAll('"', '""')}"`
      const { rows: found } = await client.query(
        `SELECT count(*)::int AS rows, md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) AS digest FROM ${table} t`,
      )
      expect([name, found[0].rows]).toEqual([name, rows])
      tables[name] = found[0].digest
    }
    const checked = await client.query(
      "SELECT conname, convalidated FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    )
    const invalid = checked.rows.filter((row) => row.convalidated !== true).map((row) => String(row.conname))
    await insertMore(client, data.schema)
    return { notices, tables, constraints: checked.rows.length, invalid }
  } finally {
    await client.end()
  }
}

/** Sequences go on behind the data: a row whose key counts by itself can be added. */
async function insertMore(
  client: Client,
  schema: Awaited<ReturnType<typeof generate>>['schema'],
): Promise<void> {
  for (const table of schema.tables) {
    const needed = table.columns.filter(
      (column) => !column.nullable && column.type.serial !== true && column.default === undefined,
    )
    const counts = table.columns.some((column) => column.type.serial === true)
    if (!counts || needed.length > 0) continue
    const isUnique = table.uniques.length > 0
    if (!isUnique) await client.query(`INSERT INTO "${table.name.replaceAll('"', '""')}" DEFAULT VALUES`)
  }
}

/** The schema of everything odd, and a hundred tables that refer to each other. */
function torture(): object {
  const text = readFileSync(fileURLToPath(new URL('torture.yaml', import.meta.url)), 'utf8')
  const schema = parse(text) as { tables: Record<string, unknown> }
  for (let number = 0; number < 100; number++) {
    const references =
      number === 0
        ? {}
        : {
            before: { type: 'integer', references: `t${number - 1}` },
            half: { type: 'integer', nullable: false, references: `t${Math.floor(number / 2)}` },
          }
    schema.tables[`t${number}`] = {
      row_count: ((number * 37) % 50) + 1,
      columns: { id: { type: 'serial', primary_key: true }, name: { type: 'text' }, ...references },
    }
  }
  return schema
}

async function bothFormats(
  schema: string | object,
  options: { readonly scale?: number } = {},
): Promise<void> {
  const [sql, copy] = [await restore(schema, 'sql', options), await restore(schema, 'copy', options)]
  for (const restored of [sql, copy]) {
    expect(restored.notices).toEqual([])
    expect(restored.invalid).toEqual([])
    expect(restored.constraints).toBeGreaterThan(0)
  }
  expect(copy.tables).toEqual(sql.tables)
}

describe('a dump restores without an error or a warning, the same from SQL and COPY', () => {
  for (const { name } of templates()) it(name, async () => await bothFormats(name, { scale: 0.1 }))

  it('circles, keys of several columns, odd names and values, a hundred tables', async () =>
    await bothFormats(torture()))
})
