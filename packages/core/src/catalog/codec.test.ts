import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMillraceError } from '../errors/index.js'
import { loadProgress, nodeTable, relRun, relTable, rowGroupOf, tableLoads } from './catalog.test.fixture.js'
import { decodeCatalog, decodeChange, encodeCatalog, encodeChange } from './codec.js'
import type { Catalog, CatalogChange } from './model.js'
import { PackedSegments, segmentFacts, unplacedRowGroup } from './row-group-codec.js'

const catalog: fc.Arbitrary<Catalog> = fc
  .tuple(
    nodeTable(1, 'Person'),
    nodeTable(4, 'Straße'),
    relTable(5, 'Knows', 1, 4),
    fc.nat(),
    tableLoads,
    tableLoads,
  )
  .map(([person, street, knows, version, ...loads]) => {
    const tables = [person, { ...street, loads: loads[0] }, { ...knows, loads: loads[1] }]
    return { version, nextTableId: 9, tables }
  })

const part: fc.Arbitrary<CatalogChange> = fc.oneof(
  nodeTable(1, 'Person').map((table) => ({ kind: 'createTable' as const, table })),
  fc.nat().map((tableId) => ({ kind: 'dropTable' as const, tableId })),
  fc
    .tuple(fc.nat(), nodeTable(1, 'x'), fc.array(rowGroupOf(['INT64', 'STRING']), { maxLength: 3 }))
    .map(([tableId, { keys }, groups]) => ({ kind: 'appendNodes' as const, tableId, groups, keys })),
  fc.tuple(fc.nat(), relRun).map(([tableId, run]) => ({ kind: 'appendRels' as const, tableId, run })),
  fc.tuple(fc.nat(), nodeTable(1, 'x'), loadProgress).map(([tableId, { keys }, progress]) => ({
    kind: 'appendNodes' as const,
    tableId,
    groups: [],
    keys,
    progress,
  })),
  fc
    .tuple(fc.nat(), relRun, loadProgress)
    .map(([tableId, run, progress]) => ({ kind: 'appendRels' as const, tableId, run, progress })),
  fc
    .tuple(fc.nat(), loadProgress)
    .map(([tableId, progress]) => ({ kind: 'recordLoad' as const, tableId, progress })),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => ({ kind: 'writes' as const, bytes })),
  fc
    .tuple(nodeTable(1, 'Person'), relTable(5, 'Knows', 1, 4))
    .map((tables) => ({ kind: 'replaceTables' as const, tables })),
)

const change: fc.Arbitrary<CatalogChange> = fc.oneof(
  part,
  fc.array(part, { maxLength: 3 }).map((changes) => ({ kind: 'several' as const, changes })),
)

const runs = { numRuns: 40 }

/** The same with arrays of segments in the places of packed ones. */
function plain(value: unknown): unknown {
  if (value instanceof PackedSegments) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
}

describe('the catalog codec', () => {
  it('round-trips any catalog', () => {
    fc.assert(
      fc.property(catalog, (value) => {
        const bytes = encodeCatalog(value)
        const decoded = decodeCatalog(bytes)
        expect(plain(decoded)).toEqual(value)
        expect(encodeCatalog(decoded)).toEqual(bytes)
      }),
      runs,
    )
  })

  it('round-trips any change', () => {
    fc.assert(
      fc.property(change, (value) => {
        const bytes = encodeChange(value)
        const decoded = decodeChange(bytes)
        expect(plain(decoded)).toEqual(value)
        expect(encodeChange(decoded)).toEqual(bytes)
      }),
      runs,
    )
  })

  it('packs segments, which are the same however they are asked for', () => {
    fc.assert(
      fc.property(rowGroupOf(['INT64', 'STRING', 'DOUBLE']), fc.array(fc.nat(2)), ({ segments }, asked) => {
        const packed = PackedSegments.of([...segments])
        const first = asked.map((index) => packed.at(index))
        expect([...packed]).toEqual([...segments])
        expect(packed.length).toBe(3)
        for (const [place, index] of asked.entries()) {
          expect(packed.at(index)).toBe(first[place])
          expect(first[place]).toEqual(segments.at(index))
        }
        expect([packed.at(3), packed.at(-1)]).toEqual([undefined, undefined])
      }),
      runs,
    )
  })

  it('moves the pages of segments that get their place, and nothing else', () => {
    fc.assert(
      fc.property(
        rowGroupOf(['INT64', 'STRING', 'DECIMAL(5,2)[]']),
        fc.nat(1000),
        ({ rows, segments }, base) => {
          const placed = PackedSegments.placed(unplacedRowGroup(rows, segments), base)
          const moved = Array.from(segments, (segment) => ({
            ...segment,
            firstPage: segment.contentBytes === 0 ? 0 : segment.firstPage + base,
          }))
          expect([...placed]).toEqual(moved)
          const facts = Array.from(
            segmentFacts(placed),
            ({ type, rows, nullCount, firstPage, contentBytes }) => {
              return { type, rows, nullCount, firstPage, contentBytes }
            },
          )
          expect(moved).toMatchObject(facts)
          expect(facts.length).toBe(3)
        },
      ),
      runs,
    )
  })

  it('puts long encodings in memory that threads share, and keeps them there', () => {
    const [group] = fc.sample(rowGroupOf(Array.from({ length: 2000 }, () => 'INT64' as const)), {
      numRuns: 1,
      seed: 7,
    })
    const keys = { sortedGroups: [], runs: [], hashedRange: null }
    const bytes = encodeChange({ kind: 'appendNodes', tableId: 1, groups: [group!], keys })
    expect(bytes.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(bytes.length).toBe(bytes.buffer.byteLength)
    const decoded = decodeChange(bytes) as CatalogChange & { kind: 'appendNodes' }
    expect((decoded.groups[0]!.segments as PackedSegments).bytes.buffer).toBe(bytes.buffer)
  })

  it('refuses a change of several parts within another', () => {
    const inner: CatalogChange = { kind: 'several', changes: [] }
    const bytes = encodeChange({ kind: 'several', changes: [inner] })
    expect(() => decodeChange(bytes)).toThrow(/a part of another/)
  })

  it('refuses bytes that are cut or too many, naming the source', () => {
    const [value] = fc.sample(catalog, { numRuns: 1, seed: 5 })
    const bytes = encodeCatalog(value!)
    for (let length = 0; length < bytes.length; length += 13) {
      expect(() => decodeCatalog(bytes.slice(0, length), { file: 'x.mill', what: 'the catalog' })).toThrow(
        /x\.mill is damaged: the catalog/,
      )
    }
    expect(() => decodeCatalog(Uint8Array.from([...bytes, 0]))).toThrow(/1 bytes too many/)
  })

  it('refuses damaged bytes or reads something valid, and never takes long or much', () => {
    fc.assert(
      fc.property(catalog, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, where, bits) => {
        const bytes = encodeCatalog(value).slice()
        bytes[where % bytes.length]! ^= bits
        try {
          decodeCatalog(bytes)
        } catch (error) {
          expect(isMillraceError(error, 'MILLRACE_CORRUPT'), String(error)).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })
})
