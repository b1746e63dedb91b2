import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, createWorkplace, loadTowns, millrace, type Workplace } from './command.js'

let place: Workplace
beforeEach(async () => {
  place = createWorkplace()
  await loadTowns(place)
})
afterEach(() => place.dispose())

/** More than the import reads before it begins. */
const manyRoads = `from,to,length\n${'1,2,1.5\n2,3,20\n'.repeat(150_000)}`

/** Waits until the process has the database open. */
async function untilLocked(): Promise<void> {
  while (!existsSync(place.path('towns.mill.lock'))) await delay(20)
}

/** Ticks (mostly hundredths of a second) of processor time that a process has had; undefined elsewhere. */
function ticksOf({ pid }: ChildProcess): number | undefined {
  if (process.platform !== 'linux') return undefined
  // Behind the name, which is in brackets: state is the first field, user and system time are 12 and 13.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** Waits until a process that has waited for its input works on it. */
async function untilBusy(child: ChildProcess): Promise<void> {
  const before = ticksOf(child)
  do await delay(300)
  while (before !== undefined && ticksOf(child)! < before + 20)
}

describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  it.each([
    ['a table that it made', 'NewRoad', ['--from', 'Town', '--to', 'Town']],
    ['a table that was there', 'Road', []],
  ])('stops an import into %s, rolls it back and exits 130', async (_what, table, more) => {
    const { code, stderr } = await millrace(
      place.folder,
      ['import', 'towns.mill', '-', '--table', table, ...more],
      {
        started: async (child) => {
          // Stdin stays open: without the signal the import would wait for ever.
          child.stdin!.write(manyRoads)
          await untilLocked()
          await delay(300)
          child.kill('SIGINT')
        },
      },
    )
    expect(stderr).toContain('error [MILLRACE_INTERRUPTED]: Interrupted by SIGINT')
    expect(code).toBe(130)
    const inspected = await millrace(place.folder, ['inspect', 'towns.mill', '--check', '--format', 'json'])
    expect(inspected.code).toBe(0)
    const { tables, transactionsInLog } = JSON.parse(inspected.stdout)
    expect(tables.map(({ name, rows }: { name: string; rows: number }) => [name, rows])).toEqual([
      ['Town', 3],
      ['Road', 4],
    ])
    expect(transactionsInLog).toBe(0)
    expect(existsSync(place.path('towns.mill.lock'))).toBe(false)
  })

  it('keeps what an import has committed, if asked to, and says how to go on', async () => {
    const parameters = ['import', 'towns.mill', '-', '--table', 'Road', '--on-failure', 'keep']
    const small = ['--commit-size', '200KB', '--block-size', '50KB', '--max-row-bytes', '1KB']
    const { code, stderr } = await millrace(place.folder, [...parameters, ...small], {
      started: async (child) => {
        child.stdin!.write(manyRoads)
        await untilLocked()
        for (;;) {
          await delay(50)
          // The log holds more than its header: a commit.
          if (existsSync(place.path('towns.mill-wal')) && statSync(place.path('towns.mill-wal')).size > 512)
            break
        }
        child.kill('SIGINT')
      },
    })
    expect(stderr).toMatch(
      /Interrupted by SIGINT: [\d,]+ rows are kept, up to stdin, line \d+, row \d+\.\nTo go on, run:\n {2}(?:npx )?millrace import towns.mill - .* --resume\n/,
    )
    expect(code).toBe(130)
    const inspected = await millrace(place.folder, ['inspect', 'towns.mill'])
    expect(inspected.stdout).toMatch(
      /unfinished load of a stream: [\d,]+ rows so far, goes on at line [\d,]+, row [\d,]+/,
    )
    const [[before]] = (await ask(place.path('towns.mill'), 'MATCH ()-[r:Road]->() RETURN count(*)')) as [
      [number],
    ]
    expect(before).toBeGreaterThan(4)
    const refused = await millrace(place.folder, parameters, { stdin: manyRoads })
    expect(refused.stderr).toContain('MILLRACE_UNFINISHED_LOAD')
    const resumed = await millrace(place.folder, [...parameters, '--resume'], { stdin: manyRoads })
    expect(resumed.stderr).toContain('of an earlier import')
    expect(resumed.code).toBe(0)
    const [[after]] = (await ask(place.path('towns.mill'), 'MATCH ()-[r:Road]->() RETURN count(*)')) as [
      [number],
    ]
    expect(after).toBe(300_004)
  })

  it('ends a command that waits for statements', async () => {
    const { code } = await millrace(place.folder, ['query', 'towns.mill', '--format', 'csv'], {
      started: (child) => {
        child.stdin!.write('MATCH (t:Town) RETURN count(*) AS towns;\n')
        void once(child.stdout!, 'data').then(() => child.kill('SIGINT'))
      },
    })
    expect(code).toBe(130)
  })

  it('ends a query that works for long without a row', async () => {
    const names = Array.from({ length: 24 }, (_, at) => `t${at}`)
    const sum = names.map((name) => `${name}.id`).join(' + ')
    const pattern = names.map((name) => `(${name}:Town)`).join(', ')
    const { code, stderr } = await millrace(place.folder, ['query', 'towns.mill', '--format', 'csv'], {
      started: (child) => {
        child.stdin!.write('MATCH (t:Town) RETURN count(*) AS towns;\n')
        void once(child.stdout!, 'data').then(async () => {
          child.stdin!.write(`MATCH ${pattern} WHERE ${sum} < 0 RETURN count(*);\n`)
          await untilBusy(child)
          child.kill('SIGINT')
        })
      },
    })
    expect(stderr).toContain('Interrupted by SIGINT: the rest of the result was not printed')
    expect(code).toBe(130)
  })

  it('ends an import that still waits for the beginning of its input', async () => {
    const { code, stderr } = await millrace(place.folder, ['import', 'towns.mill', '-', '--table', 'Road'], {
      started: (child) => {
        // More than a pipe holds: once it is written, the import is reading. Less than it guesses from.
        child.stdin!.write(manyRoads.slice(0, 500_000), () => child.kill('SIGINT'))
      },
    })
    expect(stderr).toContain('Interrupted by SIGINT: nothing was loaded')
    expect(code).toBe(130)
  })

  it('leaves a process that fails no reason to wait for more input', async () => {
    const { code } = await millrace(place.folder, ['import', 'towns.mill', '-', '--table', 'Nowhere'], {
      started: (child) => void child.stdin!.write(manyRoads),
    })
    expect(code).toBe(2)
  })
})
