/** The column kernels: encoding and decoding with each codec, and hashing keys. */
import {
  type ColumnBuffer,
  type Encoding,
  hashLanes,
  type LogicalType,
  loadColumnKernels,
  rowGroupRowsMax,
  SegmentDecoder,
  type SegmentDescriptor,
  SegmentEncoder,
} from '@millrace/core/internal'
import { randomAt, randomBelow } from './random.js'
import { type KernelCase, makeArena } from './suite.js'

const rows = rowGroupRowsMax
const laneBytes = 8

interface ColumnInput {
  readonly name: string
  /** The encoding that these values must get; the case is refused when they do not. */
  readonly encoding: Encoding
  readonly type: LogicalType
  readonly valueAt: (row: number) => bigint | number | string
}

const inputs: readonly ColumnInput[] = [
  { name: 'constant', encoding: 'constant', type: 'INT64', valueAt: () => 42n },
  {
    name: 'bit-packed, 17 bits',
    encoding: 'bitPacked',
    type: 'INT64',
    valueAt: (row) => BigInt(randomBelow(row, 1, 131_072)),
  },
  {
    name: 'delta, sorted keys',
    encoding: 'delta',
    type: 'INT64',
    valueAt: (row) => BigInt(row * 16 + randomBelow(row, 2, 16)),
  },
  {
    name: 'decimal, 2 places',
    encoding: 'decimal',
    type: 'DOUBLE',
    valueAt: (row) => randomBelow(row, 3, 100_000) / 100,
  },
  {
    name: 'plain doubles',
    encoding: 'plainDouble',
    type: 'DOUBLE',
    valueAt: (row) => Math.sqrt(randomAt(row, 4)),
  },
  { name: 'bitmap', encoding: 'bitmap', type: 'BOOL', valueAt: (row) => BigInt(randomBelow(row, 5, 2)) },
  {
    name: 'dictionary, 256 strings',
    encoding: 'dictionary',
    type: 'STRING',
    valueAt: (row) => `airport-${randomBelow(row, 6, 256)}`,
  },
  {
    name: 'plain strings',
    encoding: 'plain',
    type: 'STRING',
    valueAt: (row) => `user-${randomAt(row, 7).toString(16)}`,
  },
]

type Arena = ReturnType<typeof makeArena>

/** Lays values out as a column buffer; returns it with the bytes that its values take. */
function makeColumn(arena: Arena, { type, valueAt }: Omit<ColumnInput, 'name' | 'encoding'>) {
  const values = Array.from({ length: rows }, (_, row) => valueAt(row))
  const texts = values.map((value) => (typeof value === 'string' ? Buffer.from(value) : undefined))
  const textBytes = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0)
  const lanes = arena.allocate(rows * laneBytes)
  const nulls = arena.allocate(rows + 64)
  let text = arena.allocate(textBytes)
  arena.bytes.fill(0, nulls, nulls + rows + 64)
  const view = new DataView(arena.memory.buffer)
  for (const [row, value] of values.entries()) {
    const lane = lanes + row * laneBytes
    const bytes = texts[row]
    if (bytes !== undefined) {
      arena.bytes.set(bytes, text)
      view.setUint32(lane, text, true)
      view.setUint32(lane + 4, bytes.length, true)
      text += bytes.length
    } else if (typeof value === 'bigint') view.setBigInt64(lane, value, true)
    else view.setFloat64(lane, Number(value), true)
  }
  const buffer: ColumnBuffer = { type, rows, values: lanes, nulls, nullCount: 0 }
  return { buffer, bytes: rows * laneBytes + textBytes }
}

function codecCases(input: ColumnInput): { encode: KernelCase; decode: KernelCase } {
  const arena = makeArena()
  const kernels = loadColumnKernels(arena.memory)
  const { buffer, bytes } = makeColumn(arena, input)
  const capacity = bytes + 64 * 1024
  const out = arena.allocate(capacity)
  const encoder = new SegmentEncoder(arena, kernels)
  const encode = () => {
    const segment = encoder.encode(buffer, out, capacity)
    if (segment?.encoding !== input.encoding) {
      throw new Error(`${input.name}: ${segment?.encoding ?? 'nothing'} instead of ${input.encoding}`)
    }
    return segment
  }
  const descriptor: SegmentDescriptor = { ...encode(), firstPage: 0, checksums: new Uint32Array(0) }
  const decoder = new SegmentDecoder(arena, kernels)
  const decode = () => {
    const mark = arena.mark()
    const lanes = decoder.decodeLanes(descriptor, out)
    arena.release(mark)
    if (lanes.rows !== rows) throw new Error(`${input.name}: ${lanes.rows} rows instead of ${rows}`)
  }
  decode()
  const size = { bytes, values: rows }
  return {
    encode: { name: `encode ${input.name}`, ...size, run: encode },
    decode: { name: `decode ${input.name}`, ...size, run: decode },
  }
}

export function encodeCases(): KernelCase[] {
  return inputs.map((input) => codecCases(input).encode)
}

export function decodeCases(): KernelCase[] {
  return inputs.map((input) => codecCases(input).decode)
}

export function hashCases(): KernelCase[] {
  return [
    { name: 'hash INT64', type: 'INT64' as const, valueAt: (row: number) => BigInt(row) },
    {
      name: 'hash STRING',
      type: 'STRING' as const,
      valueAt: (row: number) => `user-${randomAt(row, 8).toString(16)}`,
    },
  ].map(({ name, type, valueAt }) => {
    const arena = makeArena()
    const kernels = loadColumnKernels(arena.memory)
    const { buffer, bytes } = makeColumn(arena, { type, valueAt })
    const out = arena.allocate(rows * laneBytes)
    return { name, bytes, values: rows, run: () => hashLanes(kernels, buffer, out) }
  })
}
