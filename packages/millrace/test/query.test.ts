import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkplace, loadTowns, millrace, type Workplace } from './command.js'

const everyTown = 'MATCH (t:Town) RETURN t.id AS id, t.name AS name, t.inhabitants AS inhabitants ORDER BY id'

let place: Workplace
beforeAll(async () => {
  place = createWorkplace()
  await loadTowns(place)
})
afterAll(() => place.dispose())

async function query(...parameters: string[]) {
  return await millrace(place.folder, ['query', 'towns.mill', ...parameters])
}

describe('millrace query', () => {
  it('prints a table', async () => {
    const { code, stdout, stderr } = await query(everyTown)
    expect(stdout).toContain('│  2 │ Aix, en Provence │        NULL │')
    expect(stdout).not.toContain('\u001b')
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  it('prints CSV that import would read back: NULL, quotes, dates, doubles, booleans', async () => {
    const statement =
      'MATCH (t:Town) RETURN t.id AS id, t.name AS name, t.height, t.founded, t.coastal ORDER BY id'
    const { code, stdout } = await query(statement, '--format', 'csv')
    expect(stdout).toBe(
      'id,name,t.height,t.founded,t.coastal\n' +
        '1,Rotterdam,0.5,1340-07-07,true\n' +
        '2,"Aix, en Provence",173.25,,false\n' +
        '3,"The ""old"" town",1000,0986-01-01,\n',
    )
    expect(code).toBe(0)
  })

  it('writes, prints what is returned, and keeps transactions across statements', async () => {
    const fresh = createWorkplace()
    await loadTowns(fresh)
    const run = async (...statements: string[]) =>
      await millrace(fresh.folder, ['query', 'towns.mill', ...statements, '--format', 'csv'])
    const made = await run(
      "CREATE (:Town {id: 7, name: 'Ulm'})",
      'BEGIN TRANSACTION',
      'MATCH (t:Town) WHERE t.id < 3 DETACH DELETE t',
      'ROLLBACK',
      'BEGIN TRANSACTION',
      'MATCH (t:Town {id: 3}) SET t.inhabitants = t.inhabitants + 1 RETURN t.inhabitants AS n',
      'COMMIT',
    )
    expect(made).toMatchObject({ code: 0, stdout: 'n\n13\n', stderr: '' })
    const open = await run('BEGIN TRANSACTION', 'MATCH (t:Town) DETACH DELETE t')
    expect(open).toMatchObject({ code: 0, stdout: '' })
    expect(open.stderr).toContain('was not committed')
    expect((await run('MATCH (t:Town) RETURN t.id AS id, t.inhabitants AS n ORDER BY id')).stdout).toBe(
      'id,n\n1,655468\n2,\n3,13\n7,\n',
    )
    fresh.dispose()
  })

  it('prints JSON', async () => {
    const { stdout } = await query(everyTown, '--format', 'json')
    expect(JSON.parse(stdout)).toEqual([
      { id: 1, name: 'Rotterdam', inhabitants: 655468 },
      { id: 2, name: 'Aix, en Provence', inhabitants: null },
      { id: 3, name: 'The "old" town', inhabitants: 12 },
    ])
  })

  it('takes parameters and guesses their types', async () => {
    const statement = 'MATCH (t:Town) WHERE t.id = $id OR t.name = $name RETURN t.id AS id ORDER BY id'
    const parameters = ['--param', 'id=2', '--param', 'name=Rotterdam', '--format', 'csv']
    const { code, stdout } = await millrace(place.folder, ['query', 'towns.mill', statement, ...parameters])
    expect(stdout).toBe('id\n1\n2\n')
    expect(code).toBe(0)
  })

  it('runs the statements on stdin', async () => {
    const script = `${everyTown}; MATCH (a:Town)-[r:Road]->(b:Town)\nRETURN count(*) AS roads;\n// the end\n`
    const parameters = ['query', 'towns.mill', '--format', 'csv']
    const { code, stdout } = await millrace(place.folder, parameters, { stdin: script })
    expect(stdout).toMatch(/^id,name,inhabitants\n1,[\s\S]*\n3,.*\nroads\n4\n$/)
    expect(code).toBe(0)
  })

  it('stops at the first statement that fails, with its code, without a stack', async () => {
    const { code, stdout, stderr } = await millrace(place.folder, [
      'query',
      'towns.mill',
      'MATCH (t:Town RETURN t.id',
      everyTown,
    ])
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error \[MILLRACE_SYNTAX\]: .*line 1, column 15/)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it('shows the stack to those who ask for it', async () => {
    const { stderr } = await millrace(place.folder, ['inspect', 'absent.mill'], {
      environment: { MILLRACE_DEBUG: '1' },
    })
    expect(stderr).toMatch(/^error \[MILLRACE_IO\]/)
    expect(stderr).toMatch(/^\s+at /m)
  })

  it('takes a question to a file that is not there for a mistake, and makes no file', async () => {
    const { code, stderr } = await millrace(place.folder, ['query', 'town.mill', everyTown])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error \[MILLRACE_\w+\]: /)
    expect(existsSync(place.path('town.mill'))).toBe(false)
  })

  it('makes a database when the first statement writes, and loads with COPY', async () => {
    const { code, stdout, stderr } = await millrace(place.folder, [
      'query',
      'new.mill',
      'CREATE NODE TABLE Town(id INT64, name STRING, PRIMARY KEY(id))',
      "COPY Town FROM 'towns.csv' (HEADER=true); MATCH (t:Town) RETURN count(*) AS towns",
      '--format',
      'csv',
    ])
    expect(stdout).toBe('towns\n3\n')
    expect(stderr).toContain('Town: 3 rows')
    expect(code).toBe(0)
  })

  it('writes nothing with --read-only', async () => {
    const { code, stdout, stderr } = await query(
      ...['MATCH (t:Town) RETURN count(*) AS towns', 'DROP TABLE Road', '--read-only', '--format', 'csv'],
    )
    expect(stdout).toBe('towns\n3\n')
    expect(stderr).toContain('error [MILLRACE_READ_ONLY]')
    expect(code).toBe(1)
  })

  it('ends quietly when the reader of its output has gone', async () => {
    const statement = 'MATCH (a:Town)-[:Road]->(b:Town)-[:Road]->(c:Town) RETURN a.name, b.name, c.name'
    const { code, stderr } = await millrace(
      place.folder,
      ['query', 'towns.mill', ...Array.from({ length: 50 }, () => statement), '--format', 'jsonl'],
      {
        stdin: '',
        started: (child) => {
          void once(child.stdout!, 'data').then(() => child.stdout!.destroy())
        },
      },
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })
})

describe('a table of every type', () => {
  const columns = [
    ['d', 'DECIMAL(18,3)', '-1234.500'],
    ['f', 'FLOAT', '0.1'],
    ['t', 'TIME', '23:59:59.500000'],
    ['v', 'INTERVAL', '1 year 3 days 04:05:06'],
    ['u', 'UUID', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['b', 'BLOB', '\\x00FF80'],
    ['j', 'JSON', '"{""a"": [1]}"'],
    ['l', 'DATE[]', '"[""2020-01-02"",null]"'],
    ['s', 'STRING[]', '"[""a"",""b,c""]"'],
    ['w', 'UINT64', '18446744073709551615'],
  ] as const
  const names = columns.map(([name]) => name)
  const types = columns.flatMap(([name, type]) => ['--type', `${name}=${type}`])
  const statement = `MATCH (n:T) RETURN n.id AS id, ${names.map((name) => `n.${name} AS ${name}`).join(', ')} ORDER BY id`

  it('is written as CSV that import reads back as the same table', async () => {
    const text = [
      `id,${names.join(',')}`,
      `1,${columns.map(([, , cell]) => cell).join(',')}`,
      `2${','.repeat(names.length)}`,
      '',
    ].join('\n')
    writeFileSync(place.path('types.csv'), text)
    const options = ['--table', 'T', '--key', 'id', ...types, '--no-progress']
    const { code, stderr } = await millrace(place.folder, ['import', 'types.mill', 'types.csv', ...options])
    expect(code, stderr).toBe(0)
    const { stdout } = await millrace(place.folder, ['query', 'types.mill', statement, '--format', 'csv'])
    expect(stdout).toBe(text)
  })

  it('takes no type that there is not', async () => {
    const options = ['--table', 'T', '--key', 'id', '--type', 'd=DECIMAL(39,1)']
    const { code, stderr } = await millrace(place.folder, ['import', 'other.mill', 'types.csv', ...options])
    expect(code).toBe(2)
    expect(stderr).toContain('DECIMAL(p,s)')
  })
})

describe('files without a table', () => {
  it('are read by LOAD FROM, and described by sniff_csv', async () => {
    writeFileSync(place.path('rivers.csv'), 'river;km\nRhine;1233\nRhône;813\nPo;many\n')
    const columns = '(river STRING, km INT64)'
    const options = "(HEADER=true, DELIM=';', IGNORE_ERRORS=true)"
    const read = `LOAD WITH HEADERS ${columns} FROM 'rivers.csv' ${options} WHERE km > 900 RETURN river`
    const { code, stdout, stderr } = await query(read, '--format', 'csv')
    expect(stdout).toBe('river\nRhine\n')
    expect(stderr).toContain('rivers.csv: 1 record left out')
    expect(stderr).toContain('rivers.csv:4 (km): type: "many" is not an INT64')
    expect(code).toBe(0)
    const sniffed = await query(
      "CALL sniff_csv('rivers.csv') YIELD columns, delimiter RETURN *",
      '--format',
      'csv',
    )
    expect(sniffed.stdout).toBe('columns,delimiter\n"river STRING, km STRING",;\n')
    const failed = await query("LOAD FROM 'nowhere.csv' RETURN *")
    expect(failed.stderr).toContain('nowhere.csv cannot be read: it does not exist')
    expect(failed.code).not.toBe(0)
  })
})
