import { readFileSync } from 'node:fs'
import { Arena, MemoryBudget } from '@millrace/core/internal'
import { describe, expect, it } from 'vitest'
import { lanesBytesMax } from '../limits.js'
import { BlockParser } from './block-parser.js'
import { cell, controlBlock, quickScan, scan } from './kernel-layout.js'
import { csvKernelsModule } from './kernels.js'
import {
  columnsOf,
  defaultOptions,
  type Options,
  parseAt,
  parseInBlocks,
  withParser,
} from './parsing.test.fixture.js'

const people: Options = {
  ...defaultOptions,
  columns: [
    { csvIndex: 0, name: 'id', type: 'INT64', nullable: false },
    { csvIndex: 1, name: 'name', type: 'STRING', nullable: true },
    { csvIndex: 2, name: 'age', type: 'INT32', nullable: true },
  ],
}

function whole(text: string | Uint8Array, options: Options) {
  const file = Buffer.from(text)
  return parseInBlocks(file, options, { blockBytes: file.length })
}

describe('errors', () => {
  const head = '1,"two\nlines",3\n\n2,b,4\n'

  it('leave the lines before them as many, where none is kept and texts hold escapes', () => {
    for (const name of ['"""""\n"""', '""""""', '"a\n""b""\n""c\n"""']) {
      const { lines, errorCount } = withParser({ ...people, errorsKeptMax: 0 }, 1000, (parser) => {
        const file = Buffer.from(`1,${name},3\nx1,b,5\n`)
        const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax: 9 }
        return parseAt(parser, file, 0, request)
      })
      expect({ name, lines, errorCount }).toEqual({ name, lines: name.split('\n').length, errorCount: 1 })
    }
  })

  it.each([
    ['type', 'x1,b,5', 'id', '"x1" is not an INT64 (whole number)', 'x1'],
    [
      'type',
      '3,b,"9999999999"',
      'age',
      '"9999999999" is out of the range of INT32 (-2147483648 to 2147483647)',
      '9999999999',
    ],
    ['nullKey', ',b,5', 'id', 'the column id has no value', ''],
    ['ragged', '3,b', undefined, 'the record has 2 fields instead of 3', '3,b'],
    ['ragged', '3,b,5,6', undefined, 'the record has 4 fields instead of 3', '3,b,5,6'],
    ['quote', '3,"b"x,5', 'name', 'field 2 goes on behind its closing quote', '3,"b"x,5'],
  ])('of kind %s name their place and value: %s', (kind, record, column, message, text) => {
    const { values, errors, lines } = whole(`${head}${record}\n4,d,6\n`, people)
    expect(values).toHaveLength(2)
    const recordBytes = record.length
    const expected = { kind, row: 2, line: 4, byteOffset: 23, recordBytes, message, text }
    expect(errors).toEqual([column === undefined ? expected : { ...expected, column }])
    expect(lines).toBe(4)
  })

  it('of kind quote say how many lines the record takes: its quote may not be one', () => {
    const record = '3,"b,5\r\n4,d,6\n\n5,"e",7'
    const { errors, lines } = whole(`${head}${record}\n6,f,8\n`, people)
    const message = 'field 2 goes on behind its closing quote, in a record of 4 lines'
    expect(errors).toMatchObject([
      { kind: 'quote', row: 2, line: 4, byteOffset: 23, column: 'name', message },
    ])
    expect(lines).toBe(4)
  })

  it('of encoding name the column when it is one', () => {
    const file = Buffer.concat([Buffer.from('1,a,2\n2,'), Buffer.from([0xff, 0x62]), Buffer.from(',3\n')])
    expect(whole(file, people).errors).toEqual([
      {
        kind: 'encoding',
        column: 'name',
        row: 1,
        line: 1,
        byteOffset: 6,
        recordBytes: 6,
        message: 'the record is not valid UTF-8',
        text: '2,\ufffdb,3',
      },
    ])
  })

  it('of an unclosed quote and of a record too long show the first line', () => {
    expect(whole('1,a,2\n2,"b,3\n3,c,4\n', people).errors).toMatchObject([
      { kind: 'unclosedQuote', column: 'name', row: 1, line: 1, byteOffset: 6, text: '2,"b,3' },
    ])
    const long = `1,a,2\n2,${'b'.repeat(2000)},3\n`
    const [error] = whole(long, { ...people, maxRowBytes: 1500 }).errors
    expect(error).toMatchObject({ kind: 'rowTooLong', row: 1, line: 1, byteOffset: 6 })
    expect(error?.text).toBe(`2,${'b'.repeat(254)}…`)
  })

  it('stop the parse at the first in record order, not in column order', () => {
    const { values, errors } = whole('1,a,2\n2,b,old\nx,c,3\n', people)
    expect(values).toHaveLength(1)
    expect(errors).toMatchObject([{ row: 1, column: 'age' }])
  })

  it('of one record are reported once, the leftmost', () => {
    const { errors, errorCount } = whole('x,b,old\n', { ...people, ignoreErrors: true })
    expect(errors).toMatchObject([{ column: 'id' }])
    expect(errorCount).toBe(1)
  })

  it('when ignored leave the record out of all columns, and all are counted', () => {
    const text = '1,a,1\nx,b,2\n3,c\n4,"d",4\n5,e,y\n6,"f""",\n'
    const parsed = whole(text, { ...people, ignoreErrors: true, errorsKeptMax: 2 })
    const rows = parsed.values.map(([id, name, age]) => [id, Buffer.from(name as Uint8Array).toString(), age])
    expect(rows).toEqual([
      [1n, 'a', 1n],
      [4n, 'd', 4n],
      [6n, 'f"', null],
    ])
    expect(parsed).toMatchObject({ errorCount: 3, skipped: 3, records: 6, lines: 6 })
    expect(parsed.errors.map(({ kind, row }) => [kind, row])).toEqual([
      ['type', 1],
      ['ragged', 2],
    ])
  })
})

describe('a block parser', () => {
  it('hands a block out in as many parts as its lanes need', () => {
    const file = Buffer.from(Array.from({ length: 10 }, (_, i) => `${i},n,${i}\n`).join(''))
    const parts = withParser({ ...people, rowsMax: 4 }, file.length, (parser) => {
      const found = []
      for (let start = 0, done = false; !done; ) {
        const request = { length: file.length, blockBytes: file.length, start, atEnd: true, rowsMax: 1000 }
        const block = parseAt(parser, file, 0, request)
        found.push(block.values.map(([id]) => id))
        start = block.end
        done = block.done
      }
      return found
    })
    expect(parts).toEqual([
      [0n, 1n, 2n, 3n],
      [4n, 5n, 6n, 7n],
      [8n, 9n],
    ])
  })

  it('asks for more when a record of the block does not end in the input, and only then', () => {
    const file = Buffer.from('1,a,2\n2,"b\nb",3\n')
    withParser(people, file.length, (parser) => {
      const request = { length: 10, blockBytes: 8, start: 0, atEnd: false, rowsMax: 10 }
      const first = parseAt(parser, file, 0, request)
      expect(first).toMatchObject({ rows: 1, end: 6, done: false, needsMore: true })
      const rest = parseAt(parser, file, 0, { ...request, length: file.length, start: 6, atEnd: true })
      expect(rest).toMatchObject({ rows: 1, start: 6, end: 16, lines: 2, done: true, needsMore: false })
      const before = parseAt(parser, file, 0, { ...request, blockBytes: 6 })
      expect(before).toMatchObject({ rows: 1, end: 6, done: true, needsMore: false })
    })
  })

  it('bounds its lanes whatever is asked for', () => {
    const columns = columnsOf(...Array.from({ length: 10_000 }, () => 'DOUBLE' as const))
    const budget = new MemoryBudget(64 * 1024 * 1024)
    const arena = new Arena(budget, budget.bytesMax)
    const options = {
      ...people,
      columns,
      rowsMax: 10_000_000,
      inputBytesMax: 1024 * 1024,
      maxRowBytes: 100_000,
    }
    const parser = new BlockParser(arena, options)
    expect(parser.rowsMax).toBe(Math.floor(lanesBytesMax / (9 * 10_000)))
    const line = `${Array.from({ length: 10_000 }, () => '1').join(',')}\n`
    const file = Buffer.from(line.repeat(3))
    parser.inputView(0, file.length).set(file)
    const block = parser.parse({
      length: file.length,
      blockBytes: file.length,
      start: 0,
      atEnd: true,
      rowsMax: 100,
    })
    expect(block).toMatchObject({ rows: 3, done: true })
  })

  it('takes its memory from the budget once, and says so when there is too little', () => {
    const budget = new MemoryBudget(8 * 1024 * 1024)
    const arena = new Arena(budget, budget.bytesMax)
    const parser = new BlockParser(arena, { ...people, inputBytesMax: 1024 * 1024 })
    const reserved = budget.reservedBytes
    const file = Buffer.from('1,a,2\n'.repeat(1000))
    parser.inputView(0, file.length).set(file)
    const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax: 1000 }
    expect(parser.parse(request).rows).toBe(1000)
    expect(budget.reservedBytes).toBe(reserved)
    const tooMuch = { ...people, inputBytesMax: 16 * 1024 * 1024 }
    expect(() => new BlockParser(arena, tooMuch)).toThrow(
      expect.objectContaining({ code: 'MILLRACE_MEMORY_BUDGET' }),
    )
  })

  it('reads columns in any order, some not at all, and one twice', () => {
    const options = {
      ...people,
      fieldCount: 4,
      columns: [
        { csvIndex: 3, name: 'last', type: 'INT64', nullable: true },
        { csvIndex: 0, name: 'first', type: 'INT64', nullable: true },
        { csvIndex: 0, name: 'again', type: 'DOUBLE', nullable: true },
      ] as const,
    }
    expect(whole('1,x,y,4\n5,x,y,8\n', options).values).toEqual([
      [4n, 1n, 1],
      [8n, 5n, 5],
    ])
  })

  it('counts the records when no column is wanted', () => {
    expect(whole('1,2\n3,4\n', { ...people, columns: [], fieldCount: 2 }).records).toBe(2)
  })
})

describe('the control block', () => {
  it('is the same table on both sides', () => {
    const text = readFileSync(new URL('../../assembly/layout.ts', import.meta.url), 'utf8')
    const constants = new Map(
      [...text.matchAll(/^export const (\w+): u\w+ = (\d+)$/gm)].map(([, name, value]) => [
        name!,
        Number(value),
      ]),
    )
    const upper = (name: string) => name[0]!.toUpperCase() + name.slice(1)
    for (const [name, offset] of Object.entries(controlBlock)) expect(constants.get(`${name}At`)).toBe(offset)
    for (const [name, code] of Object.entries(cell)) expect(constants.get(`cell${upper(name)}`)).toBe(code)
    for (const [name, code] of Object.entries(quickScan))
      expect(constants.get(`quick${upper(name)}`)).toBe(code)
    const kernelNames: Record<string, string> = { needsMore: 'scanNeedsMore' }
    for (const [name, code] of Object.entries(scan)) {
      expect(constants.get(kernelNames[name] ?? `scan${upper(name)}`)).toBe(code)
    }
  })

  it('is all that the kernels know: they import a memory and nothing else', () => {
    const imports = WebAssembly.Module.imports(csvKernelsModule())
    expect(imports).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }])
  })
})
