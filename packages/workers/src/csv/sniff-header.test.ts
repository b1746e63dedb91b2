/** Which first records are taken for headers, and which for data. */
import { describe, expect, it } from 'vitest'
import { sniff } from './sniff.js'

describe('the guess at a header', () => {
  it.each([
    ['a name that is missing', 'a,,c\n1,2,3\n4,5,6\n', ['a', 'column1', 'c']],
    ['an index without a name', ',name\n0,Ann\n1,Bob\n', ['column0', 'name']],
    ['names that are the same', 'a,a,a_1,a\n1,2,3,4\n', ['a', 'a_2', 'a_1', 'a_3']],
    ['a delimiter at the end of every line', 'a,b,\n1,2,\n', ['a', 'b', 'column2']],
    ['a name that is a number', 'id,2019\n1,5\n2,6\n', ['id', '2019']],
    ['a number above words', 'a,2024\nx,y\nz,w\n', ['a', '2024']],
    ['ranges above numbers', 'town,0-17,18+\nx,1,2\n', ['town', '0-17', '18+']],
    ['shares above numbers', 'time,50%,99%\nx,1,2\n', ['time', '50%', '99%']],
    ['equal names above dates of either order', 'd,d\n05/06/2019,$5\n01/02/2019,$7\n', ['d', 'd_1']],
    ['a name that is missing above amounts', ',x\n"1.234,50",NA\n"2,10 €",$5\n', ['column0', 'x']],
    ['ranges above words', 'town,2020/21\nx,high\n', ['town', '2020/21']],
    ['the word no', 'no,name\n1,x\n2,y\n', ['no', 'name']],
    ['the word no, alone', 'no,name\n', ['no', 'name']],
    ['numbers above dates in words', 'id,1\n90356,28 July\n18555,11 May\n', ['id', '1']],
    [
      'dates as names of numbers',
      'town,2020-01-01,2020-02-01\nx,1,2\n',
      ['town', '2020-01-01', '2020-02-01'],
    ],
  ])('sees the header with %s', (_, text, names) => {
    const { header, columns } = sniff(Buffer.from(text))
    expect([header, columns.map(({ name }) => name)]).toEqual([true, names])
  })

  it.each([
    ['a text and a date alone', 'tag 7,2008-08-10\n'],
    ['years as names of numbers, which may be data', 'town,2019,2020\nx,1,2\n'],
    ['texts of which some are the same', 'x,x\ny,y\n'],
    ['texts of which some are missing', 'a,,c\nx,y,z\n'],
    ['equal texts above codes, one of them like these', 'x,x,$3\n$4,$5,$6\n'],
    ['numbers, and one text among them', '5,?,7\n6,8,9\n'],
    ['codes, some with leading zeros', '37189,no\n51978,maybe\n04802,no\n'],
    ['a number above nothing', 'a,5\nb,\nc,\n'],
    ['times', 'a,10:30\nb,11:00\n'],
    ['dates that may be of either order', '05/06/2019\n01/02/2019\n'],
    ['a date that may be of either order, alone', '05/06/2019\n'],
    ['dates with two digits of the year', '01-01-90 12:12 AM,a\n02-02-02 01:10 PM,b\n'],
    ['scores', '1:30,a\n2:10,b\n'],
    ['a time as nobody writes it above times', '12:0\n13:00\n'],
    ['addresses of the network', '192.168.0.1\n10.0.0.1\n'],
    ['telephone numbers', '+49 30 123,a\n030-124,b\n'],
    ['amounts of money', '$5;x\n$7;y\n'],
    ['shares', '12%,13%\n5%,6%\n'],
    ['a number with thousands above others', '"1,234.50",x\n999,y\n'],
    ['numbers in base 16', '0x1F\n0x20\n'],
    ['what is no finite number', 'inf\nnan\n'],
    ['UUIDs', '6f9619ff-8b86-d011-b42d-00c04fc964ff\n0f9619ff-8b86-d011-b42d-00c04fc964ff\n'],
    ['e-mail addresses', 'a@b.de\nc@d.de\n'],
    ['addresses of pages', 'https://a.org/x?y\nhttp://b.org\n'],
    ['objects and lists', '"{""a"": 1}"\t[1; 2]\n"{""a"": 2}"\t[]\n'],
    ['a truth value alone', 'true\n'],
    ['letters for truth values, of which one stands below', 'T\nF\nF\n'],
    ['letters for truth values that are all the same', 't\nt\n'],
  ])('takes for data: %s', (_, text) => {
    expect(sniff(Buffer.from(text)).header).toBe(false)
  })

  it('says whether the names are those of the header', () => {
    expect(
      ['a,b\n1,2\n', 'a,\n1,2\n', 'a,a\n1,2\n', '1,2\n'].map((text) => sniff(Buffer.from(text)).isNamed),
    ).toEqual([true, false, false, false])
  })
})
