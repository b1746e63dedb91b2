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
function rowsOf(name: (typeof caseNames)[number]) {
  const workload = prepareWorkload(name, 0.0002, folder)
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

  it('a file is the same every time it is made', () => {
    const first = rowsOf('N3').rows
    rmSync(folder, { recursive: true })
    expect(rowsOf('N3').rows).toEqual(first)
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
