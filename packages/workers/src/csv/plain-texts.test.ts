import { Arena, MemoryBudget } from '@millrace/core/internal'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { controlBlock, controlBlockBytes, kernelSlackBytes } from './kernel-layout.js'
import { loadCsvKernels } from './kernels.js'
import { columnsOf, defaultOptions, parseAt, withParser } from './parsing.test.fixture.js'

const memoryBytes = 4 << 20
const slackBytes = 192
const scratchBytes = 16 * 1024 + slackBytes
const quote = '"'.charCodeAt(0)
const backslash = '\\'.charCodeAt(0)
const escaped = 0x8000_0000
const canary = 0xaa

interface Text {
  /** As it stands in the file, without the quotes around it. */
  readonly raw: Uint8Array
  readonly isMarked: boolean
}

/** The twin of the kernels: an escape before a quote or an escape goes, and that byte is text. */
function plain({ raw, isMarked }: Text, escapeByte: number): number[] {
  const bytes: number[] = []
  for (let at = 0; at < raw.length; at++) {
    const next = raw[at + 1]
    if (isMarked && raw[at] === escapeByte && (next === quote || next === escapeByte)) at++
    bytes.push(raw[at]!)
  }
  return bytes
}

/** Lanes of the texts, one byte apart; the kernels' control block says what an escape is. */
function withTexts(
  texts: readonly Text[],
  escapeByte: number,
  use: (arena: Arena, control: number, lanes: number) => void,
): void {
  const arena = new Arena(new MemoryBudget(memoryBytes), memoryBytes)
  const control = arena.allocate(controlBlockBytes)
  const places = texts.map(({ raw }) => arena.allocate(raw.length + 1, 1))
  arena.allocate(2 * kernelSlackBytes)
  const lanes = arena.allocate(texts.length * 8)
  const view = new DataView(arena.memory.buffer)
  view.setUint32(control + controlBlock.quote, quote, true)
  view.setUint32(control + controlBlock.escape, escapeByte, true)
  for (const [row, { raw, isMarked }] of texts.entries()) {
    arena.bytes.set(raw, places[row]!)
    arena.bytes[places[row]! + raw.length] = canary
    view.setUint32(lanes + row * 8, places[row]!, true)
    view.setUint32(lanes + row * 8 + 4, raw.length + (isMarked ? escaped : 0), true)
  }
  use(arena, control, lanes)
}

function read(arena: Arena, lanes: number, rows: number): number[][] {
  const words = new Uint32Array(arena.memory.buffer, lanes, rows * 2)
  return Array.from({ length: rows }, (_, row) => {
    const at = words[row * 2]!
    return [...arena.bytes.subarray(at, at + words[row * 2 + 1]!)]
  })
}

/** Texts of which many bytes are escapes, in pairs or before a quote; some as long as several steps. */
function textsWith(escapeByte: number) {
  const other = fc.constantFrom([97], [98], [10], [44], [0xc3, 0xa9])
  const pair = fc.constantFrom([escapeByte, quote], [escapeByte, escapeByte])
  const often = fc.oneof({ weight: 1, arbitrary: pair }, { weight: 3, arbitrary: other })
  const seldom = fc.oneof({ weight: 1, arbitrary: pair }, { weight: 30, arbitrary: other })
  const short = fc.oneof(fc.array(often, { maxLength: 12 }), fc.array(pair, { maxLength: 40 }))
  const long = fc.oneof(fc.array(seldom, { maxLength: 300 }), fc.array(often, { maxLength: 100 }))
  const bytes = fc.oneof(short, long).map((parts) => Uint8Array.from(parts.flat()))
  return fc.array(fc.record({ raw: bytes, isMarked: fc.boolean() }), { maxLength: 20 })
}

const veryLong: Text = { raw: Buffer.from('""and some more text'.repeat(1000)), isMarked: true }

describe.each([
  { name: 'doubled quotes', escapeByte: quote },
  { name: 'backslashes', escapeByte: backslash },
])('texts with $name', ({ escapeByte }) => {
  const resolvedInPlace = (texts: readonly Text[]) =>
    withTexts(texts, escapeByte, (arena, control, lanes) => {
      const kernels = loadCsvKernels(arena.memory)
      kernels.unescapeStrings(control, texts.length, lanes, arena.allocate(scratchBytes))
      expect(read(arena, lanes, texts.length)).toEqual(texts.map((text) => plain(text, escapeByte)))
    })

  it('become plain in place, and nothing behind them changes', () => {
    fc.assert(
      fc.property(textsWith(escapeByte), (texts) => {
        resolvedInPlace(texts)
        withTexts(texts, escapeByte, (arena, control, lanes) => {
          const places = [...new Uint32Array(arena.memory.buffer, lanes, texts.length * 2)]
          const scratch = arena.allocate(scratchBytes)
          loadCsvKernels(arena.memory).unescapeStrings(control, texts.length, lanes, scratch)
          const behind = texts.map(({ raw }, row) => arena.bytes[places[row * 2]! + raw.length])
          expect(behind).toEqual(texts.map(() => canary))
        })
      }),
    )
  })

  it('become plain in place when they are longer than the scratch', () => {
    resolvedInPlace([veryLong, { ...veryLong, isMarked: false }, veryLong])
  })

  it('become plain one behind the other, and little is written behind them', () => {
    fc.assert(
      fc.property(textsWith(escapeByte), (texts) => {
        withTexts(texts, escapeByte, (arena, control, lanes) => {
          const expected = texts.map((text) => plain(text, escapeByte))
          const size = expected.flat().length
          const room = texts.reduce((sum, { raw }) => sum + raw.length, 0) + 2 * slackBytes
          const out = arena.allocate(room)
          arena.bytes.fill(canary, out, out + room)
          const kernels = loadCsvKernels(arena.memory)
          expect(kernels.movePlainTexts(control, texts.length, lanes, out)).toBe(out + size)
          expect(read(arena, lanes, texts.length)).toEqual(expected)
          expect([...arena.bytes.subarray(out, out + size)]).toEqual(expected.flat())
          const behind = arena.bytes.subarray(out + size + slackBytes, out + room)
          expect(behind.every((byte) => byte === canary)).toBe(true)
        })
      }),
    )
  })
})

describe('a parser', () => {
  const rows = Array.from({ length: 3000 }, (_, row) =>
    row % 7 === 0 ? `${row},plain,` : `${row},"a ""word"", ${row}","""${'long '.repeat(row % 40)}""\n"`,
  )
  const file = Buffer.from(`${rows.join('\n')}\n`)
  const options = { ...defaultOptions, columns: columnsOf('INT64', 'STRING', 'STRING'), rowsMax: 5000 }

  it('reads the same texts whether there is room to gather them, for some or for none', () => {
    const parse = (textBytes: number) =>
      withParser({ ...options, textBytes }, file.length, (parser) => {
        const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax: 5000 }
        // As one text: many small arrays take long to compare.
        return parseAt(parser, file, 0, request)
          .values.map((row) => row.join())
          .join('\n')
      })
    const inPlace = parse(0)
    expect(inPlace.split('\n')).toHaveLength(rows.length)
    expect(inPlace.split('\n')[9]).toContain(`9,${[...Buffer.from('a "word", 9')].join()},`)
    expect(parse(file.length) === inPlace).toBe(true)
    expect(parse(file.length >> 1) === inPlace).toBe(true)
  })

  it('leaves the texts of a column with quotes one behind the other', () => {
    const columns = [options.columns[0]!, options.columns[2]!]
    withParser({ ...options, columns, fieldCount: 3, textBytes: file.length }, file.length, (parser) => {
      parser.inputView(0, file.length).set(file)
      const request = { length: file.length, blockBytes: file.length, start: 0, atEnd: true, rowsMax: 5000 }
      const { columns: buffers } = parser.parse(request)
      const view = parser.inputView(0, file.length)
      const lanes = new Uint32Array(view.buffer, buffers[1]!.values, rows.length * 2)
      let end = 0
      for (let row = 0; row < rows.length; row++) {
        const length = lanes[row * 2 + 1]!
        if (length === 0) continue
        if (end !== 0) expect(lanes[row * 2]).toBe(end)
        end = lanes[row * 2]! + length
      }
      expect(end).toBeGreaterThan(view.byteOffset + file.length)
    })
  })
})
