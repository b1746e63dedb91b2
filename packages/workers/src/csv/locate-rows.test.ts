import { describe, expect, it } from 'vitest'
import { locateRows } from './locate-rows.js'
import { columnsOf, defaultOptions, withParser } from './parsing.test.fixture.js'

describe('rows of a block', () => {
  it('are found again behind blank lines, bad records and quoted line ends', () => {
    const text = '1,"a\n""b"""\n\n\nbad,b\n2,c\r\n3\n\n"x""y\n",bad\n3,"d"\n4,e\n'
    const file = Buffer.from(text)
    const options = { ...defaultOptions, columns: columnsOf('INT64', 'STRING'), ignoreErrors: true }
    const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax: 100 }
    const places = (rows: number[]) =>
      withParser(options, file.length, (parser) => {
        parser.inputView(0, file.length).set(file)
        return locateRows(parser, request, rows)
      })
    const expected = [
      { record: 0, line: 0, byteOffset: 0, recordBytes: 12 },
      { record: 2, line: 5, byteOffset: text.indexOf('2,c'), recordBytes: 5 },
      { record: 5, line: 10, byteOffset: text.indexOf('3,"d"'), recordBytes: 6 },
      { record: 6, line: 11, byteOffset: text.indexOf('4,e'), recordBytes: 4 },
    ]
    expect(places([0, 1, 2, 3])).toEqual(expected)
    for (const row of [0, 1, 2, 3]) expect(places([row])).toEqual([expected[row]])
  })

  it('are found behind the rest of a line that was given up', () => {
    const file = Buffer.from('xxxx\n1,a\n2,b\n3,c\n')
    const options = { ...defaultOptions, columns: columnsOf('INT64', 'STRING') }
    const places = withParser(options, file.length, (parser) => {
      parser.inputView(0, file.length).set(file)
      const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax: 100 }
      return locateRows(parser, { ...request, midLine: true }, [1, 2])
    })
    expect(places).toEqual([
      { record: 1, line: 2, byteOffset: 9, recordBytes: 4 },
      { record: 2, line: 3, byteOffset: 13, recordBytes: 4 },
    ])
  })
})
