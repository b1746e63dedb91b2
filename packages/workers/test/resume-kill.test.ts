/**
 * Loads that keep their rows, killed with SIGKILL at random moments and resumed until they are done: the
 * tables are those of loads that nobody disturbed, row by row and offset by offset.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { Random } from '@millrace/testing'
import { describe, expect, it } from 'vitest'
import { rowsOf, testFolder, withDatabase, writeFile } from './support.js'

const child = fileURLToPath(new URL('./fixture/keep-child.mjs', import.meta.url))

/** Multiplies the rounds. The quick dose is 1. */
const dose = Number(process.env.MILLRACE_TEST_DOSE ?? 1)
const seed = Number(process.env.MILLRACE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))

const rows = 24_000
const killsMax = 3

/** Runs the load; kills it after so many lines of progress and some milliseconds. Null: it was killed. */
async function runLoad(
  path: string,
  table: string,
  files: readonly string[],
  kill: { lines: number; ms: number } | null,
): Promise<string | null> {
  const process_ = spawn(process.execPath, [child, path, table, ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(process_, 'exit')
  let lines = 0
  let last = ''
  for await (const line of createInterface({ input: process_.stdout })) {
    last = line
    if (!line.startsWith('progress') || kill === null || lines++ < kill.lines) continue
    await delay(kill.ms)
    process_.kill('SIGKILL')
    break
  }
  const [code] = await exited
  return code === 0 ? last : null
}

/**
 * Kills loads until one comes to its end, or there were enough of them; then lets one end. A kill may come
 * between the last commit and the end of the process: the load after it finds everything there, and has no
 * rows of its own to tell of.
 */
async function loadWithKills(path: string, table: string, files: string[], random: Random) {
  let ended: string | null = null
  let kills = 0
  while (ended === null && kills < killsMax) {
    const kill = { lines: random.below(22), ms: random.below(12) }
    ended = await runLoad(path, table, files, kill)
    if (ended === null) kills += 1
  }
  ended ??= await runLoad(path, table, files, null)
  const [, resumed, imported, alreadyLoaded] = ended?.split(' ') ?? []
  const told = Number(resumed) + Number(imported)
  const total = kills > 0 && alreadyLoaded === 'true' && told === 0 ? rows : told
  return { total, again: await runLoad(path, table, files, null) }
}

const shuffled = Array.from({ length: rows }, (_, row) => (row * 7919) % rows)
const textOf = (line: (row: number) => string, from = 0, to = rows) =>
  `id,name,score\n${Array.from({ length: to - from }, (_, at) => line(from + at)).join('\n')}\n`
const sortedLine = (row: number) => `${row},"name\n${row}",${row / 4}`
const shuffledLine = (row: number) => `${shuffled[row]},n${row},`
const stringLine = (row: number) => `user-${(shuffled[row]! * 2_654_435_761) % 4_294_967_296},n${row},${row}`

const third = Math.floor(rows / 3)
const nodeTable = (key: string) =>
  `CREATE NODE TABLE N(id ${key}, name STRING, score DOUBLE, PRIMARY KEY(id))`
const cases: { what: string; key: string; files: () => string[] }[] = [
  {
    what: 'nodes with sorted keys and quoted line ends',
    key: 'INT64',
    files: () => [writeFile('a.csv', textOf(sortedLine))],
  },
  {
    what: 'nodes with shuffled keys in three files, one of them packed',
    key: 'INT64',
    files: () => [
      writeFile('a.csv', textOf(shuffledLine, 0, third)),
      writeFile('b.csv.gz', gzipSync(textOf(shuffledLine, third, 2 * third))),
      writeFile('c.csv', textOf(shuffledLine, 2 * third, rows)),
    ],
  },
  {
    what: 'nodes with string keys in a gzip file',
    key: 'STRING',
    files: () => [writeFile('a.csv.gz', gzipSync(textOf(stringLine)))],
  },
]

describe(`loads that are killed and resumed (MILLRACE_TEST_SEED=${seed})`, () => {
  for (const [index, { what, key, files }] of cases.entries()) {
    it(`give the table of an undisturbed load: ${what}`, { timeout: 120_000 * dose }, async () => {
      const random = new Random(seed + index)
      const sources = files()
      const whole = await withDatabase(
        async (db) => {
          await db.run(nodeTable(key))
          expect((await db.copyFrom('N', sources)).rowsImported).toBe(rows)
          return await rowsOf(db, 'MATCH (n:N) RETURN n.id, n.name, n.score')
        },
        { name: 'whole.mill' },
      )
      for (let round = 0; round < dose; round++) {
        const name = `killed-${round}.mill`
        await withDatabase((db) => db.run(nodeTable(key)), { name })
        const { total, again } = await loadWithKills(join(testFolder(), name), 'N', sources, random)
        expect(total).toBe(rows)
        expect(again).toBe('loaded 0 0 true')
        await withDatabase(
          async (db) => {
            expect(await rowsOf(db, 'MATCH (n:N) RETURN n.id, n.name, n.score')).toEqual(whole)
            for (const row of [0, 1, third, rows - 1]) {
              const id = Object.values(whole[row] as object)[0]
              const found = await rowsOf(db, 'MATCH (n:N) WHERE n.id = $id RETURN n.id, n.name, n.score', {
                id,
              })
              expect(found).toEqual([whole[row]])
            }
          },
          { name },
        )
      }
    })
  }

  it('give the relationships of an undisturbed load, in both directions', {
    timeout: 120_000 * dose,
  }, async () => {
    const random = new Random(seed + 77)
    const nodes = 500
    const ids = writeFile('ids.csv', `id\n${Array.from({ length: nodes }, (_, id) => id).join('\n')}\n`)
    const line = (row: number) => `${(row * 31) % nodes},${(row * row + 7) % nodes},${row}`
    const text = Array.from({ length: rows }, (_, row) => line(row))
    const files = [
      writeFile('e1.csv', `from,to,since\n${text.slice(0, third).join('\n')}\n`),
      writeFile('e2.csv', `from,to,since\n${text.slice(third).join('\n')}\n`),
    ]
    const tables = async (name: string) =>
      await withDatabase(
        async (db) => {
          await db.run('CREATE NODE TABLE N(id INT64, PRIMARY KEY(id))')
          await db.run('CREATE REL TABLE E(FROM N TO N, since INT64)')
          await db.copyFrom('N', ids)
        },
        { name },
      )
    const expected = text.map((each) => each.split(',').map(Number)).sort((a, b) => a[2]! - b[2]!)
    for (let round = 0; round < dose; round++) {
      const name = `killed-${round}.mill`
      await tables(name)
      const { total, again } = await loadWithKills(join(testFolder(), name), 'E', files, random)
      expect(total).toBe(rows)
      expect(again).toBe('loaded 0 0 true')
      await withDatabase(
        async (db) => {
          for (const pattern of ['(a:N)-[e:E]->(b:N)', '(b:N)<-[e:E]-(a:N)']) {
            const statement = `MATCH ${pattern} RETURN a.id, b.id, e.since ORDER BY e.since`
            expect((await rowsOf(db, statement)).map((row) => Object.values(row as object))).toEqual(expected)
          }
        },
        { name },
      )
    }
  })
})
