/**
 * Real processes killed with SIGKILL at random moments: while they start and recover, load, write, drop,
 * merge, and close. What they said was done is there, and at most the one action in flight; the next process
 * recovers, goes on, and is killed, too.
 *
 * It says how many there were: `pnpm test:torture -- --only killed --seconds 3600` kills for an hour.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  actionAt,
  type DatabaseModel,
  describeDatabase,
  emptyDatabase,
  perform,
  type Random,
  SimulatedDatabase,
  SimulatedFileSystem,
  torture,
  tortureTimeoutMs,
} from '@millrace/testing'
import { afterAll, describe, expect, it } from 'vitest'

const child = fileURLToPath(new URL('./children/perform-for-ever.mjs', import.meta.url))

/** Kills of one database. */
const livesQuick = 6
const livesLong = 25

let kills = 0
let killsBeforeOpen = 0
let killsClosed = 0

afterAll(() => {
  process.stdout.write(
    `${kills} kills: ${killsBeforeOpen} before the database was open, ${killsClosed} after it was closed\n`,
  )
})

/** When a process is killed: so long after it started, or after it has said so much. */
type Moment = { readonly afterMs: number } | { readonly lines: number; readonly thenMs: number }

function anyMoment(random: Random): Moment {
  if (random.chance(1 / 3)) return { afterMs: random.below(400) }
  return { lines: 1 + random.below(40), thenMs: random.below(6) }
}

/** Lets a process work until `moment`, kills it, and returns what it said. */
async function liveUntil(moment: Moment, parameters: readonly string[]): Promise<string[]> {
  const process_: ChildProcess = spawn(process.execPath, [child, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said: string[] = []
  const exited = new Promise<void>((resolve) => process_.once('close', () => resolve()))
  const lines = createInterface({ input: process_.stdout! })
  const spoken = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      said.push(line)
      if ('lines' in moment && said.length >= moment.lines) resolve()
    })
    lines.once('close', resolve)
  })
  if ('afterMs' in moment) await delay(moment.afterMs)
  else {
    await spoken
    await delay(moment.thenMs)
  }
  process_.kill('SIGKILL')
  await exited
  return said
}

/** What the files hold: read from a copy, so that the next process has to recover them. */
function stateOf(path: string): string {
  const fileSystem = new SimulatedFileSystem()
  for (const each of [path, `${path}-wal`]) {
    if (existsSync(each)) fileSystem.putDurable(each, readFileSync(each))
  }
  const database = new SimulatedDatabase(fileSystem, path)
  database.open()
  try {
    return database.describe()
  } finally {
    database.close()
  }
}

/** One database, and the processes that work on it one after the other. */
class Lives {
  readonly #path: string
  readonly #seed: number
  /** Actions that are done, and what they have left. */
  #done = 0
  #model: DatabaseModel = emptyDatabase

  constructor(path: string, seed: number) {
    this.#path = path
    this.#seed = seed
  }

  async live(random: Random): Promise<void> {
    const moment = anyMoment(random)
    const said = await liveUntil(moment, [this.#path, String(this.#seed), String(this.#done)])
    const where = `after ${this.#done} actions and ${JSON.stringify(moment)}`
    expect(
      said.filter((line) => line.startsWith('wrong')),
      where,
    ).toEqual([])
    kills++
    if (said.length === 0) killsBeforeOpen++
    if (said.at(-1) === 'closed') killsClosed++
    for (const line of said) if (line.startsWith('done')) this.#advance()
    const found = stateOf(this.#path)
    const after = perform(this.#model, actionAt(this.#seed, this.#done)).model
    expect([this.#model, after].map(describeDatabase), where).toContain(found)
    if (found !== describeDatabase(this.#model)) this.#advance()
  }

  #advance(): void {
    this.#model = perform(this.#model, actionAt(this.#seed, this.#done)).model
    this.#done++
  }
}

describe('a process that is killed', () => {
  it('at any moment loses nothing that it said was done, and leaves nothing of what it did not end', {
    timeout: tortureTimeoutMs,
  }, async () => {
    await torture(5, async ({ random, isLong }) => {
      const folder = mkdtempSync(join(tmpdir(), 'millrace-killed-'))
      try {
        const lives = new Lives(join(folder, 'graph.mill'), random.below(2 ** 31))
        for (let life = 0; life < (isLong ? livesLong : livesQuick); life++) await lives.live(random)
        const left = readdirSync(folder).filter((name) => name.includes('.tmp'))
        expect(left.length).toBeLessThan(3)
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  })
})
