import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileTotals } from './file-totals.js'
import { caseNames, prepareRows, prepareWorkload, shapes, sumsOf } from './index.js'

/** The fields of a small CSV with quoted newlines. */
function parse(text: string): string[][] {
  const fields = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n)/g)]
  const rows: string[][] = [[]]
  for (const [, quoted, plain = '', end] of fields) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === '\n') rows.push([])
  }
  return rows.slice(0, -1)
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Rows of a case without its header, at a thousandth of its size or less. */
async function rowsOf(name: (typeof caseNames)[number], seed?: number) {
  const workload = await prepareWorkload(name, 0.0002, folder, seed)
  const [header = [], ...rows] = parse(readFileSync(workload.path, 'utf8'))
  const column = (title: string) => rows.map((row) => row[header.indexOf(title)] ?? '')
  return { workload, header, rows, column }
}

const sum = (texts: string[]) => texts.reduce((total, text) => total + Number(text), 0)

describe('the workloads', () => {
  for (const name of caseNames) {
    it(`${name} has as many rows as it says, all of one width`, async () => {
      const { workload, header, rows } = await rowsOf(name)
      expect(rows).toHaveLength(workload.rows)
      expect(new Set(rows.map((row) => row.length))).toEqual(new Set([header.length]))
    })

    it(`${name} has unique keys, or endpoints`, async () => {
      const { workload, column } = await rowsOf(name)
      const key = shapes[name].table.columns[0]?.name ?? ''
      if (workload.nodes === 0) expect(new Set(column(key)).size).toBe(workload.rows)
      else
        expect(Math.max(new Set(column('from')).size, new Set(column('to')).size)).toBeLessThan(
          workload.nodes,
        )
    })
  }

  for (const name of caseNames) {
    it(`${name} tells other engines the sums of its columns`, async () => {
      const { workload, header, column } = await rowsOf(name)
      const sums = Object.entries(sumsOf(workload))
      expect(sums.length).toBeGreaterThan(0)
      for (const [title, total] of sums) {
        expect(header).toContain(title)
        expect(sum(column(title))).toBeCloseTo(total, 6)
      }
    })
  }

  it('a shape makes files of any number of rows', async () => {
    const { path, rows } = await prepareRows('N3', { rows: 17, nodes: 0 }, folder)
    expect(rows).toBe(17)
    expect(parse(readFileSync(path, 'utf8'))).toHaveLength(18)
  })

  it('the files of the default seed are the same for all who measure', async () => {
    const digests: [string, string][] = []
    for (const name of caseNames) {
      const { workload } = await rowsOf(name)
      const digest = createHash('sha256').update(readFileSync(workload.path)).digest('hex')
      digests.push([name, digest.slice(0, 8)])
    }
    // What changes them needs another `generation`, and figures of its own.
    expect(Object.fromEntries(digests)).toEqual({
      N1: '06e2e3cc',
      N2: 'cff47f5e',
      N3: '0c637886',
      N4: '67d170c2',
      N5: '19c2b64e',
      E1: '36063085',
      E2: '168ba2a7',
      E3: '5fce6867',
      A1: '897b0700',
    })
  })

  it('a file is the same every time it is made', async () => {
    const first = (await rowsOf('N3')).rows
    rmSync(folder, { recursive: true })
    expect((await rowsOf('N3')).rows).toEqual(first)
  })

  it('a seed of its own makes other data of the same size, with keys as unique', async () => {
    for (const name of caseNames) {
      const usual = await rowsOf(name)
      const other = await rowsOf(name, 7)
      expect(other.rows).not.toEqual(usual.rows)
      expect(other.rows).toHaveLength(usual.rows.length)
      if (name !== 'A1') expect(Math.abs(other.workload.bytes / usual.workload.bytes - 1)).toBeLessThan(0.05)
      const key = shapes[name].table.columns[0]?.name ?? ''
      if (other.workload.nodes === 0) expect(new Set(other.column(key)).size).toBe(other.workload.rows)
    }
  })

  it('the keys of relationships are those of nodes of the same seed', async () => {
    const keys = new Set((await rowsOf('N4', 7)).column('id'))
    const { column } = await rowsOf('E3', 7)
    for (const end of [...column('from'), ...column('to')]) expect(keys).toContain(end)
  })

  it('what is made on demand is made as the cases are: shuffled keys, ends that exist', async () => {
    const nodes = await prepareRows('G1', { rows: 500, nodes: 0 }, folder)
    const ids = parse(readFileSync(nodes.path, 'utf8'))
      .slice(1)
      .map(([id]) => Number(id))
    expect(ids).not.toEqual(ids.toSorted((a, b) => a - b))
    expect(new Set(ids).size).toBe(500)
    expect(Math.max(...ids)).toBe(499)
    const edges = await prepareRows('G2', { rows: 1000, nodes: 500 }, folder)
    const ends = parse(readFileSync(edges.path, 'utf8'))
    for (const [from, to] of ends.slice(1)) expect(Math.max(Number(from), Number(to))).toBeLessThan(500)
  })

  it('the checks of nodes say what the file holds', async () => {
    const { workload, column } = await rowsOf('N3')
    const [totals, ...samples] = workload.checks
    expect(totals?.expected.rows).toBe(workload.rows)
    expect(totals?.expected.age).toBe(sum(column('age')))
    expect(totals?.expected.score).toBeCloseTo(sum(column('score')), 6)
    for (const { parameters, expected } of samples) {
      const at = column('id').indexOf(String(parameters.id))
      expect(column('name')[at]).toBe(expected.name)
      expect(column('note')[at]).toBe(expected.note)
    }
  })

  it('the checks of relationships count neighbours in both directions', async () => {
    const { workload, column } = await rowsOf('E3')
    const [, ...samples] = workload.checks
    expect(samples.length).toBeGreaterThan(0)
    for (const { statement, parameters, expected } of samples) {
      const side = column(statement.includes('a.id') ? 'from' : 'to')
      const since = column('since').filter((_, row) => side[row] === parameters.id)
      expect({ rows: since.length, since: sum(since) }).toEqual(expected)
    }
  })
})

describe('what a file adds up to', () => {
  const columns = [
    { name: 'from', type: 'STRING' },
    { name: 'to', type: 'STRING' },
    { name: 'since', type: 'INT64' },
    { name: 'weight', type: 'DOUBLE' },
    { name: 'note', type: 'STRING' },
  ] as const
  const rows = 'a,b,1,0.5,"x, ""y""\nz"\nb,a,20,1.25,\nb,b,300,2,"""q"""\nab,ba,4000,0,plain\n'

  it('is counted through quotes, commas and newlines in fields', () => {
    const totals = new FileTotals(columns, ['a', 'b'])
    totals.add(Buffer.from(rows))
    totals.add(Buffer.from(rows))
    expect([totals.rows, totals.sum('since'), totals.sum('weight')]).toEqual([8, 2 * 4321, 2 * 3.75])
    expect(totals.from).toEqual([
      { rows: 2, sum: 2 },
      { rows: 4, sum: 640 },
    ])
    expect(totals.to).toEqual([
      { rows: 2, sum: 40 },
      { rows: 4, sum: 602 },
    ])
  })

  it('is refused where a row has too few or too many columns, or a number is none', () => {
    const add = (text: string) => () => new FileTotals(columns, []).add(Buffer.from(text))
    expect(add('a,b,1,0.5\n')).toThrow('row 0 of the file has not 5 columns')
    expect(add('a,b,1,0.5,n,m\n')).toThrow('row 0 of the file has not 5 columns')
    expect(add('a,b,1,0.5,n')).toThrow('row 0 of the file has not 5 columns')
    expect(add('a,b,x,0.5,n\n')).toThrow('a number is not made of digits')
    expect(add('a,b,1,0.5,"n\n')).toThrow('a quoted field does not end')
  })
})
