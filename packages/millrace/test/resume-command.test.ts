/** What Ctrl-C says is to be typed goes on with the load when a shell reads it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, createWorkplace, millrace, type Workplace } from './command.js'

const program = fileURLToPath(new URL('../bin/millrace.js', import.meta.url))

let place: Workplace
beforeEach(() => {
  place = createWorkplace()
})
afterEach(() => place.dispose())

const rows = 200_000

async function writeNodes(path: string): Promise<void> {
  const file = createWriteStream(path)
  file.write('id,name\n')
  for (let id = 0; id < rows; id += 1000) {
    file.write(Array.from({ length: 1000 }, (_, at) => `${id + at},a name ${Math.sin(id + at)}\n`).join(''))
  }
  file.end()
  await finished(file)
}

const preloaded = new URL('./children/interrupt-after-commit.mjs', import.meta.url)

/** Has the process interrupt itself as soon as the log of `database` holds a commit of the load. */
function interruptedAfterCommit(database: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${preloaded.href}`, INTERRUPT_AFTER_COMMIT_IN: `${database}-wal` }
}

const commandIn = (stderr: string) => /To go on, run:\n {2}(.*)\n/.exec(stderr)?.[1] ?? ''

describe.skipIf(process.platform === 'win32')('the command that goes on with a load', () => {
  const hasBash = spawnSync('bash', ['-c', 'true']).status === 0

  it.runIf(hasBash)('works when it is pasted, whatever its words hold', async () => {
    const folder = `it's a "folder" $(exit 1) \`x\` \\ * é`
    mkdirSync(place.path(folder))
    const file = join(folder, '-- new\nline\u202e.csv')
    const database = join(folder, 'the graph.mill')
    await writeNodes(place.path(file))
    const table = 'T`a"b$c'
    const { stderr, code } = await millrace(
      place.folder,
      [
        ...['import', database, file, '--table', table, '--key', 'id', '--on-failure', 'keep'],
        ...['--commit-size', '500KB', '--block-size', '100KB', '--max-row-bytes', '1KB'],
      ],
      // As without npx.
      { environment: { npm_command: '', ...interruptedAfterCommit(place.path(database)) } },
    )
    expect(code).toBe(130)
    const command = commandIn(stderr)
    expect(command).toMatch(/^millrace import .* --resume$/)
    const shell = `millrace() { "${process.execPath}" "${program}" "$@"; }\n${command}`
    execFileSync('bash', ['-c', shell], { cwd: place.folder, stdio: 'pipe' })
    const count = `MATCH (n:\`${table.replaceAll('`', '``')}\`) RETURN count(*), min(n.id), max(n.id)`
    expect(await ask(place.path(database), count)).toEqual([[rows, 0, rows - 1]])
    const inspected = await millrace(place.folder, ['inspect', database, '--format', 'json'])
    expect(JSON.parse(inspected.stdout).tables[0].unfinishedLoad).toBeUndefined()
  })

  it('is a statement where a COPY was stopped', async () => {
    await writeNodes(place.path('a.csv'))
    await millrace(place.folder, [
      ...['query', 'a.mill', 'CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))'],
    ])
    const copy = `COPY N FROM 'a.csv' (ON_FAILURE='keep', COMMIT_SIZE=500000, BLOCK_SIZE=100000, MAX_ROW_BYTES=1000);`
    const { stderr } = await millrace(place.folder, ['query', 'a.mill', copy], {
      environment: interruptedAfterCommit(place.path('a.mill')),
    })
    const statement = commandIn(stderr)
    expect(statement).toContain('MAX_ROW_BYTES=1000, RESUME=true);')
    const inspected = await millrace(place.folder, ['inspect', 'a.mill', '--format', 'json'])
    expect(JSON.parse(inspected.stdout).tables[0].unfinishedLoad).toMatchObject({
      source: expect.stringMatching(/a\.csv$/),
      rows: expect.any(Number),
    })
    const resumed = await millrace(place.folder, ['query', 'a.mill', statement])
    expect(resumed.stderr).toContain('of an earlier import')
    expect(await ask(place.path('a.mill'), 'MATCH (n:N) RETURN count(*)')).toEqual([[rows]])
  })
})
