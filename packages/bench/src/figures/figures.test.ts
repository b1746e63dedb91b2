import { describe, expect, it } from 'vitest'
import { addRecords, noFigures, type Records } from './figures.js'
import { importRecord, sampleRecords } from './sample.fixture.js'

const none: Records = { imports: [], peers: [], memory: [], micro: [] }

function importsAfter(...imports: Records['imports']) {
  return addRecords(noFigures, { ...none, imports }, 1).imports.map((figure) => figure.medians.importMs)
}

describe('the figures of record', () => {
  it('of two results of a case, the newer counts', () => {
    expect(
      importsAfter(importRecord('2026-01-02T00:00:00Z', 7), importRecord('2026-01-01T00:00:00Z', 9)),
    ).toEqual([7])
  })

  it('results with other options, of parts of the files, or with a cold cache do not count', () => {
    const when = '2026-01-02T00:00:00Z'
    expect(importsAfter(importRecord(when, 1, { scale: 0.01 }))).toEqual([])
    expect(importsAfter(importRecord(when, 1, { cold: true }))).toEqual([])
    expect(importsAfter(importRecord(when, 1, { threads: 1 }))).toEqual([])
    expect(importsAfter(importRecord(when, 1, { memory: 64 }))).toEqual([])
  })

  it('without new results they stay as they are', () => {
    const figures = addRecords(noFigures, sampleRecords, 1)
    expect(addRecords(figures, none, 1)).toEqual(figures)
    expect(addRecords(figures, sampleRecords, 1)).toEqual(figures)
  })

  it('stand in the order of the cases, the peers, the sizes and the suites', () => {
    const figures = addRecords(noFigures, sampleRecords, 1)
    expect(figures.imports.map(({ name }) => name)).toEqual(['N2', 'E1'])
    expect(figures.pairs.map(({ rival }) => rival.name)).toEqual(['kuzu', 'duckdb'])
    expect(figures.memory.map(({ rows, memoryBudget }) => [rows, memoryBudget])).toEqual([
      [400_000, undefined],
      [4_000_000, undefined],
      [4_000_000, 64 * 1024 ** 2],
    ])
    expect(figures.suites.map(({ suite }) => suite)).toEqual(['scan', 'hash'])
  })

  it('the runs beside peers are imports, too, all of them together', () => {
    const [, relationships] = addRecords(noFigures, sampleRecords, 1).imports
    expect(relationships?.medians.runs).toBe(6)
    expect(relationships?.medians.importMs).toBe(1000)
  })
})
