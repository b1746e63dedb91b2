import { describe, expect, it } from 'vitest'
import { makeDialect } from './dialect.js'
import { type SniffOptions, sniff } from './sniff.js'

const guess = (text: string, options: SniffOptions = {}) => {
  const { dialect, header, columns } = sniff(Buffer.from(text), options)
  return {
    delimiter: String.fromCharCode(dialect.delimiter),
    header,
    columns: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
  }
}

describe('sniffing', () => {
  it.each([',', ';', '\t', '|'])('finds the delimiter %j, the header and the types', (delimiter) => {
    const rows = [
      ['id', 'name', 'score', 'born', 'seen', 'active', 'none'],
      ['1', '"Smith, J; x|y"', '2.5', '2001-02-03', '2024-01-01T10:00:00Z', 'true', ''],
      ['2', '"two\nlines"', '', '1999-12-31', '2024-01-01 10:00:00.5', 'no', ''],
      ['-3', '"a ""b"""', '7', '', '', 'yes', ''],
    ]
    expect(guess(rows.map((row) => `${row.join(delimiter)}\r\n`).join(''))).toEqual({
      delimiter,
      header: true,
      columns: {
        id: 'INT64',
        name: 'STRING',
        score: 'DOUBLE',
        born: 'DATE',
        seen: 'TIMESTAMP',
        active: 'BOOL',
        none: 'STRING',
      },
    })
  })

  it('calls columns as the import does: spaces in quotes are part of a name, others are not', () => {
    const columns = { 'id ': 'INT64', ' born': 'DATE', seen: 'STRING' }
    expect(guess('"id "," born", seen \n1,2001-02-03,x\n').columns).toEqual(columns)
  })

  it('guesses from no record that the import refuses', () => {
    const total = 'Total: 2 rows'
    expect(guess(`id,n\n1,2.5\n2,3,\n${total}\n`).columns).toEqual({ id: 'INT64', n: 'DOUBLE' })
    expect(guess(`id,n\n1,2.5\n${total}\n`, { nullPadding: true }).columns).toEqual({
      id: 'STRING',
      n: 'DOUBLE',
    })
  })

  it('sees that there is no header when the first row is data', () => {
    expect(guess('1,x\n2,y\n')).toEqual({
      delimiter: ',',
      header: false,
      columns: { column0: 'INT64', column1: 'STRING' },
    })
  })

  it.each([
    ['INT64', ['0', '-1', '999999999999999999', '9223372036854775807']],
    ['UINT64', ['18446744073709551615']],
    ['STRING', ['1', '18446744073709551616']],
    ['STRING', ['"1\n2"', '3']],
    ['DOUBLE', ['1', '2.5', '-0.125']],
    ['DOUBLE', ['2.5', '1e5', '.5']],
    ['STRING', ['"2.5\n3"', '1.0']],
    ['STRING', ['4E8', '1e5']],
    ['DOUBLE', ['4E8', '1e+5']],
    ['STRING', ['1.1', '1.9', '1.10']],
    ['DOUBLE', ['1.10', '2.50', '1.15']],
    ['DOUBLE', ['1.1', '1.10', '-2.5']],
    ['DATE', ['2024-02-29', '1999-12-31', '2001-04-30', '2000-02-29']],
    ['STRING', ['2023-02-29', '2001-01-01']],
    ['STRING', ['2001-04-31', '2001-01-01']],
    ['STRING', ['2001-13-01', '2001-01-01']],
    ['DATE', ['2001-1-2', '2001/03/04']],
    ['STRING', ['"2001-01-01\n2001-01-02"', '2001-01-03']],
  ])('finds %s in %j, as the import reads them', (type, values) => {
    expect(guess(['v,w', ...values.map((value) => `${value},x`), ''].join('\n')).columns).toEqual({
      v: type,
      w: 'STRING',
    })
  })

  it('takes the 29th of February of a century that is no leap year for text', () => {
    expect(guess('v,w\n1900-02-29,x\n2001-01-01,y\n').columns['v']).toBe('STRING')
  })

  it('keeps codes with leading zeros as text', () => {
    expect(guess('zip,n\n01234,1\n98765,2\n').columns).toEqual({ zip: 'STRING', n: 'INT64' })
  })

  it('keeps numbers with a plus as text: telephone numbers have one', () => {
    expect(guess('phone,change,n\n+4930123456,+1.5,-3\n+4930123457,-2.5,4\n').columns).toEqual({
      phone: 'STRING',
      change: 'STRING',
      n: 'INT64',
    })
  })

  it('takes 0 and 1 for INT64, and no type in which whole numbers would become the same', () => {
    expect(guess('a,b\n9223372036854775808,0\n1,1\n').columns).toEqual({ a: 'UINT64', b: 'INT64' })
    expect(guess('a,b\n99999999999999999999,0\n1,1.5\n').columns).toEqual({ a: 'STRING', b: 'DOUBLE' })
    expect(guess('a,b\n-1,9223372036854775808.5\n9223372036854775808,1\n').columns).toEqual({
      a: 'STRING',
      b: 'DOUBLE',
    })
  })

  it.each([
    [['true', 'FALSE'], 'BOOL'],
    [['true'], 'BOOL'],
    [['NO', 'no'], 'STRING'],
    [['yes', ''], 'STRING'],
    [['t', 'f'], 'BOOL'],
    [['Yes', 'no', ''], 'BOOL'],
    [['TRUE', 'f', 'F'], 'BOOL'],
    [['F', 'F'], 'STRING'],
    [['y', '1'], 'STRING'],
    [['y', 'n'], 'STRING'],
    [['true', '1'], 'STRING'],
  ])('takes words alone for truth values: %j', (texts, type) => {
    expect(guess(`a,b\n${texts.map((text) => `1,${text}\n`).join('')}`).columns).toEqual({
      a: 'INT64',
      b: type,
    })
  })

  it('goes by the formats that it is told', () => {
    const numbers = { decimalSeparator: ',', thousandsSeparator: '.', nonFinite: true }
    expect(guess('a;b;c;d\n1.000,5;1.000;1,5e3;inf\n-2,5;7;x;1,5\n', numbers).columns).toEqual({
      a: 'DOUBLE',
      b: 'INT64',
      c: 'STRING',
      d: 'DOUBLE',
    })
    const times = { dateFormat: '%d.%m.%Y', timestampFormat: '%d.%m.%Y %H:%M' }
    expect(guess('a,b\n01.02.2003,1.2.2003 10:00\n22.12.2004,22.12.2004 23:59\n', times).columns).toEqual({
      a: 'DATE',
      b: 'TIMESTAMP',
    })
  })

  it.each([
    [['10:30', '23:59', ''], 'TIME'],
    [['10:30:00', '9:05:59.5'], 'TIME'],
    [['09:30', '09:31'], 'TIME'],
    [['2:1', '10:0'], 'STRING'],
    [['1:30', '2:10'], 'STRING'],
    [['10:30', '24:00'], 'STRING'],
    [['10:30 PM'], 'STRING'],
  ])('takes what clocks show for times, but not scores: %j', (texts, type) => {
    expect(guess(`a,b\n${texts.map((text) => `1,${text}\n`).join('')}`).columns).toEqual({
      a: 'INT64',
      b: type,
    })
  })

  it('leaves null strings out of the types', () => {
    expect(guess('a,b\n1,NA\nNA,2.5\n', { nullStrings: ['NA'] }).columns).toEqual({ a: 'INT64', b: 'DOUBLE' })
    expect(guess('a,b\n1,NA\nNA,2.5\n').columns).toEqual({ a: 'STRING', b: 'STRING' })
  })

  it('believes what it is told', () => {
    expect(guess('a;b\nc;d\n', { header: false, delimiter: ';' }).columns).toEqual({
      column0: 'STRING',
      column1: 'STRING',
    })
    expect(guess('# x\nskip\na,b\n1,2\n', { comment: '#', skip: 1 }).header).toBe(true)
  })

  it('is not led astray by a stray quote', () => {
    expect(guess('name,n\n5" pipe,1\n6" pipe,2\n7" pipe,3\n').columns).toEqual({ name: 'STRING', n: 'INT64' })
  })

  it('takes the last line of a file that is all in the sample, though it has no end', () => {
    const text = "a,b\n1,'x, y'\n2,'x\ny, z'"
    const quoteOf = (isAll: boolean) => sniff(Buffer.from(text), {}, [], isAll).dialect.quote
    expect(String.fromCharCode(quoteOf(true))).toBe("'")
    const types = (isAll: boolean) => sniff(Buffer.from('a\n1\nx'), {}, [], isAll).columns[0]!.type
    expect([types(true), types(false)]).toEqual(['STRING', 'INT64'])
  })

  it.each([
    ['sep=;\na;b\n1;x, y\n2;z\n', ';', ['INT64', 'STRING']],
    ['\ufeffSEP=,\r\na,b\r\n1,2;3\r\n4,5;6\r\n', ',', ['INT64', 'STRING']],
    ['"sep=\t"\na\tb\nx\ty\n', '\t', ['STRING', 'STRING']],
  ])('goes by a first line that names the delimiter to spreadsheets: %j', (text, delimiter, types) => {
    const { dialect, skip, header, columns } = sniff(Buffer.from(text))
    expect([String.fromCharCode(dialect.delimiter), skip, header]).toEqual([delimiter, 1, true])
    expect(columns).toEqual(types.map((type, i) => ({ name: 'ab'[i], type })))
    expect(sniff(Buffer.from(text), { skip: 0 }).skip).toBe(0)
  })

  it('takes no line for one that names the delimiter when that could be none', () => {
    for (const line of ['sep=\\', "sep='", 'sep=1', 'sep=ab', 'sep=']) {
      expect(sniff(Buffer.from(`${line}\n1;2\n3;4\n`)).skip).toBe(0)
    }
  })

  it('goes by what it is told of the delimiter rather than by a line that names another', () => {
    const { dialect, skip } = sniff(Buffer.from('sep=;\na,b\n1,2\n'), { delimiter: ',' })
    expect([String.fromCharCode(dialect.delimiter), skip]).toEqual([',', 1])
    expect(sniff(Buffer.from('sep=;x\n1;2\n')).skip).toBe(0)
  })

  it('does not blame a quoting for a record that the sample cuts', () => {
    const lines = Array.from({ length: 20 }, (_, row) => `${row},'a, ${'b,'.repeat(row % 3)} c'\n`)
    const { dialect, columns } = sniff(Buffer.from(`id,text\n${lines.join('')}20,'cut,\n`))
    expect([String.fromCharCode(dialect.quote), columns.length]).toEqual(["'", 2])
  })

  it('ignores a last line that the sample cuts', () => {
    expect(guess('a,b\n1,2\n3,4\n5,').columns).toEqual({ a: 'INT64', b: 'INT64' })
    expect(guess('a,b\n1,2\n3,n').columns).toEqual({ a: 'INT64', b: 'INT64' })
  })

  it.each([
    ['single quotes', "a,b\n1,'x,y'\n2,'it''s'\n", "'", "'"],
    ['single quotes around all', "'a','b'\n'c','d'\n", "'", "'"],
    ['backslashes', 'a,b\n1,"x\\",y"\n2,"\\"z\\""\n3,w\n', '"', '\\'],
    ['single quotes and backslashes', "a,b\n1,'x\\',y'\n2,'\\'z\\''\n", "'", '\\'],
    ['nothing but apostrophes', "a,b\n1,it's\n2,'tis\n", '"', '"'],
    ['doubled quotes', 'a,b\n1,"x"",""y"\n', '"', '"'],
    ['quoted texts, and texts in apostrophes', `a,b\n1,"it's"\n2,'x'\n3,"y"\n`, '"', '"'],
    ['apostrophes within quotes', `a,b\n1,"He said 'hi, there'"\n2,'x'\n3,"y"\n`, '"', '"'],
    ['quotes that hold delimiters in every record', `"it's","a,b,c"\n"x","d,e,f"\n`, '"', '"'],
    ['the same, and a text behind a quoted one', `"it's","a,b"\n"x","c,d"\n"y"z,"e,f"\n`, '"', '"'],
    [
      'single quotes around the same delimiters in every record',
      "1,'a,b'\n2,'c,d'\n3,x\n4,'e,f'\n",
      "'",
      "'",
    ],
    ['single quotes that hold one delimiter in every record', "1,'a,b'\n2,'c,d'\n", "'", "'"],
    ['quotes within single quotes', `a,b\n1,'the "x", y'\n2,"z"\n3,'w'\n`, "'", "'"],
    ['a text behind a quoted one, once', 'a,b\n"x","y"\n"z"w,"v"\n', '"', '"'],
  ])('finds out how fields are quoted: %s', (_, text, quote, before) => {
    const { dialect } = sniff(Buffer.from(text))
    expect([dialect.quote, dialect.escape].map((byte) => String.fromCharCode(byte))).toEqual([quote, before])
    expect(sniff(Buffer.from(text), { quote: '"' }).dialect.quote).toBe(0x22)
  })

  it.each([
    ['behind delimiters', 'a, "b"\n1, "x, y"\n2, "z"\n', '"', { a: 'INT64', b: 'STRING' }],
    ['before delimiters', '"a" ,"b" \n"1" ,"x" \n"2","y"\n', '"', { a: 'INT64', b: 'STRING' }],
    ['that hold lines', 'a|  "b"\n1| "x\ny|z"\n2| "w"\n', '"', { a: 'INT64', b: 'STRING' }],
    ['of numbers', '"a"; "b"\n"1"; "2.5"\n"2"; "3"\n', '"', { a: 'INT64', b: 'DOUBLE' }],
    ['that are single', "a, 'b'\n1, 'x, y'\n2, 'z'\n", "'", { a: 'INT64', b: 'STRING' }],
    ['of a single column', 'a\n"x" \n"y z" \n', '"', { a: 'STRING' }],
    ['with quotes in them', 'a, b\n1, "x ""y"", z"\n2, """w"", v"\n', '"', { a: 'INT64', b: 'STRING' }],
    [
      'of a last field without a line end',
      '1, "{""a"": 2, ""b"": 3}"',
      '"',
      { column0: 'INT64', column1: 'STRING' },
    ],
    ['in every record', ' "1, a", "1"\n "2, b", "2"\n', '"', { column0: 'STRING', column1: 'INT64' }],
  ])('trims where spaces stand around quotes %s', (_, text, quote, columns) => {
    expect(guess(text).columns).toEqual(columns)
    const { dialect } = sniff(Buffer.from(text))
    expect([dialect.trim, String.fromCharCode(dialect.quote)]).toEqual([true, quote])
    for (const said of [{ trim: false }, { quote }]) {
      expect(sniff(Buffer.from(text), said).dialect.trim).toBe(false)
    }
  })

  it.each([
    ['spaces alone', 'a, b\n1, x\n2, y \n'],
    ['quotes within a text', 'a,b\n1, "Go" team\n2, x\n3,"y"\n'],
    ['quotes around quotes', 'a,b\n1,"He said, ""hi"" , twice"\n2,"x"\n'],
  ])('does not trim for %s', (_, text) => {
    expect(sniff(Buffer.from(text)).dialect.trim).toBe(false)
  })

  it.each([
    ["'a, b'\n'c, d'\n'e; f'\n", "'"],
    ["name\n'a, b'\n'c, d'\n", "'"],
    ["name\n'it''s a, b'\n'c, d'\n", "'"],
    ['"it\'s a, b"\n"c, \'d\'"\n', '"'],
    ['name\n"it\'s a, b"\n"c, d\'s"\n', '"'],
  ])('takes lines that stand in quotes for one column, whatever is in them: %j', (text, quote) => {
    const { dialect, columns } = sniff(Buffer.from(text))
    expect([columns.length, String.fromCharCode(dialect.quote)]).toEqual([1, quote])
  })

  it.each([
    ['1,2;2,3;3,4\n1,5;2;-3,25\n', ';', 3],
    ['a b;1,5;2,5\nc d;2,5;3,5\n', ';', 3],
    ['x, y;1,5;2,5\nz;2,5;3,5\n', ';', 3],
    ['1.205.569,96;940,93 €;12,5 %\n902,10;0,28 €;7,0 %\n', ';', 3],
    ['€ -1.205,96\t940,93 EUR\n€ 2,10\t0,28 EUR\n', '\t', 2],
    ['1,5\t2,5\n3,5\t4,5\n', '\t', 2],
    ['a,b;1,2\nc,d;3,4\n', ',', 3],
    ['1;2,3;4\n5;6,7;8\n', ';', 3],
    ['1,5;20;a, b\n2,25;30;c, d\n', ';', 3],
    ['1;https://x.org/a,b;c,d\n2;https://x.org/c,d;e,f\n', ';', 3],
    ['2.5;{"a": 0, "b": "x"}\n3.5;{"a": 1, "b": "y"}\n', ';', 2],
    ['x;"{\\"a\\": 0, \\"b\\": 1}"\ny;"{\\"a\\": 1, \\"b\\": 2}"\n', ';', 2],
    ['1,5;a,b\n2,5;c,d\n', ',', 3],
    ['1,2;x,3\n4,5;y,6\n', ',', 3],
    ['1,2\n3,4\n', ',', 2],
  ])(
    'takes decimal commas for parts of numbers, where something else separates them: %j',
    (text, delimiter, width) => {
      const { dialect, columns } = sniff(Buffer.from(text))
      expect([String.fromCharCode(dialect.delimiter), columns.length]).toEqual([delimiter, width])
    },
  )

  it('takes apostrophes at the beginnings and ends of lines for text where there are others', () => {
    expect(Object.keys(guess("id,a,b\n1,'tis,x\n2,y,dogs'\n").columns)).toEqual(['id', 'a', 'b'])
    expect(sniff(Buffer.from("'tis,x,y\n'twas,y,dogs'\n")).columns).toHaveLength(3)
  })

  it('sees that quotes are text where they begin texts, but end none', () => {
    const text = 'a\tb\n1\t"Go" team\n2\tx\n3\t"Hi", he said\n'
    const { dialect, columns } = sniff(Buffer.from(text))
    expect([dialect.delimiter, dialect.quote, dialect.escape]).toEqual([0x09, -1, -1])
    expect(columns.map(({ type }) => type)).toEqual(['INT64', 'STRING'])
    expect(sniff(Buffer.from(text), { quote: '"' }).dialect.quote).toBe(0x22)
  })

  it('takes what does not occur for the delimiter of prose', () => {
    expect(guess('text\nHello, world\nHow, are, you\nfine\nwell; yes\n')).toEqual({
      delimiter: '\t',
      header: true,
      columns: { text: 'STRING' },
    })
    expect(guess('a\n1,2,3\n').delimiter).toBe(',')
  })

  it.each([
    ['that are as many as records', '# hello\na,b,c\n# hi\n1,2,3\n# there\n4,5,6\n# bye\n'],
    ['that hold other delimiters', '# a; b; c\na,b,c\n# d; e; f\n1,2,3\n# g; h; i\n4,5,6\n'],
    ['that hold quotes', '#,"a" team\na,b,c\n1,"2,5",3\n#,"b" team\n4,5,6\n'],
  ])('finds the delimiter of a file with comments %s', (_, text) => {
    const { dialect, columns, header } = sniff(Buffer.from(text))
    expect([dialect.delimiter, dialect.quote, dialect.comment]).toEqual([0x2c, 0x22, 0x23])
    expect([header, columns.map(({ name }) => name)]).toEqual([true, ['a', 'b', 'c']])
  })

  it('sees lines that are comments, but takes no header for one', () => {
    expect(sniff(Buffer.from('# made by hand\na,b\n1,2\n# 3\n4,5\n'))).toMatchObject({
      dialect: { comment: 0x23 },
      columns: [
        { name: 'a', type: 'INT64' },
        { name: 'b', type: 'INT64' },
      ],
    })
    expect(sniff(Buffer.from('#a,b\n1,2\n')).dialect.comment).toBe(-1)
    expect(sniff(Buffer.from('id,b\n#1,"x"y\n#2,z\n')).dialect.comment).toBe(-1)
  })

  it('finds the delimiter of quoted texts, one of which is missing before one with a comma', () => {
    const text = `"on"\t"city"\n"1999"\t"St. John's"\n"1967"\t"A|B"\n\t"Paris, TX"\n"1984"\t"Tokyo"\n`
    const { dialect, columns } = sniff(Buffer.from(text))
    expect([dialect.delimiter, dialect.quote]).toEqual([0x09, 0x22])
    expect(columns.map(({ name }) => name)).toEqual(['on', 'city'])
  })

  it.each(['\x1f', '\x01', '^', '~'])('finds the rarer delimiter %j', (delimiter) => {
    expect(guess(`a${delimiter}b\n1${delimiter}x, y; z\n2${delimiter}w\n`).delimiter).toBe(delimiter)
  })

  it.each([
    ['a,b\n1,2\n', '\n'],
    ['a,b\r\n1,2\r\n', '\r\n'],
    ['a,b\r1,2\r', '\r'],
    ['a,b\r\n1,2\n', 'mixed'],
    ['a,b', '\n'],
  ])('says how lines end: %j', (text, lineEnd) => {
    expect(sniff(Buffer.from(text)).lineEnd).toBe(lineEnd)
  })

  it('sees types where lines end in several ways', () => {
    expect(guess('a,b\n\r1,2\r\n\r\n3,4\r\n').columns).toEqual({ a: 'INT64', b: 'INT64' })
    expect(guess('a,b\r1,2\n\r3,4\n').columns).toEqual({ a: 'INT64', b: 'INT64' })
  })

  it('looks at other places for types, and not at what they cut', () => {
    const parts = ['\n3,x\n4,y\n5,', 'zz,9\n"7\n', 'no,lines'].map((part) => Buffer.from(part))
    expect(sniff(Buffer.from('a,b\n1,2\n'), {}, parts)).toMatchObject({
      columns: [
        { name: 'a', type: 'INT64' },
        { name: 'b', type: 'STRING' },
      ],
      sampledRows: 4,
      sampledPlaces: 2,
    })
  })

  it('reads a single column, a header alone, and an empty file', () => {
    expect(guess('iata\nSFO\nLAX\n')).toEqual({ delimiter: ',', header: true, columns: { iata: 'STRING' } })
    expect(guess('\ufeffid,name').columns).toEqual({ id: 'STRING', name: 'STRING' })
    expect(guess('')).toEqual({ delimiter: ',', header: false, columns: {} })
  })

  it('takes columns named like properties of objects for what they are', () => {
    expect(guess('__proto__,constructor\n1,2\n').columns).toEqual(
      Object.fromEntries([
        ['__proto__', 'INT64'],
        ['constructor', 'INT64'],
      ]),
    )
  })
})

describe('dialects', () => {
  it('are given by characters', () => {
    expect(makeDialect({ delimiter: '\\t', quote: "'" })).toMatchObject({
      delimiter: 9,
      quote: 39,
      escape: 39,
    })
    expect(makeDialect({ quote: null })).toMatchObject({ quote: -1, escape: -1 })
    expect(makeDialect({ escape: '\\' })).toMatchObject({ quote: 34, escape: 92 })
  })

  it.each([
    { delimiter: 'ab' },
    { delimiter: '' },
    { delimiter: 'é' },
    { delimiter: '\n' },
    { delimiter: '"' },
    { comment: ',' },
    { escape: ',' },
  ])('that cannot work are refused: %j', (options) => {
    expect(() => makeDialect(options)).toThrow(expect.objectContaining({ code: 'MILLRACE_ARGUMENT' }))
  })

  it.each([
    [{ quote: '.' }, 'quote', '"."'],
    [{ quote: '|', thousandsSeparator: '|' }, 'quote', '"|"'],
    [{ decimalSeparator: '1' }, 'decimalSeparator', '"1"'],
    [{ decimalSeparator: ',', thousandsSeparator: ',' }, 'decimalSeparator', '", ,"'],
  ])('name what is wrong where numbers could not be read: %j', (options, what, value) => {
    expect(() => makeDialect(options)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ what, value }) }),
    )
  })

  it('are refused with the characters that cannot work', () => {
    expect(() => makeDialect({ delimiter: '\n' })).toThrow('delimiter: "\\n" is not valid')
    expect(() => makeDialect({ delimiter: '' })).toThrow('delimiter: "" is not valid')
    expect(() => makeDialect({ escape: ',' })).toThrow('escape: "," is not valid; expected another')
  })
})
