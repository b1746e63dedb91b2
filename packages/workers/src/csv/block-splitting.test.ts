import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Dialect, defaultDialect, makeDialect } from './dialect.js'
import {
  columnsOf,
  csvText,
  defaultOptions,
  type Options,
  type ParsedFile,
  parseInBlocks,
  wellFormedText,
} from './parsing.test.fixture.js'
import { parseReference } from './reference-parser.js'

const options: Options = { ...defaultOptions, columns: columnsOf('STRING', 'STRING', 'STRING') }

function wholeFile(file: Uint8Array, each: Options) {
  const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax: 1000 }
  const { values, errors, errorCount, records, skipped, lines } = parseReference(file, 0, request, each)
  return { values, errors, errorCount, records, skipped, lines }
}

function withoutGuesses({ wrongGuesses: _, guesses: __, ...parsed }: ParsedFile) {
  return parsed
}

const dialects: Record<string, Dialect> = {
  'RFC 4180': defaultDialect,
  'backslash escapes and comments': makeDialect({ escape: '\\', comment: '#' }),
  'no quotes': makeDialect({ quote: null }),
}

describe('blocks', () => {
  for (const [name, dialect] of Object.entries(dialects)) {
    for (const ignoreErrors of [false, true]) {
      it(`of any size give the rows and errors of the whole file: ${name}, errors ${ignoreErrors ? 'ignored' : 'not ignored'}`, () => {
        fc.assert(
          fc.property(
            csvText(dialect),
            fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 200 })),
            fc.nat(12),
            fc.constantFrom(1, 3, 1000),
            fc.constantFrom(6, 20, 1000),
            fc.constantFrom(1, 2, 64),
            (text, blockBytes, lookAhead, rowsMax, maxRowBytes, leadBytes) => {
              const file = Buffer.from(text)
              const each = { ...options, dialect, ignoreErrors, maxRowBytes }
              const cut = { blockBytes, lookAhead, rowsMax, leadBytes }
              expect(withoutGuesses(parseInBlocks(file, each, cut))).toEqual(wholeFile(file, each))
            },
          ),
          { numRuns: 300 },
        )
      })
    }
  }

  it('of every size from one byte to the whole file give the same rows', () => {
    const text =
      'id,"a ""quoted"" name\r\nwith, lines",3\r\n"",,x\r\r\n\n5" pipe,"",é\r"last","one",""""\n"no line end",2,3'
    const file = Buffer.from(text)
    const expected = wholeFile(file, options)
    expect(expected.values).toHaveLength(5)
    for (let blockBytes = 1; blockBytes <= file.length; blockBytes++) {
      expect(withoutGuesses(parseInBlocks(file, options, { blockBytes }))).toEqual(expected)
    }
  })

  it('a line feed cut from its return belongs to the record before', () => {
    const file = Buffer.from('1,2,3\r\n4,5,6\r\n')
    for (const blockBytes of [6, 7]) {
      const { values, lines, wrongGuesses } = parseInBlocks(file, options, { blockBytes })
      expect({ rows: values.length, lines, wrongGuesses }).toEqual({ rows: 2, lines: 2, wrongGuesses: 0 })
    }
  })

  it('a record that spans many blocks belongs to the one it begins in', () => {
    const long = `"${'line\n'.repeat(30)}"`
    const file = Buffer.from(`a,b,c\n1,${long},3\nd,e,f\n`)
    const { values } = parseInBlocks(file, options, { blockBytes: 16, lookAhead: 0 })
    expect(values.map((row) => Buffer.from(row[0] as Uint8Array).toString())).toEqual(['a', '1', 'd'])
  })

  it('what is left of a line that is too long is skipped, through any number of blocks', () => {
    const file = Buffer.from(`a,b,c\n${'x'.repeat(200)}\nd,e,f\n`)
    const each = { ...options, ignoreErrors: true, maxRowBytes: 20 }
    for (const blockBytes of [1, 7, 50, 300]) {
      const { values, errors, records } = parseInBlocks(file, each, { blockBytes, lookAhead: 2 })
      expect({ rows: values.length, records }).toEqual({ rows: 2, records: 3 })
      expect(errors.map(({ kind, line, byteOffset }) => [kind, line, byteOffset])).toEqual([
        ['rowTooLong', 1, 6],
      ])
    }
  })

  it('an unclosed quote costs one line when errors are ignored, not the rest of the file', () => {
    const file = Buffer.from(`a,b,c\n1,"open,3\n${'d,e,f\n'.repeat(50)}`)
    for (const maxRowBytes of [30, 1000]) {
      const { values, skipped } = parseInBlocks(
        file,
        { ...options, ignoreErrors: true, maxRowBytes },
        { blockBytes: 40 },
      )
      expect({ rows: values.length, skipped }).toEqual({ rows: 51, skipped: 1 })
    }
  })

  it('a guess never changes the rows of well-formed files, and is nearly always right', () => {
    let guesses = 0
    let wrong = 0
    fc.assert(
      fc.property(wellFormedText(), fc.integer({ min: 4, max: 60 }), (text, blockBytes) => {
        const file = Buffer.from(text)
        const parsed = parseInBlocks(file, options, { blockBytes, lookAhead: 200 })
        guesses += parsed.guesses
        wrong += parsed.wrongGuesses
        expect(withoutGuesses(parsed)).toEqual(wholeFile(file, options))
      }),
      { numRuns: 300, seed: 1 },
    )
    expect(guesses).toBeGreaterThan(500)
    expect(wrong / guesses).toBeLessThan(0.2)
  })

  it('blocks of real size that begin inside quotes are guessed right', () => {
    const text = 'She said ""yes, no"",\n then\r\n, left. '
    const record = (i: number) => `${i},"${text.repeat(1 + (i % 5))}",plain ${i}\n`
    const file = Buffer.from(Array.from({ length: 3000 }, (_, i) => record(i)).join(''))
    const each = { ...options, rowsMax: 5000 }
    const { values, wrongGuesses, guesses } = parseInBlocks(file, each, { blockBytes: 1777, lookAhead: 1000 })
    expect(values).toHaveLength(3000)
    expect(guesses).toBeGreaterThan(50)
    expect(wrongGuesses).toBe(0)
  })
})
