import { existsSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWorkplace, loadTowns, millrace, type Workplace } from './command.js'

let place: Workplace
beforeEach(() => {
  place = createWorkplace()
})
afterEach(() => place.dispose())

async function ask(statement: string, database = 'towns.mill'): Promise<string> {
  const { stdout, stderr } = await millrace(place.folder, ['query', database, statement, '--format', 'csv'])
  return stdout + stderr
}

describe('millrace import', () => {
  it('sniffs, creates the tables, loads nodes and relationships, and says what it did', async () => {
    const towns = await millrace(place.folder, [
      ...['import', 'towns.mill', 'towns.csv', '--table', 'Town', '--key', 'id'],
    ])
    expect(towns.stderr).toContain(
      'CREATE NODE TABLE Town(id INT64, name STRING, inhabitants INT64, height DOUBLE, founded DATE, coastal BOOL, PRIMARY KEY(id))',
    )
    expect(towns.stderr).toMatch(/^Town: 3 rows, .* rows\/s/m)
    expect(towns.stdout).toBe('')
    expect(towns.code).toBe(0)
    const roads = await millrace(place.folder, [
      ...['import', 'towns.mill', 'roads.csv', '--table', 'Road', '--from', 'Town', '--to', 'Town'],
    ])
    expect(roads.stderr).toContain('CREATE REL TABLE Road(FROM Town TO Town, length DOUBLE)')
    expect(roads.code).toBe(0)
    expect(
      await ask('MATCH (a:Town)-[r:Road]->(b:Town) RETURN a.id, b.id, r.length ORDER BY a.id, b.id'),
    ).toBe('a.id,b.id,r.length\n1,2,1100.5\n1,3,7\n2,3,20\n3,1,1200\n')
  })

  it('appends to a table that is there, from several files', async () => {
    await loadTowns(place.folder)
    writeFileSync(place.path('more-1.csv'), 'id,name\n10,Ghent\n')
    writeFileSync(place.path('more-2.csv'), 'name,id\nBruges,11\n')
    const more = ['import', 'towns.mill', 'more-1.csv', 'more-2.csv', '--table', 'Town']
    const { code } = await millrace(place.folder, [...more, '--columns', 'id,name'])
    // The column list holds for every file; the second has its columns the other way round, so it is refused
    // whole.
    expect(code).toBe(1)
    expect(await ask('MATCH (t:Town) RETURN count(*) AS towns')).toBe('towns\n3\n')
    const byName = await millrace(place.folder, [
      ...more.slice(0, 3),
      '--table',
      'Town',
      '--columns',
      'id,name',
    ])
    expect(byName.stderr).toMatch(/^Town: 1 row,/m)
    expect(await ask('MATCH (t:Town) WHERE t.id = 10 RETURN t.name AS name')).toBe('name\nGhent\n')
  })

  it('takes the options of COPY', async () => {
    writeFileSync(place.path('odd.csv'), "# made by hand\n1;'a;b';-\n2;'it''s';7\n")
    const { code, stderr } = await millrace(place.folder, [
      ...['import', 'odd.mill', 'odd.csv', '--table', 'T', '--key', 'id', '--no-header'],
      ...['--delim', ';', '--quote', "'", '--comment', '#', '--null-strings', '-', '--threads', '1'],
      ...['--block-size', '16B', '--batch-size', '1', '--memory', '160MB', '--columns', 'id,text,number'],
    ])
    expect(stderr).toMatch(/^T: 2 rows,/m)
    expect(code).toBe(0)
    expect(await ask('MATCH (t:T) RETURN t.id, t.text, t.number ORDER BY t.id', 'odd.mill')).toBe(
      "t.id,t.text,t.number\n1,a;b,\n2,it's,7\n",
    )
  })

  it('refuses a wrong value with its file, line and column, and leaves no table behind', async () => {
    writeFileSync(place.path('late.csv'), `id,n\n${'1,1\n'.replace('1,', '1,')}`)
    await loadTowns(place.folder)
    const { code, stderr } = await millrace(place.folder, [
      'import',
      'towns.mill',
      'broken.csv',
      '--table',
      'Town',
    ])
    expect(code).toBe(1)
    expect(stderr).toMatch(/error \[MILLRACE_\w+\]: .*broken\.csv.*3.*inhabitants.*many/)
    expect(await ask('MATCH (t:Town) RETURN count(*) AS towns')).toBe('towns\n3\n')
  })

  it('skips what it cannot load when told to, and says what that was', async () => {
    await loadTowns(place.folder)
    const { code, stderr } = await millrace(place.folder, [
      ...['import', 'towns.mill', 'broken.csv', '--table', 'Town', '--ignore-errors'],
    ])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^Town: 2 rows,/m)
    expect(stderr).toContain('1 row skipped, 1 error')
    expect(stderr).toMatch(/broken\.csv:3 \(inhabitants\): type: /)
  })

  it('removes a table that it made for a load that failed', async () => {
    writeFileSync(place.path('same.csv'), 'id,name\n1,a\n1,b\n')
    const same = ['import', 'towns.mill', 'same.csv', '--table', 'Same', '--key', 'id']
    const { code, stderr } = await millrace(place.folder, same)
    expect(code).toBe(1)
    expect(stderr).toContain('error [MILLRACE_DUPLICATE_KEY]')
    const inspected = await millrace(place.folder, ['inspect', 'towns.mill', '--format', 'json'])
    expect(JSON.parse(inspected.stdout).tables).toEqual([])
  })

  it('makes no database for a CSV file that is not there', async () => {
    const { code, stderr } = await millrace(place.folder, [
      ...['import', 'new.mill', 'absent.csv', '--table', 'T', '--key', 'id'],
    ])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error \[MILLRACE_\w+\]: .*absent\.csv/)
    expect(existsSync(place.path('new.mill'))).toBe(false)
  })

  it('does not write with --read-only', async () => {
    await loadTowns(place.folder)
    const { code, stderr } = await millrace(place.folder, [
      ...['import', 'towns.mill', 'towns-twice.csv', '--table', 'Town', '--read-only'],
    ])
    expect(code).toBe(1)
    expect(stderr).toContain('error [MILLRACE_READ_ONLY]')
  })

  it('lets a given type win over the sniffed one', async () => {
    writeFileSync(place.path('zip.csv'), 'zip,name\n1234,a\n')
    const zip = ['import', 'zip.mill', 'zip.csv', '--table', 'Zip', '--key', 'zip', '--type', 'zip=string']
    const { stderr } = await millrace(place.folder, zip)
    expect(stderr).toContain('CREATE NODE TABLE Zip(zip STRING, name STRING, PRIMARY KEY(zip))')
  })

  it('loads what comes through a pipe, however it is cut', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => `${i};"town ${i}; ${'x'.repeat(i % 40)}"\n`)
    const parameters = ['import', 'piped.mill', '-', '--table', 'Town', '--key', 'id']
    const { code, stderr } = await millrace(place.folder, parameters, {
      started: async ({ stdin }) => {
        stdin!.write('id;name\n')
        for (let from = 0; from < rows.length; from += 1000) {
          const text = rows.slice(from, from + 1000).join('')
          stdin!.write(text.slice(0, 777))
          await new Promise((resolve) => setTimeout(resolve, 20))
          stdin!.write(text.slice(777))
        }
        stdin!.end()
      },
    })
    expect(stderr).toMatch(/^Town: 5,000 rows,/m)
    expect(code).toBe(0)
    const answer = await ask('MATCH (t:Town) RETURN count(*), sum(t.id), min(t.name)', 'piped.mill')
    expect(answer.split('\n')[1]).toBe('5000,12497500,"town 0; "')
  })

  it('refuses to load into a table that is not the one described', async () => {
    await loadTowns(place.folder)
    const { code, stderr } = await millrace(place.folder, [
      ...['import', 'towns.mill', 'towns.csv', '--table', 'Town', '--key', 'name'],
    ])
    expect(code).toBe(2)
    expect(stderr).toContain('a node table with the key id, not a node table with the key name')
  })
})
