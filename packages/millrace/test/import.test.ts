import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, createWorkplace, loadTowns, millrace, type Workplace } from './command.js'

const countTowns = 'MATCH (t:Town) RETURN count(*)'

let place: Workplace
beforeEach(() => {
  place = createWorkplace()
})
afterEach(() => place.dispose())

/** `millrace import towns.mill …`, with a line as one would type it (no value holds a space). */
async function run(line: string) {
  return await millrace(place.folder, ['import', 'towns.mill', ...line.split(' ')])
}

describe('millrace import', () => {
  it('sniffs, creates the tables, loads nodes and relationships, and says what it did', async () => {
    const towns = await run('towns.csv --table Town --key id')
    expect(towns.stderr).toContain(
      'CREATE NODE TABLE Town(id INT64, name STRING, inhabitants INT64, height DOUBLE, founded DATE, coastal BOOL, PRIMARY KEY(id))',
    )
    expect(towns.stderr).toMatch(/^Town: 3 rows, .* rows\/s/m)
    expect(towns.stdout).toBe('')
    expect(towns.code).toBe(0)
    const roads = await run('roads.csv --table Road --from Town --to Town')
    expect(roads.stderr).toContain('CREATE REL TABLE Road(FROM Town TO Town, length DOUBLE)')
    expect(roads.code).toBe(0)
    const everyRoad = 'MATCH (a:Town)-[r:Road]->(b:Town) RETURN a.id, b.id, r.length ORDER BY a.id, b.id'
    expect(await ask(place.path('towns.mill'), everyRoad)).toEqual([
      [1, 2, 1100.5],
      [1, 3, 7],
      [2, 3, 20],
      [3, 1, 1200],
    ])
  })

  it('takes a delimiter by its number, as COPY does', async () => {
    writeFileSync(place.path('units.csv'), 'id\x1fname;x\n1\x1fAix;Y\n')
    const { code, stderr } = await run('units.csv --table Unit --key id --delim \\x1f')
    expect(stderr).toContain('CREATE NODE TABLE Unit(id INT64, `name;x` STRING, PRIMARY KEY(id))')
    expect(code).toBe(0)
  })

  it('loads columns whose quoted names begin or end with spaces', async () => {
    writeFileSync(place.path('padded.csv'), '"id "," born"\n1,2001-02-03\n')
    const { code, stderr } = await millrace(place.folder, [
      ...['import', 'towns.mill', 'padded.csv', '--table', 'Padded', '--key', 'id '],
    ])
    expect(stderr).toContain('CREATE NODE TABLE Padded(`id ` INT64, ` born` DATE, PRIMARY KEY(`id `))')
    expect(code).toBe(0)
  })

  it('appends files to a table that is there, and columns that are not listed are NULL', async () => {
    await loadTowns(place)
    writeFileSync(place.path('more-1.csv'), 'id,name\n10,Ghent\n')
    writeFileSync(place.path('more-2.csv'), 'id,name\n11,Bruges\n')
    const { code, stderr } = await run('more-*.csv --table Town --columns id,name')
    expect(stderr).toMatch(/^Town: 2 rows,/m)
    expect(code).toBe(0)
    const added = 'MATCH (t:Town) WHERE t.id >= 10 RETURN t.id, t.name, t.inhabitants ORDER BY t.id'
    expect(await ask(place.path('towns.mill'), added)).toEqual([
      [10, 'Ghent', null],
      [11, 'Bruges', null],
    ])
  })

  it('sniffs and loads gzip files, and does nothing twice with --resume', async () => {
    const roads = readFileSync(place.path('roads.csv'))
    await run('towns.csv --table Town --key id')
    writeFileSync(place.path('packed.csv'), gzipSync(roads))
    const line = 'packed.csv --table Road --from Town --to Town --on-failure keep --resume'
    const first = await run(line)
    expect(first.stderr).toContain('CREATE REL TABLE Road(FROM Town TO Town, length DOUBLE)')
    expect(first.stderr).toMatch(/^Road: 4 rows,/m)
    const second = await run(line)
    expect(second.stderr).toContain('Road: everything was loaded before, nothing to do')
    expect([first.code, second.code]).toEqual([0, 0])
    expect(await ask(place.path('towns.mill'), 'MATCH ()-[r:Road]->() RETURN count(*)')).toEqual([[4]])
  })

  it('writes refused records to a file', async () => {
    const options = '--type inhabitants=INT64 --ignore-errors --rejects bad.csv'
    const { code } = await run(`broken.csv --table Town --key id ${options}`)
    expect(code).toBe(0)
    expect(readFileSync(place.path('bad.csv'), 'utf8')).toBe(
      'file,line,row,column,kind,message,record\n' +
        'broken.csv,3,2,inhabitants,type,"""many"" is not an INT64 (whole number)","6,Leiden,many,1,,"\n',
    )
  })

  it('reads fields whose quotes have spaces around them', async () => {
    writeFileSync(place.path('spaced.csv'), 'id, "name"\n1, "Ghent, old"\n2,"Bruges" \n')
    const { code, stderr } = await run('spaced.csv --table Town --key id')
    expect([code, stderr]).toEqual([0, expect.stringContaining('Town(id INT64, name STRING')])
    const towns = 'MATCH (t:Town) RETURN t.id, t.name ORDER BY t.id'
    expect(await ask(place.path('towns.mill'), towns)).toEqual([
      [1, 'Ghent, old'],
      [2, 'Bruges'],
    ])
  })

  it('reads dates in the order that the file has them', async () => {
    writeFileSync(place.path('dates.csv'), 'id,founded\n1,31/12/1900\n2,1/2/1901\n')
    const { code, stderr } = await run('dates.csv --table Town --key id')
    expect([code, stderr]).toEqual([0, expect.stringContaining('Town(id INT64, founded DATE')])
    const founded = 'MATCH (t:Town) RETURN t.founded ORDER BY t.id'
    expect(await ask(place.path('towns.mill'), founded)).toEqual([
      [new Date('1900-12-31')],
      [new Date('1901-02-01')],
    ])
  })

  it('skips lines that stand before the header', async () => {
    writeFileSync(place.path('titled.csv'), 'Towns of old\n\nid,name,height\n1,Ghent,8.5\n2,Bruges,7\n')
    const { code, stderr } = await run('titled.csv --table Town --key id')
    expect([code, stderr]).toEqual([0, expect.stringContaining('Town(id INT64, name STRING, height DOUBLE')])
    expect(await ask(place.path('towns.mill'), countTowns)).toEqual([[2]])
  })

  it('names columns that it leaves out', async () => {
    writeFileSync(place.path('wide.csv'), 'id,name,mayor\n1,Ghent,x\n')
    await millrace(place.folder, [
      ...['query', 'towns.mill', 'CREATE NODE TABLE Town(id INT64, name STRING, PRIMARY KEY(id))'],
    ])
    const { stderr } = await run('wide.csv --table Town')
    expect(stderr).toMatch(/^Town: 1 row,/m)
    expect(stderr).toContain('ignored columns: mayor')
  })

  it('takes the options of COPY', async () => {
    writeFileSync(place.path('odd.csv'), "# made by hand\n1;'a;b';-\n2;'it''s';7\n")
    const { code, stderr } = await run(
      "odd.csv --table T --key id --no-header --delim ; --quote ' --comment # --null-strings - --threads 1 " +
        '--block-size 16B --batch-size 1 --memory 160MB --columns id,text,number',
    )
    expect(stderr).toMatch(/^T: 2 rows,/m)
    expect(code).toBe(0)
    const everything = 'MATCH (t:T) RETURN t.id, t.text, t.number ORDER BY t.id'
    expect(await ask(place.path('towns.mill'), everything)).toEqual([
      [1, 'a;b', null],
      [2, "it's", 7],
    ])
  })

  it('guesses nothing but types, or from few records, when told to', async () => {
    writeFileSync(place.path('semi.csv'), 'id;n,name\n1;2,a\n2;x,b\n')
    const plain = await run('semi.csv --table A --key name --no-auto-detect')
    expect(plain.stderr).toContain('`id;n` STRING')
    const few = await run('semi.csv --table B --key id --delim ; --sample-size 1 --type n,name=STRING')
    expect(few.stderr).toMatch(/^B: 2 rows,/m)
    expect((await run('semi.csv --table C --key id --sample-size 0')).code).toBe(2)
  })

  it('refuses a wrong value with its file, line and column, and loads nothing', async () => {
    await loadTowns(place)
    const { code, stderr } = await run('broken.csv --table Town')
    expect(code).toBe(1)
    expect(stderr).toMatch(/error \[MILLRACE_CSV_TYPE\]: .*broken\.csv.*3.*inhabitants.*many/)
    expect(stderr).toContain('name such texts in --null-strings, or skip such rows with --ignore-errors.')
    expect(await ask(place.path('towns.mill'), countTowns)).toEqual([[3]])
  })

  it('skips what it cannot load when told to, and says what that was', async () => {
    await loadTowns(place)
    const { code, stderr } = await run('broken.csv --table Town --ignore-errors')
    expect(code).toBe(0)
    expect(stderr).toMatch(/^Town: 2 rows,/m)
    expect(stderr).toContain('1 row skipped, 1 error')
    expect(stderr).toMatch(/broken\.csv:3 \(inhabitants\): type: /)
  })

  it('removes a table that it made for a load that failed', async () => {
    writeFileSync(place.path('same.csv'), 'id,name\n1,a\n1,b\n')
    const { code, stderr } = await run('same.csv --table Same --key id')
    expect(code).toBe(1)
    expect(stderr).toContain('error [MILLRACE_DUPLICATE_KEY]')
    const inspected = await millrace(place.folder, ['inspect', 'towns.mill', '--format', 'json'])
    expect(JSON.parse(inspected.stdout).tables).toEqual([])
  })

  it('makes no database for a CSV file that is not there', async () => {
    const { code, stderr } = await run('absent.csv --table T --key id')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error \[MILLRACE_IMPORT_SOURCE\]: .*absent\.csv/)
    expect(existsSync(place.path('towns.mill'))).toBe(false)
  })

  it('does not write with --read-only', async () => {
    await loadTowns(place)
    const { code, stderr } = await run('towns-twice.csv --table Town --read-only')
    expect(code).toBe(1)
    expect(stderr).toContain('error [MILLRACE_READ_ONLY]')
  })

  it('lets a given type win over the sniffed one', async () => {
    writeFileSync(place.path('zip.csv'), 'zip,name\n1234,a\n')
    const { stderr } = await run('zip.csv --table Zip --key zip --type zip=string')
    expect(stderr).toContain('CREATE NODE TABLE Zip(zip STRING, name STRING, PRIMARY KEY(zip))')
  })

  it('names columns whose names are missing or the same, and finds them again', async () => {
    writeFileSync(place.path('index.csv'), ',age,age\n0,31,30\n1,40,39\n')
    const { stderr } = await run('index.csv --table Person --key column0')
    expect(stderr).toContain(
      'CREATE NODE TABLE Person(column0 INT64, age INT64, age_1 INT64, PRIMARY KEY(column0))',
    )
    writeFileSync(place.path('index.csv'), ',age,age\n2,50,49\n')
    expect((await run('index.csv --table Person')).code).toBe(0)
    const people = 'MATCH (p:Person) RETURN p.column0, p.age, p.age_1 ORDER BY p.column0'
    expect(await ask(place.path('towns.mill'), people)).toEqual([
      [0, 31, 30],
      [1, 40, 39],
      [2, 50, 49],
    ])
  })

  it('loads what comes through a pipe, however it is cut', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => `${i};"town ${i}; ${'x'.repeat(i % 40)}"\n`)
    const parameters = ['import', 'towns.mill', '-', '--table', 'Town', '--key', 'id']
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
    const totals = 'MATCH (t:Town) RETURN count(*), sum(t.id), min(t.name)'
    expect(await ask(place.path('towns.mill'), totals)).toEqual([[5000, 12_497_500, 'town 0; ']])
  })

  it.each([
    ['whose last line has no end', Buffer.from('id,name\n1,Aix'), []],
    ['in UTF-16', Buffer.from('\ufeffid;name\n1;Köln\n', 'utf16le'), ['--encoding', 'utf-16']],
    ['in Latin-1', Buffer.from('id;näme\n1;Köln\n', 'latin1'), ['--encoding', 'latin-1']],
  ])('guesses from all of a pipe %s', async (_, bytes, options) => {
    const parameters = ['import', 'towns.mill', '-', '--table', 'Town', '--key', 'id', ...options]
    const { code, stderr } = await millrace(place.folder, parameters, {
      started: ({ stdin }) => void stdin!.end(bytes),
    })
    expect(stderr).toMatch(/^CREATE NODE TABLE Town\(id INT64, .* STRING,/)
    expect(code).toBe(0)
  })

  it('refuses to load into a table that is not the one described', async () => {
    await loadTowns(place)
    const { code, stderr } = await run('towns.csv --table Town --key name')
    expect(code).toBe(2)
    expect(stderr).toContain('a node table with the key id, not a node table with the key name')
  })
})
