import { describe, expect, it } from 'vitest'
import { columnsOf, defaultOptions, type Options, withParser } from './parsing.test.fixture.js'

/** Where rows of a text are found, when it is known that they are refused. */
function placesOf(text: string, refused: readonly number[], options: Options, midLine = false) {
  const file = Buffer.from(text)
  const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax: 100 }
  return withParser(options, file.length, (parser) => {
    parser.inputView(0, file.length).set(file)
    const describe = (index: number) => ({ kind: 'duplicateKey', message: `${index}`, text: '' }) as const
    const refuse = { rows: refused, firstRow: 0, describe, alone: true }
    const { errors, rows } = parser.parse({ ...request, midLine, refuse })
    return {
      rows,
      errors: errors.map(({ kind: _, text: __, ...place }) => place),
    }
  })
}

describe('rows of a block that are refused', () => {
  it('are found behind blank lines, bad records and quoted line ends', () => {
    const text = '1,"a\n""b"""\n\n\nbad,b\n2,c\r\n3\n\n"x""y\n",bad\n3,"d"\n4,e\n'
    const options = { ...defaultOptions, columns: columnsOf('INT64', 'STRING'), ignoreErrors: true }
    const places = (rows: number[]) => placesOf(text, rows, options)
    const expected = [
      { row: 0, line: 0, byteOffset: 0, recordBytes: 11 },
      { row: 2, line: 5, byteOffset: text.indexOf('2,c'), recordBytes: 3 },
      { row: 5, line: 10, byteOffset: text.indexOf('3,"d"'), recordBytes: 5 },
      { row: 6, line: 11, byteOffset: text.indexOf('4,e'), recordBytes: 3 },
    ]
    const all = expected.map((each, index) => ({ ...each, message: `${index}` }))
    expect(places([0, 1, 2, 3])).toEqual({ rows: 4, errors: all })
    for (const row of [0, 1, 2, 3]) {
      expect(places([row])).toEqual({ rows: 4, errors: [{ ...expected[row], message: '0' }] })
    }
  })

  it('are found behind the rest of a line that was given up', () => {
    const options = { ...defaultOptions, columns: columnsOf('INT64', 'STRING') }
    expect(placesOf('xxxx\n1,a\n2,b\n3,c\n', [1, 2], options, true)).toEqual({
      rows: 3,
      errors: [
        { row: 1, line: 2, byteOffset: 9, recordBytes: 3, message: '0' },
        { row: 2, line: 3, byteOffset: 13, recordBytes: 3, message: '1' },
      ],
    })
  })
})
