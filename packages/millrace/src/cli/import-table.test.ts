import { describe, expect, it } from 'vitest'
import type { ColumnSchema } from '../index.js'
import { createTableStatement, namedColumns } from './import-table.js'

const airport: ColumnSchema[] = [
  { name: 'iata', type: 'STRING' },
  { name: 'zip code', type: 'INT64' },
]
const flight: ColumnSchema[] = [
  { name: 'date', type: 'TIMESTAMP' },
  { name: 'To', type: 'STRING' },
  { name: 'FROM', type: 'STRING' },
]
const noTypes = new Map()

describe('createTableStatement', () => {
  it('makes a node table of every column, with names quoted where they must be', () => {
    expect(createTableStatement({ kind: 'node', table: 'Airport', key: 'iata' }, airport, noTypes)).toBe(
      'CREATE NODE TABLE Airport(iata STRING, `zip code` INT64, PRIMARY KEY(iata))',
    )
  })

  it('lets a given type win over the sniffed one', () => {
    const types = new Map([['zip code', 'STRING' as const]])
    expect(createTableStatement({ kind: 'node', table: 'A', key: 'iata' }, airport, types)).toContain(
      '`zip code` STRING',
    )
  })

  it('takes columns called from and to, in any case, for the endpoints of a relationship', () => {
    expect(createTableStatement({ kind: 'rel', table: 'Flight', from: 'A', to: 'B' }, flight, noTypes)).toBe(
      'CREATE REL TABLE Flight(FROM A TO B, date TIMESTAMP)',
    )
  })

  it('takes the named columns for the endpoints before any other', () => {
    const request = {
      kind: 'rel',
      table: 'F',
      from: 'A',
      to: 'A',
      fromColumn: 'To',
      toColumn: 'date',
    } as const
    expect(createTableStatement(request, flight, noTypes)).toBe(
      'CREATE REL TABLE F(FROM A TO A, `FROM` STRING)',
    )
  })

  it('takes the first two columns when nothing names the endpoints', () => {
    const columns = [...airport, { name: 'count', type: 'INT64' }] as ColumnSchema[]
    expect(createTableStatement({ kind: 'rel', table: 'R', from: 'A', to: 'A' }, columns, noTypes)).toBe(
      'CREATE REL TABLE R(FROM A TO A, count INT64)',
    )
  })

  it.each([
    ['a key', () => createTableStatement({ kind: 'node', table: 'A', key: 'code' }, airport, noTypes)],
    [
      'a typed column',
      () =>
        createTableStatement({ kind: 'node', table: 'A', key: 'iata' }, airport, new Map([['x', 'DOUBLE']])),
    ],
    [
      'an endpoint',
      () =>
        createTableStatement(
          { kind: 'rel', table: 'R', from: 'A', to: 'A', fromColumn: 'origin', toColumn: 'To' },
          flight,
          noTypes,
        ),
    ],
  ])('refuses %s that the file does not have, naming those it has', (_what, create) => {
    expect(create).toThrow(/has no column .*Its columns are: /)
  })

  const [date, to, from] = flight as [ColumnSchema, ColumnSchema, ColumnSchema]
  it.each([
    ['--to-column', [date, from], { fromColumn: 'FROM' }],
    ['--from-column', [date, to], { toColumn: 'To' }],
    ['--to-column', [date, from], {}],
    ['--from-column', [to, date], {}],
  ])('asks for %s where the other endpoint alone is named', (option, columns, named) => {
    const request = { kind: 'rel', table: 'R', from: 'A', to: 'A', ...named } as const
    expect(() => createTableStatement(request, columns, noTypes)).toThrow(`${option}: the file has no column`)
  })

  it('says that a file is empty', () => {
    const request = { kind: 'node', table: 'A', key: 'id' } as const
    expect(() => createTableStatement(request, [], noTypes)).toThrow('the file is empty')
  })

  it('refuses a relationship file of one column', () => {
    expect(() =>
      createTableStatement({ kind: 'rel', table: 'R', from: 'A', to: 'A' }, [airport[0]!], noTypes),
    ).toThrow('fewer than two columns')
  })
})

describe('namedColumns', () => {
  const sniffed = { header: true, columns: flight }

  it('takes all columns of the file when there is no list', () => {
    expect(namedColumns(sniffed, undefined)).toBe(flight)
  })

  it('picks columns by a list of names that the header has', () => {
    expect(namedColumns(sniffed, ['FROM', 'date'])).toEqual([flight[2], flight[0]])
  })

  it('names columns by position with any other list, and where there is no header', () => {
    expect(namedColumns(sniffed, ['day', 'To'])).toEqual([
      { name: 'day', type: 'TIMESTAMP' },
      { name: 'To', type: 'STRING' },
    ])
    expect(namedColumns({ header: false, columns: flight }, ['FROM'])).toEqual([
      { name: 'FROM', type: 'TIMESTAMP' },
    ])
  })
})
