import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { caseNames, prepareRows, prepareWorkload, shapes, sumsOf } from './index.js'
import { mix32, Random } from './random.js'

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
function rowsOf(name: (typeof caseNames)[number], seed?: number) {
  const workload = prepareWorkload(name, 0.0002, folder, seed)
  const [header = [], ...rows] = parse(readFileSync(workload.path, 'utf8'))
  const column = (title: string) => rows.map((row) => row[header.indexOf(title)] ?? '')
  return { workload, header, rows, column }
}

const sum = (texts: string[]) => texts.reduce((total, text) => total + Number(text), 0)

describe('the workloads', () => {
  for (const name of caseNames) {
    it(`${name} has as many rows as it says, all of one width`, () => {
      const { workload, header, rows } = rowsOf(name)
      expect(rows).toHaveLength(workload.rows)
      expect(new Set(rows.map((row) => row.length))).toEqual(new Set([header.length]))
    })

    it(`${name} has unique keys, or endpoints`, () => {
      const { workload, column } = rowsOf(name)
      const key = shapes[name].table.columns[0]?.name ?? ''
      if (workload.nodes === 0) expect(new Set(column(key)).size).toBe(workload.rows)
      else
        expect(Math.max(new Set(column('from')).size, new Set(column('to')).size)).toBeLessThan(
          workload.nodes,
        )
    })
  }

  for (const name of caseNames) {
    it(`${name} tells other engines the sums of its columns`, () => {
      const { workload, header, column } = rowsOf(name)
      const sums = Object.entries(sumsOf(workload))
      expect(sums.length).toBeGreaterThan(0)
      for (const [title, total] of sums) {
        expect(header).toContain(title)
        expect(sum(column(title))).toBeCloseTo(total, 6)
      }
    })
  }

  it('a shape makes files of any number of rows', () => {
    const { path, rows } = prepareRows('N3', { rows: 17, nodes: 0 }, folder)
    expect(rows).toBe(17)
    expect(parse(readFileSync(path, 'utf8'))).toHaveLength(18)
  })

  it('the files of the default seed are those that figures were measured with', () => {
    const digests = caseNames.map((name) => {
      const { workload } = rowsOf(name)
      return [name, createHash('sha256').update(readFileSync(workload.path)).digest('hex').slice(0, 8)]
    })
    // Another generator needs another `generation`, and figures of its own.
    expect(Object.fromEntries(digests)).toEqual({
      N1: '56375153',
      N2: 'e3f87612',
      N3: '70f6fb98',
      N4: '6387fd71',
      N5: '47ca484f',
      E1: 'd0f96bed',
      E2: '5a931f6f',
      E3: 'cb07d93d',
      A1: 'a1a6faca',
    })
  })

  it('a file is the same every time it is made', () => {
    const first = rowsOf('N3').rows
    rmSync(folder, { recursive: true })
    expect(rowsOf('N3').rows).toEqual(first)
  })

  it('a seed of its own makes other data of the same size, with keys as unique', () => {
    for (const name of caseNames) {
      const usual = rowsOf(name)
      const other = rowsOf(name, 7)
      expect(other.rows).not.toEqual(usual.rows)
      expect(other.rows).toHaveLength(usual.rows.length)
      if (name !== 'A1') expect(Math.abs(other.workload.bytes / usual.workload.bytes - 1)).toBeLessThan(0.05)
      const key = shapes[name].table.columns[0]?.name ?? ''
      if (other.workload.nodes === 0) expect(new Set(other.column(key)).size).toBe(other.workload.rows)
    }
  })

  it('the keys of relationships are those of nodes of the same seed', () => {
    const keys = new Set(rowsOf('N4', 7).column('id'))
    const { column } = rowsOf('E3', 7)
    for (const end of [...column('from'), ...column('to')]) expect(keys).toContain(end)
  })

  it('what is made on demand is made as the cases are: shuffled keys, ends that exist', () => {
    const nodes = prepareRows('G1', { rows: 500, nodes: 0 }, folder)
    const ids = parse(readFileSync(nodes.path, 'utf8'))
      .slice(1)
      .map(([id]) => Number(id))
    expect(ids).not.toEqual(ids.toSorted((a, b) => a - b))
    expect(new Set(ids).size).toBe(500)
    expect(Math.max(...ids)).toBe(499)
    const ends = parse(readFileSync(prepareRows('G2', { rows: 1000, nodes: 500 }, folder).path, 'utf8'))
    for (const [from, to] of ends.slice(1)) expect(Math.max(Number(from), Number(to))).toBeLessThan(500)
  })

  it('the checks of nodes say what the file holds', () => {
    const { workload, column } = rowsOf('N3')
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

  it('the checks of relationships count neighbours in both directions', () => {
    const { workload, column } = rowsOf('E3')
    const [, ...samples] = workload.checks
    expect(samples.length).toBeGreaterThan(0)
    for (const { statement, parameters, expected } of samples) {
      const side = column(statement.includes('a.id') ? 'from' : 'to')
      const since = column('since').filter((_, row) => side[row] === parameters.id)
      expect({ rows: since.length, since: sum(since) }).toEqual(expected)
    }
  })
})

describe('random numbers', () => {
  it('a permutation meets every index once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (size) => {
        const at = new Random(1).permutation(size)
        expect(new Set(Array.from({ length: size }, (_, index) => at(index))).size).toBe(size)
      }),
    )
  })

  it('mixing is a bijection on what it was tried on', () => {
    expect(new Set(Array.from({ length: 100_000 }, (_, index) => mix32(index))).size).toBe(100_000)
  })
})
