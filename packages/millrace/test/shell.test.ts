import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkplace, loadTowns, millrace, type Workplace } from './command.js'

let place: Workplace
beforeAll(async () => {
  place = createWorkplace()
  await loadTowns(place)
})
afterAll(() => place.dispose())

async function shell(stdin: string, ...more: string[]) {
  return await millrace(place.folder, ['shell', 'towns.mill', '--format', 'csv', ...more], { stdin })
}

describe('millrace shell with a pipe', () => {
  it('runs statements over several lines, and the last without its semicolon', async () => {
    const { code, stdout, stderr } = await shell(
      'MATCH (t:Town)\nWHERE t.id = 1\nRETURN t.name AS name;\nMATCH (t:Town) RETURN count(*) AS towns',
    )
    expect(stdout).toBe('name\nRotterdam\ntowns\n3\n')
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  it('answers dot commands: tables, schema, format, help, quit', async () => {
    const { code, stdout } = await shell(
      '.tables\n.schema Road\n.format jsonl\nMATCH (t:Town) RETURN count(*) AS n;\n.help\n.quit\nnonsense;\n',
    )
    const expected =
      'Town  node  3 rows\nRoad  rel   4 rows\n' +
      'CREATE REL TABLE Road(FROM Town TO Town, length DOUBLE);\n{"n":3}\n'
    expect(stdout.slice(0, expected.length)).toBe(expected)
    for (const command of ['.help', '.tables', '.schema', '.quit']) {
      expect(stdout.slice(expected.length)).toContain(command)
    }
    expect(code).toBe(0)
  })

  it('counts rows as they are', async () => {
    const { stdout } = await shell(
      'BEGIN TRANSACTION;\nCREATE (:Town {id: 9});\nCOMMIT;\n.tables\nMATCH (t:Town {id: 9}) DELETE t;\n.tables\n',
    )
    expect(stdout).toBe('Town  node  4 rows\nRoad  rel   4 rows\nTown  node  3 rows\nRoad  rel   4 rows\n')
  })

  it('stops at the first error with exit code 1', async () => {
    const { code, stdout, stderr } = await shell(
      'MATCH (t:Nowhere) RETURN t.id;\nMATCH (t:Town) RETURN count(*);\n',
    )
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error \[MILLRACE_\w+\]: /)
  })

  it('refuses a dot command that it does not know', async () => {
    const { code, stderr } = await shell('.tabels\n')
    expect(code).toBe(2)
    expect(stderr).toContain('there is no command .tabels')
  })
})
