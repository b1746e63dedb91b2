import { isMillraceError } from '@millrace/core/internal'
import { describe, expect, it } from 'vitest'
import { headerFieldsMax } from '../limits.js'
import { defaultDialect, makeDialect } from './dialect.js'
import { parseHeader } from './header.js'

const read = (
  text: string,
  options: { header?: boolean; skip?: number; atEnd?: boolean; maxRowBytes?: number } = {},
  dialect = defaultDialect,
) => parseHeader(Buffer.from(text), dialect, { header: true, ...options })

describe('headers', () => {
  it('are read with quotes, spaces around unquoted names ignored', () => {
    expect(read('id, name ,"a ""b""\n, c"\n1,2,3\n')).toEqual({
      names: ['id', 'name', 'a "b"\n, c'],
      isThere: true,
      bytes: 24,
      lines: 2,
    })
  })

  it('keep a byte order mark that begins a later name: it is part of it', () => {
    expect(read('\ufeffid,"\ufeffname"\n')?.names).toEqual(['id', '\ufeffname'])
  })

  it('may follow a byte order mark, skipped lines, blank lines and comments', () => {
    const text = '\ufefftitle "\nsecond\n\r\n# note\nid,name\r\n1,2\n'
    const found = read(text, { skip: 2 }, makeDialect({ comment: '#' }))
    expect(found?.names).toEqual(['id', 'name'])
    expect(found?.lines).toBe(5)
    expect(Buffer.from(text).subarray(found?.bytes).toString()).toBe('1,2\n')
  })

  it('are absent when the caller says so: the fields are counted and the data begins at once', () => {
    expect(read('\ufeff1,2,3\n', { header: false })).toEqual({
      names: ['column0', 'column1', 'column2'],
      isThere: true,
      bytes: 3,
      lines: 0,
    })
  })

  it('are absent, and the first record has no end: the next one says how many fields there are', () => {
    const known = { header: false, atEnd: true }
    expect(read('"1,2\n3,4,5\n6', known)?.names).toEqual(['column0', 'column1', 'column2'])
    expect(read('x\n1,2,"3\n', { ...known, skip: 1 })).toEqual({
      names: ['column0', 'column1', 'column2'],
      isThere: true,
      bytes: 2,
      lines: 1,
    })
  })

  it('are absent, and the first record is too long: the next one says how many fields there are', () => {
    const text = `"1,2\n${'3,4,5\n'.repeat(10)}`
    const known = { header: false, maxRowBytes: 20 }
    expect(read(text, known)?.names).toEqual(['column0', 'column1', 'column2'])
    expect(read(`${'x'.repeat(21)}\n1,2\n`, known)?.names).toEqual(['column0', 'column1'])
    expect(read('x'.repeat(21), known)).toBeNull()
    expect(read('"1,2\n3,4', known)).toBeNull()
  })

  it('that do not end in the sample ask for a longer one, unless the file ends there', () => {
    expect(read('id,na')).toBeNull()
    expect(read('id,"na\n')).toBeNull()
    expect(read('id,name\r')).toBeNull()
    expect(read('id,name\r', { atEnd: true })).toEqual({
      names: ['id', 'name'],
      isThere: true,
      bytes: 8,
      lines: 1,
    })
    expect(read('id,name', { atEnd: true })).toEqual({
      names: ['id', 'name'],
      isThere: true,
      bytes: 7,
      lines: 0,
    })
    expect(read('', { atEnd: true })).toEqual({ names: [], isThere: false, bytes: 0, lines: 0 })
    expect(read('')).toBeNull()
  })

  it.each([
    ['a quote that is never closed', '"id,name\n'],
    ['text behind a closing quote', '"id"x,name\n'],
    ['more fields than any file has', ','.repeat(headerFieldsMax)],
    ['bytes that are not UTF-8', 'id,n\xe9\n'],
  ])('with %s are refused', (_, text) => {
    try {
      parseHeader(Buffer.from(text, 'latin1'), defaultDialect, {
        header: true,
        atEnd: true,
        file: 'people.csv',
      })
      expect.unreachable()
    } catch (error) {
      expect(isMillraceError(error, 'MILLRACE_CSV_HEADER')).toBe(true)
      expect((error as Error).message).toContain('people.csv')
    }
  })
})
