import { once } from 'node:events'
import { closeSync, openSync, writeSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWorkplace, loadTowns, millrace, type Workplace } from './command.js'

let place: Workplace
beforeEach(async () => {
  place = createWorkplace()
  await loadTowns(place.folder)
})
afterEach(() => place.dispose())

/** Relationships enough for seconds of work, when they are parsed in tiny blocks. */
function writeManyRoads(path: string): void {
  const file = openSync(path, 'w')
  writeSync(file, 'from,to,length\n')
  const rows = Buffer.from('1,2,1.5\n2,3,20\n'.repeat(50_000))
  for (let i = 0; i < 20; i++) writeSync(file, rows)
  closeSync(file)
}

describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  it.each([
    ['a table that it made', 'NewRoad', ['--from', 'Town', '--to', 'Town']],
    ['a table that was there', 'Road', []],
  ])('stops an import into %s, rolls it back and exits 130', async (_what, table, more) => {
    writeManyRoads(place.path('many.csv'))
    const before = await millrace(place.folder, ['inspect', 'towns.mill', '--format', 'json'])
    const { code, stderr } = await millrace(
      place.folder,
      ['import', 'towns.mill', 'many.csv', '--table', table, ...more, '--block-size', '512B'],
      {
        started: (child) => {
          // Between the start of the process and the end of its work: the import says nothing for two
          // seconds.
          setTimeout(() => child.kill('SIGINT'), 1200)
        },
      },
    )
    expect(stderr).toContain('error [MILLRACE_INTERRUPTED]: Interrupted by SIGINT')
    expect(code).toBe(130)
    const after = await millrace(place.folder, ['inspect', 'towns.mill', '--format', 'json'])
    const tablesOf = (text: string) =>
      JSON.parse(text).tables.map(({ name, rows }: { name: string; rows: number }) => [name, rows])
    expect(tablesOf(after.stdout)).toEqual(tablesOf(before.stdout))
    const check = await millrace(place.folder, ['inspect', 'towns.mill', '--check'])
    expect(check.code).toBe(0)
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
})
