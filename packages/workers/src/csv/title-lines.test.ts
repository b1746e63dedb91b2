import { describe, expect, it } from 'vitest'
import { sniff } from './sniff.js'

describe('sniffing lines before the header', () => {
  it.each([
    ['a title', 'some notes\nnumber,text,date\n345,x,2000-12-13\n', 1],
    ['a title and a blank line', 'Sales\n\nid;name\n1;x\n', 2],
    ['several lines, one with delimiters', 'Report\nDate,2020-01-01\nid,a,b,c\n1,2,3,4\n5,6,7,8\n', 2],
    ['notes, one with a delimiter', 'notes\nmore notes, x\nid,a,b\n1,2,3\n', 2],
    ['a title in quotes, which holds a line', '"made by\nhand, twice"\nid,name\n1,x\n2,y\n', 2],
    ['a title that goes on behind its quotes', '"Report" of May\nid,name\n1,x\n2,y\n', 1],
    ['lines that end in another way', 'Report\r\n\rid,name\r\n1,x\r\n2,y\r\n', 2],
  ])('sees lines that stand before the header: %s', (_, text, skip) => {
    for (const header of [undefined, true]) {
      const found = sniff(Buffer.from(text), header === undefined ? {} : { header })
      expect([found.skip, found.header, found.columns[0]?.type]).toEqual([skip, true, 'INT64'])
    }
  })

  it.each([
    ['codes', 'Sales\nd;zip\n01/02/2019;04070\n03/04/2019;04071\n'],
    ['numbers, some of them missing', 'Sales\nid;name;n\n1;x;NULL\nNULL;y;NULL\n2;z;NULL\n'],
  ])('sees a title where all is text by its type, but some is no words: %s', (_, text) => {
    const { skip, header } = sniff(Buffer.from(text))
    expect([skip, header]).toEqual([1, true])
  })

  it.each([
    ['nothing', 'a,b\n1,2\n', {}],
    ['comments', '# made by hand\n# twice\na,b\n1,2\n3,4\n', {}],
    ['a short header above numbers', 'a\n1,2\n3,4\n', {}],
    ['a short record among texts: any line may be the header', 'Berlin\nRome,Italy\nParis,France\n', {}],
    ['a header with a name too few', 'a,b\nx,y,z\n1,2,3\n4,5,6\n', {}],
    ['a line alone', 'title\nid,name\n', {}],
    ['a header above delimiters at the ends of lines', 'a\n1,\n2,\n', { header: true }],
    ['more lines than a title has', `${'x\n'.repeat(40)}${'id,name\n1,2\n'.repeat(50)}`, {}],
    ['where it is said that there is no header', 'title\nid,name\n1,x\n2,y\n', { header: false }],
    ['where it is said how many lines', 'title\nid,name\n1,x\n2,y\n', { skip: 0 }],
    ['where short records are right', 'title\nid,name\n1,x\n2,y\n', { nullPadding: true }],
  ])('takes no line for a title before %s', (_, text, options) => {
    expect(sniff(Buffer.from(text), options).skip).toBe(0)
  })
})
