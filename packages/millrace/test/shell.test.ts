import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkplace, loadTowns, millrace, type Workplace } from './command.js'

let place: Workplace
beforeAll(async () => {
  place = createWorkplace()
  await loadTowns(place.folder)
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

  it('lists tables and the statements that create them', async () => {
    const { stdout } = await shell('.tables\n.schema Road\n')
    expect(stdout).toBe(
      'Town  node  3 rows\nRoad  rel   4 rows\nCREATE REL TABLE Road(FROM Town TO Town, length DOUBLE);\n',
    )
  })

  it('changes the format and stops at .quit', async () => {
    const { code, stdout } = await shell(
      '.format jsonl\nMATCH (t:Town) RETURN count(*) AS n;\n.quit\nMATCH (t:Town) RETURN 1;\n',
    )
    expect(stdout).toBe('{"n":3}\n')
    expect(code).toBe(0)
  })

  it('helps', async () => {
    const { stdout } = await shell('.help\n')
    for (const command of ['.help', '.tables', '.schema', '.quit']) expect(stdout).toContain(command)
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
