import { describe, expect, it } from 'vitest'
import { finishedSourcesMax } from '../limits.js'
import { applyChange, emptyCatalog } from './change.js'
import { requireTable } from './lookup.js'
import type { Catalog, CatalogChange } from './model.js'
import { planTable } from './plan-table.js'
import type { LoadProgress, UnfinishedLoad } from './table-loads.js'

const hash = 'ab'.repeat(16)
const position = {
  source: 0,
  byteOffset: 9,
  records: 2,
  lines: 3,
  midLine: false,
  checksum: 0,
  rows: 2,
  skipped: 0,
}
const source = { path: '/a.csv', sizeBytes: 90, modifiedNs: 5n, headHash: hash }
const load: UnfinishedLoad = { sources: [source], settings: '{}', position, rejects: null }
const unfinished: LoadProgress = { kind: 'unfinished', load }
const ended = (count: number): LoadProgress => ({
  kind: 'ended',
  sources: Array.from({ length: count }, (_, at) => ({ identity: hash, modifiedNs: BigInt(at) })),
})

function withTable(): Catalog {
  const columns = [{ name: 'id', type: 'INT64' as const }]
  const table = planTable(emptyCatalog, { kind: 'node', name: 'N', columns, keyColumn: 0 })
  return applyChange(emptyCatalog, { kind: 'createTable', table })
}

const record = (progress: LoadProgress): CatalogChange => ({ kind: 'recordLoad', tableId: 1, progress })
const append = (progress?: LoadProgress): CatalogChange => ({
  kind: 'appendNodes',
  tableId: 1,
  groups: [],
  keys: { sortedGroups: [], runs: [], hashedRange: null },
  ...(progress && { progress }),
})
const loadsOf = (catalog: Catalog) => requireTable(catalog, 'N').loads

describe('the loads of a table', () => {
  it('are none before one is recorded, and stay what they are when another load is not', () => {
    const catalog = applyChange(withTable(), append())
    expect(loadsOf(catalog)).toBeUndefined()
    const begun = applyChange(catalog, append(unfinished))
    expect(loadsOf(applyChange(begun, append()))).toEqual({ unfinished: load, finished: [] })
  })

  it('have one unfinished load, which moves on and ends with its sources remembered', () => {
    const further = { ...load, position: { ...position, byteOffset: 50 } }
    let catalog = applyChange(withTable(), append(unfinished))
    catalog = applyChange(catalog, append({ kind: 'unfinished', load: further }))
    expect(loadsOf(catalog)?.unfinished).toEqual(further)
    catalog = applyChange(catalog, record(ended(1)))
    expect(loadsOf(catalog)).toEqual({ unfinished: null, finished: [{ identity: hash, modifiedNs: 0n }] })
  })

  it('are none again when the only one was given up', () => {
    const catalog = applyChange(applyChange(withTable(), append(unfinished)), record(ended(0)))
    expect(loadsOf(catalog)).toBeUndefined()
    expect('loads' in requireTable(catalog, 'N')).toBe(false)
  })

  it('forget the oldest sources beyond the limit', () => {
    const catalog = applyChange(applyChange(withTable(), append(ended(finishedSourcesMax))), append(ended(2)))
    const { finished } = loadsOf(catalog)!
    expect(finished.length).toBe(finishedSourcesMax)
    expect(finished[0]!.modifiedNs).toBe(2n)
    expect(finished.at(-1)!.modifiedNs).toBe(1n)
  })

  const refused: [string, UnfinishedLoad, RegExp][] = [
    ['without sources', { ...load, sources: [] }, /0 sources/],
    [
      'that stands in a source it does not have',
      { ...load, position: { ...position, source: 1 } },
      /number 1/,
    ],
    ['of a source without a hash', { ...load, sources: [{ ...source, headHash: 'abc' }] }, /no hash/],
  ]
  it.each(refused)('refuse one %s', (_what, wrong, message) => {
    expect(() => applyChange(withTable(), append({ kind: 'unfinished', load: wrong }))).toThrow(message)
  })
})
