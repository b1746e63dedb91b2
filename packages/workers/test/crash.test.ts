import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { single, testFolder, withDatabase, writeFile } from './support.js'

const child = fileURLToPath(new URL('./fixture/load-child.mjs', import.meta.url))
const rows = 400_000

/** Starts a load in a process of its own and kills it as soon as it prints a line that `when` accepts. */
async function killLoad(path: string, file: string, when: (line: string) => boolean): Promise<void> {
  const process_ = spawn(process.execPath, [child, path, 'N', file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(process_, 'exit')
  for await (const line of createInterface({ input: process_.stdout })) {
    if (when(line)) {
      process_.kill('SIGKILL')
      break
    }
  }
  await exited
}

describe('a process killed with SIGKILL', () => {
  const text = `id,name\n${Array.from({ length: rows }, (_, row) => `${row},name ${row}`).join('\n')}\n`
  const sum = ((rows - 1) * rows) / 2

  it('in the middle of a load leaves the table as it was, and the next load succeeds', async () => {
    const file = writeFile('n.csv', text)
    const path = join(testFolder(), 'test.mill')
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
      await db.copyFrom('N', writeFile('before.csv', 'id,name\n1000000,before\n'))
    })
    for (const progressRows of [1, rows / 2]) {
      await killLoad(path, file, (line) => Number(line.replace('progress ', '')) >= progressRows)
      await withDatabase(async (db) => {
        expect(await single(db, 'MATCH (n:N) RETURN count(*)')).toBe(1)
        expect(await single(db, 'MATCH (n:N) WHERE n.id = 1000000 RETURN n.name')).toBe('before')
      })
    }
    await withDatabase(async (db) => {
      expect((await db.copyFrom('N', file)).rowsImported).toBe(rows)
      expect(await single(db, 'MATCH (n:N) RETURN sum(n.id)')).toBe(sum + 1_000_000)
    })
  })

  it('right after a load was reported keeps all of it', async () => {
    const file = writeFile('n.csv', text)
    const path = join(testFolder(), 'test.mill')
    await withDatabase(async (db) => {
      await db.run('CREATE NODE TABLE N(id INT64, name STRING, PRIMARY KEY(id))')
    })
    await killLoad(path, file, (line) => line === `loaded ${rows}`)
    await withDatabase(async (db) => {
      expect(await single(db, 'MATCH (n:N) RETURN count(*)')).toBe(rows)
      expect(await single(db, 'MATCH (n:N) RETURN sum(n.id)')).toBe(sum)
      expect(await single(db, 'MATCH (n:N) WHERE n.id = 123456 RETURN n.name')).toBe('name 123456')
    })
  })
})
