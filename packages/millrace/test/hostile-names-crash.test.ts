/** Any name of a column, a relationship and a property, as a process that was killed has left them. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Database } from 'millrace'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkplace, millrace, type Workplace } from './command.js'

const child = fileURLToPath(new URL('./children/names-child.mjs', import.meta.url))

const names = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...[
    'then',
    'toJSON',
    'prototype',
    'length',
    '0',
    'null',
    "an ' apostrophe",
    'double "quotes"',
    'back`tick',
  ],
  ...['a, b', 'line\nend', 'return\r', '\0', '\u001b[2J', '\u202egnp.exe', 'emoji 👩‍👩‍👧', '=cmd()', 'FROM'],
  // Equal but for their case, or their normal form in Unicode: they are different names.
  ...['name', 'Name', 'NAME', 'e\u0301', '\u00e9', '\u212b', '\u00c5', 'stra\u00dfe', 'STRASSE'],
  'L'.repeat(65_535),
]
const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``

let place: Workplace
let path: string
beforeAll(() => {
  place = createWorkplace()
  path = place.path('names.mill')
  writeFileSync(place.path('names.json'), JSON.stringify(names))
  const { signal, stderr } = spawnSync(
    process.execPath,
    [child, path, place.path('names.json'), place.path('all.csv')],
    { encoding: 'utf8' },
  )
  expect(stderr).toBe('')
  expect(signal).toBe('SIGKILL')
})
afterAll(() => place.dispose())

describe('after a crash, any name', () => {
  it('of a column, a relationship and a property comes back as it was given', async () => {
    await using db = await Database.open(path, { threads: 1 })
    const aliases = names.map((name, at) => `n.${quoted(name)} AS c${at}`)
    const [row] = await db
      .query(`MATCH (n:\`all\` {\`the key\`: 1}) RETURN ${aliases.join(', ')}, n`)
      .toArray()
    for (const [at, name] of names.entries()) expect(row![`c${at}`]).toBe(name)
    const node = row!.n as Record<string, unknown>
    expect(Object.getPrototypeOf(node)).toBeNull()
    for (const name of names) expect(Object.hasOwn(node, name) && node[name]).toBe(name)
    for (const name of names) {
      const text = `MATCH (a)-[r:${quoted(name)}]->(b) RETURN r.${quoted(name)} AS ${quoted(name)}`
      const rows = await db.query(text).toArray()
      expect(rows.map((each) => each[name])).toEqual([name])
      expect(Object.getPrototypeOf(rows[0]!)).toBeNull()
    }
    expect(Object.prototype).not.toHaveProperty('polluted')
  })

  it('is shown by inspect, whose check finds nothing wrong', async () => {
    const { code, stdout } = await millrace(place.folder, ['inspect', 'names.mill', '--check'])
    expect(code).toBe(0)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(stdout).not.toMatch(/[\u0000\u001b\u202e]/)
    for (const name of ['__proto__', 'constructor', 'Name', 'NAME']) expect(stdout).toContain(name)
  })

  it('of a column of a file is a variable of a query that reads it', async () => {
    await using db = await Database.open(path, { readOnly: true })
    const text = `LOAD FROM '${place.path('all.csv')}' (HEADER=true) RETURN *`
    const [row] = await db.query(text).toArray()
    expect(Object.getPrototypeOf(row)).toBeNull()
    for (const name of names) {
      expect(Object.hasOwn(row!, name)).toBe(true)
      // What looks like a number is read as one.
      expect(String(row![name])).toBe(name)
    }
  })
})

describe('the name of a parameter', () => {
  it('is looked up among those that were given, and nowhere else', async () => {
    await using db = await Database.open(path, { readOnly: true })
    for (const name of Object.getOwnPropertyNames(Object.prototype)) {
      const text = `RETURN $${name} AS given`
      const without = async () => await db.query(text, {}).toArray()
      await expect(without(), name).rejects.toHaveProperty('code', 'MILLRACE_PARAMETER')
      const given = JSON.parse(`{"${name}": "given"}`)
      expect((await db.query(text, given).toArray())[0]!.given).toBe('given')
    }
  })
})
