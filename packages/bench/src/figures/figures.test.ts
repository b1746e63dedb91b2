import { describe, expect, it } from 'vitest'
import { addRecords } from './add-records.js'
import { noFigures, noRecords, type Records } from './figures.js'
import { importRecord, sampleRecords } from './sample.fixture.js'

const none = noRecords
const whole = { scale: 1 }

function importsAfter(...imports: Records['imports']) {
  return addRecords(noFigures, { ...none, imports }, whole).imports.map((figure) => figure.medians.importMs)
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

  it('results of another seed count only when they are asked for', () => {
    const imports = [importRecord('2026-01-02T00:00:00Z', 1, { seed: 7 })]
    const importsOf = (choice: { scale: number; seed?: number }) =>
      addRecords(noFigures, { ...none, imports }, choice).imports
    expect(importsOf({ scale: 1 })).toEqual([])
    expect(importsOf({ scale: 1, seed: 7 })).toHaveLength(1)
  })

  it('a bench may be run in pieces: what an earlier one measured stays beside what a later one did', () => {
    const first = addRecords(noFigures, { ...none, cgroups: sampleRecords.cgroups }, whole)
    const [record] = sampleRecords.cgroups
    const later = { ...record!, startedAt: '2026-02-01T00:00:00Z', points: record!.points.slice(0, 1) }
    const { cgroups } = addRecords(first, { ...none, cgroups: [later] }, whole)
    expect(cgroups.map(({ limitBytes, measuredAt }) => [limitBytes / 1024 ** 2, measuredAt])).toEqual([
      [512, record?.startedAt],
      [64, later.startedAt],
    ])
  })

  it('a small budget and a cold cache have figures of their own', () => {
    const figures = addRecords(noFigures, sampleRecords, whole)
    expect(figures.budgets.map(({ memoryBudget }) => memoryBudget)).toEqual([64 * 1024 ** 2])
    expect(figures.coldImports.map(({ medians }) => medians.importMs)).toEqual([900])
    expect(figures.imports[0]?.medians.importMs).toBe(500)
  })

  it('without new results they stay as they are', () => {
    const figures = addRecords(noFigures, sampleRecords, whole)
    expect(addRecords(figures, none, whole)).toEqual(figures)
    expect(addRecords(figures, sampleRecords, whole)).toEqual(figures)
  })

  it('stand in the order of the cases, the peers, the sizes and the suites', () => {
    const figures = addRecords(noFigures, sampleRecords, whole)
    expect(figures.imports.map(({ name }) => name)).toEqual(['N2', 'E1'])
    expect(figures.pairs.map(({ rival }) => rival.name)).toEqual(['kuzu', 'duckdb', 'disk'])
    expect(figures.memory.map(({ rows, memoryBudget }) => [rows, memoryBudget])).toEqual([
      [400_000, undefined],
      [4_000_000, undefined],
      [4_000_000, 64 * 1024 ** 2],
    ])
    expect(figures.suites.map(({ suite }) => suite)).toEqual(['scan', 'hash'])
  })

  it('the runs beside peers are imports, too, all of them together', () => {
    const [, relationships] = addRecords(noFigures, sampleRecords, whole).imports
    expect(relationships?.medians.runs).toBe(9)
    expect(relationships?.medians.importMs).toBe(1000)
  })
})
