/**
 * The bytes of segments and the hash of keys are part of the file format: what `docs/file-format.md` shows is
 * what is written.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { encodeColumn, makeBench, makeColumn, type Value } from './columns.test.fixture.js'
import { hashKey, hashLanes } from './index.js'

const bench = makeBench()
const documentation = readFileSync(new URL('../../../../docs/file-format.md', import.meta.url), 'utf8')

/** The bytes of the n-th byte-by-byte example. */
function exampleBytes(index: number): string {
  const section = documentation.slice(documentation.indexOf('### Three segments, byte by byte'))
  const block = section.split('```')[index * 2 + 1]!
  const lines = block.trim().split('\n')
  return lines.map((line) => /^\s*\d+ {2}((?:[0-9a-f]{2} ?)+)/.exec(line)![1]!.trim()).join(' ')
}

test.each([
  ['INT32', [5n, 9n, null, 6n], 0],
  ['STRING', ['Rio', 'Oslo', 'Rio', 'Rio'], 1],
  ['STRING', ['Grind the corn. '.repeat(128), `${'Grind the corn. '.repeat(128)}Amen`], 2],
] as const)('the documented bytes of a segment of %s are those of the encoder', (type, values, index) => {
  const column = makeColumn(bench.arena, type, values as readonly Value[])
  const { content } = encodeColumn(bench, column)
  expect([...content].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')).toBe(exampleBytes(index))
})

test.each([
  ['integer 0', 0n],
  ['integer 1', 1n],
  ['integer −1', -1n],
  ['string, empty', ''],
  ['string `a`', 'a'],
  ['string `Millrace`', 'Millrace'],
  ['string `Millrace stores graphs`', 'Millrace stores graphs'],
] as const)('the documented hash of %s is that of the kernels', (name, key) => {
  const type = typeof key === 'string' ? 'STRING' : 'INT64'
  const { low, high } = hashKey(bench.kernels, bench.arena, type, key)
  const hash = ((BigInt(high) << 32n) | BigInt(low)).toString(16).padStart(16, '0')
  const row = documentation.split('\n').find((line) => line.startsWith(`| ${name} `))
  expect(row).toContain(hash)
})

test('the hash of a column is that of its keys, nulls 0', () => {
  const column = makeColumn(bench.arena, 'STRING', ['a', null])
  const out = bench.arena.allocate(16)
  hashLanes(bench.kernels, column, out)
  const view = new DataView(bench.arena.memory.buffer)
  expect(view.getBigUint64(out, true).toString(16)).toBe('7898d352d6e27491')
  expect(view.getBigUint64(out + 8, true)).toBe(0n)
})
