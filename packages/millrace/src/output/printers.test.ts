import pc from 'picocolors'
import { describe, expect, it } from 'vitest'
import type { ResultColumn, Row } from '../index.js'
import { csvPrinter } from './csv.js'
import { type OutputFormat, printerOf } from './index.js'

const columns = [
  { name: 'id', type: 'INT64' },
  { name: 'name', type: 'STRING' },
  { name: 'ratio', type: 'DOUBLE' },
  { name: 'day', type: 'DATE' },
  { name: 'at', type: 'TIMESTAMP' },
  { name: 'open', type: 'BOOL' },
] as const satisfies ResultColumn[]

const rows: Row[] = [
  {
    id: 9_007_199_254_740_993n,
    name: 'Sky "Harbor", AZ',
    ratio: 0.1,
    day: new Date('2001-01-31'),
    at: new Date('2001-01-01T00:01:00Z'),
    open: true,
  },
  { id: 2, name: '', ratio: Number.NaN, day: null, at: null, open: null },
]

function print(
  format: OutputFormat,
  printed: readonly Row[] = rows,
  head: readonly ResultColumn[] = columns,
): string {
  const printer = printerOf(format, pc.createColors(false))
  return printer.begin(head) + printed.map((row) => printer.row(row)).join('') + printer.end()
}

describe('csv for spreadsheets', () => {
  const printed = (value: unknown, type: ResultColumn['type'] = 'STRING') => {
    const printer = csvPrinter({ spreadsheetSafe: true })
    printer.begin([{ name: 'x', type }])
    return printer.row({ x: value } as Row).slice(0, -1)
  }

  it('writes an apostrophe before each beginning of a formula that OWASP names', () => {
    for (const sign of ['=', '+', '-', '@', '\uff1d', '\uff0b', '\uff0d', '\uff20']) {
      expect(printed(`${sign}cmd`)).toBe(`'${sign}cmd`)
      expect(printed(` ${sign}cmd`)).toBe(`' ${sign}cmd`)
      expect(printed(`\u00a0${sign}cmd`)).toBe(`'\u00a0${sign}cmd`)
      expect(printed(`"${sign}cmd"`)).toBe(`"'""${sign}cmd"""`)
      expect(printed(`a;${sign}cmd`)).toBe(`a;'${sign}cmd`)
      expect(printed(`a; "${sign}cmd`)).toBe(`"a;' ""${sign}cmd"`)
      expect(printed(`a\t${sign}cmd`)).toBe(`a\t'${sign}cmd`)
      expect(printed(`a\n${sign}cmd`)).toBe(`"a\n'${sign}cmd"`)
      expect(printed([`a;${sign}cmd`], 'STRING[]')).toBe(`"[""a;'${sign}cmd""]"`)
    }
    for (const blank of ['\t', '\r', '\n']) {
      expect(printed(`${blank}x`)).toMatch(/^"?'\s/)
      expect(printed(`${blank}=x`)).toMatch(/^"?'\s=x/)
    }
  })

  it('leaves alone what is none', () => {
    for (const text of ['a=1', 'a, -1', "'=x", 'x@y.z', 'a-b', '1+1', '#', 'a;b']) {
      expect(printed(text)).toBe(text.includes(',') ? `"${text}"` : text)
    }
    expect(printed('-1.50', 'DECIMAL(9,2)')).toBe('-1.50')
    expect(printed(-1.5, 'DOUBLE')).toBe('-1.5')
    expect(printed(-7n, 'INT64')).toBe('-7')
    expect(printed(new Date('2001-01-31'), 'DATE')).toBe('2001-01-31')
    expect(printed(true, 'BOOL')).toBe('true')
  })
})

describe('csv', () => {
  it('prints a header, quotes what needs it, and tells NULL from the empty string', () => {
    expect(print('csv')).toBe(
      'id,name,ratio,day,at,open\n' +
        '9007199254740993,"Sky ""Harbor"", AZ",0.1,2001-01-31,2001-01-01T00:01:00.000Z,true\n' +
        '2,"",NaN,,,\n',
    )
  })

  it('keeps line ends and outer spaces inside quotes', () => {
    const text = print('csv', [{ text: 'a\nb' }, { text: ' c' }], [{ name: 'text', type: 'STRING' }])
    expect(text).toBe('text\n"a\nb"\n" c"\n')
  })

  it('prints the header of an empty result', () => {
    expect(print('csv', [])).toBe('id,name,ratio,day,at,open\n')
  })
})

describe('json', () => {
  it('prints one array, which any reader of JSON takes, with every digit of an INT64', () => {
    const text = print('json')
    expect(text).toContain('"id":9007199254740993,')
    const parsed = JSON.parse(text)
    expect(parsed).toHaveLength(2)
    expect(parsed[0].at).toBe('2001-01-01T00:01:00.000Z')
    expect(parsed[1]).toEqual({ id: 2, name: '', ratio: null, day: null, at: null, open: null })
  })

  it('prints nodes and lists to the last digit', () => {
    const node = { _label: 'Town', id: 9_007_199_254_740_993n, founded: new Date(0), tags: ['a', null, 1n] }
    expect(print('jsonl', [{ n: node }], [{ name: 'n', type: 'NODE' }])).toBe(
      '{"n":{"_label":"Town","id":9007199254740993,"founded":"1970-01-01T00:00:00.000Z","tags":["a",null,1]}}\n',
    )
  })

  it('prints an empty array for an empty result', () => {
    expect(JSON.parse(print('json', []))).toEqual([])
  })

  it('keeps a column whose name is a property of every object', () => {
    const row = Object.assign(Object.create(null), { __proto__: null }) as Row
    Object.defineProperty(row, '__proto__', { value: 7, enumerable: true })
    expect(print('jsonl', [row], [{ name: '__proto__', type: 'INT64' }])).toBe('{"__proto__":7}\n')
  })
})

describe('jsonl', () => {
  it('prints one object a line and nothing for an empty result', () => {
    const lines = print('jsonl').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).name)).toEqual(['Sky "Harbor", AZ', ''])
    expect(print('jsonl', [])).toBe('')
  })
})

describe('table', () => {
  it('aligns numbers to the right and shows NULL', () => {
    const text = print(
      'table',
      [
        { n: 1, s: 'a' },
        { n: 100, s: null },
      ],
      [
        { name: 'n', type: 'INT64' },
        { name: 's', type: 'STRING' },
      ],
    )
    expect(text).toBe(
      '┌─────┬──────┐\n│   n │ s    │\n├─────┼──────┤\n│   1 │ a    │\n│ 100 │ NULL │\n└─────┴──────┘\n',
    )
  })

  it('shows the columns of an empty result', () => {
    expect(print('table', [], [{ name: 'n', type: 'INT64' }])).toContain('│ n │')
  })

  it('never lets data move the cursor or colour the terminal', () => {
    const text = print('table', [{ s: '\u001b[31mred\r\n' }], [{ name: 's', type: 'STRING' }])
    expect(text).toContain('\\u001b[31mred\\r\\n')
    expect(text).not.toContain('\u001b')
  })

  it('begins a new page every thousand rows instead of holding all of them', () => {
    const printer = printerOf('table', pc.createColors(false))
    printer.begin([{ name: 'n', type: 'INT64' }])
    const printedAt: number[] = []
    for (let n = 1; n <= 2500; n++) if (printer.row({ n }) !== '') printedAt.push(n)
    expect(printedAt).toEqual([1000, 2000])
    expect(printer.end()).toContain('2500')
  })
})
