/** Names and values from strangers, from the header of a file to the screen of whoever asks. */
import { readFileSync, writeFileSync } from 'node:fs'
import { Database } from 'millrace'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkplace, millrace, type Workplace } from './command.js'

const names = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...['then', 'catch', 'toJSON', 'prototype', 'length', 'name', '0', '-1', 'null', 'undefined', 'NaN'],
  ...['double "quotes"', "an ' apostrophe", 'back`tick', 'a, b', 'a;b', 'line\nend', 'return\r', '\t', ' '],
  ...['\0', '\u001b[2J', '\u202egnp.exe', '\ufeff', '\ufeffid', 'emoji 👩‍👩‍👧', 'e\u0301', '\u00e9'],
  ...['=cmd()', '{table}', 'PRIMARY', 'FROM', 'MATCH', '../../x', '%s'],
]
/** As long as a name may be. */
const longest = 'L'.repeat(65_535)

const inBackticks = (name: string) => `\`${name.replaceAll('`', '``')}\``
const inCsv = (text: string) => `"${text.replaceAll('"', '""')}"`

let place: Workplace
let path: string
beforeAll(async () => {
  place = createWorkplace()
  path = place.path('names.mill')
  await using db = await Database.open(path, { threads: 1 })
  for (const [at, name] of names.entries()) {
    const [table, key] = [inBackticks(name), inBackticks(`${name} key`)]
    await db.run(`CREATE NODE TABLE ${table}(${key} INT64, ${table} STRING, PRIMARY KEY(${key}))`)
    writeFileSync(place.path('one.csv'), `${inCsv(`${name} key`)},${inCsv(name)}\n${at},${inCsv(name)}\n`)
    expect((await db.copyFrom(name, place.path('one.csv'))).rowsImported).toBe(1)
  }
  const long = inBackticks(longest)
  await db.run(`CREATE NODE TABLE ${long}(id INT64, ${long} STRING, PRIMARY KEY(id))`)
  writeFileSync(place.path('long.csv'), `id,${longest}\n1,${longest}\n`)
  await db.copyFrom(longest, place.path('long.csv'))
})
afterAll(() => place.dispose())

describe('any name of a table and of a column', () => {
  it('comes back as it was given, in rows without a prototype, also after reopening', async () => {
    await using db = await Database.open(path, { readOnly: true })
    for (const [at, name] of [...names.entries(), [1, longest] as const]) {
      const table = inBackticks(name)
      const key = inBackticks(name === longest ? 'id' : `${name} key`)
      const text = `MATCH (n:${table}) RETURN n.${table} AS ${table}, n.${key} AS k, n`
      const [row, ...others] = await db.query(text).toArray()
      expect(others).toEqual([])
      expect(Object.getPrototypeOf(row)).toBeNull()
      expect(Object.keys(row!)).toHaveLength(3)
      expect(row![name]).toBe(name)
      expect(row!.k).toBe(at)
      const node = row!.n as Record<string, unknown>
      expect(Object.getPrototypeOf(node)).toBeNull()
      expect(Object.hasOwn(node, name)).toBe(true)
      expect(node[name]).toBe(name)
      expect((await db.query(text).toArrow()).schema.fields.map((field) => field.name)).toContain(name)
    }
    // A row can be given out by an async function, whatever its columns are called.
    const [row] = await db.query('MATCH (n:then) RETURN n.then AS then').toArray()
    expect(await row).toBe(row)
    expect(Object.prototype).not.toHaveProperty('polluted')
  })

  it('is refused when it is empty, too long, or no Unicode, and the database stays what it is', async () => {
    const before = readFileSync(path)
    {
      await using db = await Database.open(path, { threads: 1 })
      for (const name of ['', `${longest}L`, '\ud800', 'a\udc00']) {
        const table = inBackticks(name)
        await expect(db.run(`CREATE NODE TABLE ${table}(id INT64, PRIMARY KEY(id))`)).rejects.toThrow()
        await expect(
          db.run(`CREATE NODE TABLE Fine(${table} INT64, PRIMARY KEY(${table}))`),
        ).rejects.toThrow()
        const error = await db.copyFrom(name, place.path('one.csv')).catch((reason: Error) => reason)
        expect(error).toMatchObject({ code: 'MILLRACE_NO_TABLE' })
        expect((error as Error).message.length).toBeLessThan(5000)
      }
    }
    expect(readFileSync(path)).toEqual(before)
  })
})

describe('the command with such names', () => {
  it.each(['__proto__', 'line\nend', 'double "quotes"', '\ufeffid', '\u001b[2J'])(
    'writes CSV and JSON that hold %j to the letter',
    async (name) => {
      const table = inBackticks(name)
      const statement = `MATCH (n:${table}) RETURN n.${table} AS ${table}`
      const json = await millrace(place.folder, ['query', 'names.mill', statement, '--format', 'json'])
      expect(JSON.parse(json.stdout)).toEqual(
        JSON.parse(`[{${JSON.stringify(name)}:${JSON.stringify(name)}}]`),
      )
      const csv = await millrace(place.folder, ['query', 'names.mill', statement, '--format', 'csv'])
      const cell = /[",\r\n]|^\s|\s$/.test(name) ? inCsv(name) : name
      expect(csv.stdout).toBe(`${cell}\n${cell}\n`)
    },
  )

  it.each([
    ['inspect', 'names.mill'],
    ['query', 'names.mill', 'MATCH (n:`\u001b[2J`) RETURN n'],
    ['query', 'names.mill', 'MATCH (n:`no \u001b[2J \u202e`) RETURN n'],
    ['query', 'names.mill', "COPY `\u001b[2J` FROM 'absent \u001b[2J'"],
    ['import', 'new.mill', 'escape.csv', '--table', 'T', '--key', 'id'],
    ['import', 'new.mill', 'escape.csv', '--table', 'T\u001b[2J', '--key', 'no \u001b[2J'],
  ])('shows them without letting them move the cursor: %j', async (...parameters) => {
    writeFileSync(place.path('escape.csv'), 'id,"\u001b[2Jname"\n1,a\n2,"x"y\n')
    const { stdout, stderr } = await millrace(place.folder, parameters)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(stdout + stderr).not.toMatch(/[\u001b\u202e]/)
    expect(stdout + stderr).toContain('\\u001b[2J')
  })

  it('counts what is too much to show', async () => {
    const columns = Array.from({ length: 9000 }, (_, at) => `column number ${at}`)
    writeFileSync(place.path('wide.csv'), `${columns.join(',')}\n${columns.map((_, at) => at).join(',')}\n`)
    const parameters = ['import', 'wide.mill', 'wide.csv', '--table', 'T', '--key']
    for (const key of ['column number 7', 'absent']) {
      const { stderr } = await millrace(place.folder, [...parameters, key, '--memory', '100MB'])
      expect(stderr.length).toBeLessThan(6000)
    }
  })
})

describe('--spreadsheet-safe', () => {
  const cells = ['=1+1', '+1', '-1', '@a', ' =x', '\t=x', '\uff1d1', 'a=1', '', "'x"]

  beforeAll(() => {
    const rows = cells.map((cell, at) => `${-at},${inCsv(cell)}\n`)
    writeFileSync(place.path('cells.csv'), `id,=text\n${rows.join('')}`)
  })

  it('puts an apostrophe before texts that a spreadsheet would take for formulas, and before nothing else', async () => {
    await millrace(place.folder, ['import', 'cells.mill', 'cells.csv', '--table', 'T', '--key', 'id'])
    const ask = (...more: string[]) =>
      millrace(place.folder, [
        ...['query', 'cells.mill', 'MATCH (t:T) RETURN t.id AS id, t.`=text` AS `=text`', ...more],
      ])
    const plain = await ask('--format', 'csv')
    expect(plain.stdout).toBe(
      `id,=text\n0,=1+1\n-1,+1\n-2,-1\n-3,@a\n-4," =x"\n-5,"\t=x"\n-6,\uff1d1\n-7,a=1\n-8,""\n-9,'x\n`,
    )
    const safe = await ask('--format', 'csv', '--spreadsheet-safe')
    expect(safe.stdout).toBe(
      `id,'=text\n0,'=1+1\n-1,'+1\n-2,'-1\n-3,'@a\n-4,' =x\n-5,'\t=x\n-6,'\uff1d1\n-7,a=1\n-8,""\n-9,'x\n`,
    )
    const wrong = await ask('--spreadsheet-safe')
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('MILLRACE_USAGE') })
  })
})
