/** Columns for tests: built from plain values, encoded, decoded, and read back to plain values. */
import { Arena, MemoryBudget } from '../memory/index.js'
import { type LogicalType, physicalTypeOf } from '../types/index.js'
import { bytesOfLane, laneOfBytes } from '../values/index.js'
import {
  type ColumnBuffer,
  type ColumnKernels,
  type EncodedSegment,
  loadColumnKernels,
  SegmentDecoder,
  type SegmentDescriptor,
  SegmentEncoder,
  type Vector,
} from './index.js'

export type Value = bigint | number | string | null

export interface Bench {
  readonly arena: Arena
  readonly kernels: ColumnKernels
}

/** An arena and the WebAssembly kernels on it. */
export function makeBench(load: (memory: WebAssembly.Memory) => ColumnKernels = loadColumnKernels): Bench {
  const arena = new Arena(new MemoryBudget(512 * 2 ** 20), 512 * 2 ** 20)
  return { arena, kernels: load(arena.memory) }
}

/**
 * Lays `values` out as a column buffer in the arena. INT types take bigints. Between two strings there are
 * `gapBytes`.
 */
export function makeColumn(
  arena: Arena,
  type: LogicalType,
  values: readonly Value[],
  gapBytes = 1,
): ColumnBuffer {
  const physical = physicalTypeOf(type)
  const texts =
    physical === 'string' ? values.map((value) => bytesOfLane(type, (value as string | null) ?? '')) : []
  const textBytes = texts.reduce((sum, text) => sum + text.length + gapBytes, 0)
  const lanes = arena.allocate(values.length * 8)
  const nulls = arena.allocate(values.length + 64)
  let text = arena.allocate(textBytes)
  const view = new DataView(arena.memory.buffer)
  const bytes = arena.bytes
  bytes.fill(0xa5, nulls, nulls + values.length + 64)
  let nullCount = 0
  values.forEach((value, row) => {
    const lane = lanes + row * 8
    view.setUint8(nulls + row, value === null ? 1 : 0)
    if (value === null) {
      nullCount++
      view.setBigInt64(lane, 0n, true)
    } else if (physical === 'int') view.setBigInt64(lane, value as bigint, true)
    else if (physical === 'double') view.setFloat64(lane, value as number, true)
    else {
      const encoded = texts[row]!
      bytes.set(encoded, text)
      view.setUint32(lane, text, true)
      view.setUint32(lane + 4, encoded.length, true)
      text += encoded.length + gapBytes
    }
  })
  return { type, rows: values.length, values: lanes, nulls, nullCount }
}

/** The values of a vector; integers as bigints. */
export function valuesOf(vector: Vector): Value[] {
  const values: Value[] = []
  for (let row = 0; row < vector.rows; row++) {
    if (vector.nulls?.[row]) values.push(null)
    else if (vector.kind === 'string') {
      const entry = vector.codes === null ? row : vector.codes[row]!
      values.push(laneOfBytes(vector.type, vector.bytes, vector.offsets[entry]!, vector.offsets[entry + 1]!))
    } else if (vector.kind === 'bigint') values.push(vector.values[row]!)
    else if (physicalTypeOf(vector.type) === 'double') values.push(vector.values[row]!)
    else values.push(BigInt(vector.values[row]!))
  }
  return values
}

/** The values of lanes. */
export function valuesOfLanes(arena: Arena, buffer: ColumnBuffer): Value[] {
  const view = new DataView(arena.memory.buffer)
  const physical = physicalTypeOf(buffer.type)
  return Array.from({ length: buffer.rows }, (_, row) => {
    const lane = buffer.values + row * 8
    if (view.getUint8(buffer.nulls + row) === 1) return null
    if (physical === 'int') return view.getBigInt64(lane, true)
    if (physical === 'double') return view.getFloat64(lane, true)
    const address = view.getUint32(lane, true)
    return laneOfBytes(
      buffer.type,
      new Uint8Array(view.buffer),
      address,
      address + view.getUint32(lane + 4, true),
    )
  })
}

export interface Encoded {
  readonly descriptor: SegmentDescriptor
  readonly content: Uint8Array
}

/** A descriptor as the catalog would hold it. */
export function asDescriptor(segment: EncodedSegment): SegmentDescriptor {
  return { ...segment, firstPage: 0, checksums: new Uint32Array(0) }
}

/** Encodes a column into room enough for anything. */
export function encodeColumn(bench: Bench, buffer: ColumnBuffer, capacity?: number): Encoded {
  const { arena, kernels } = bench
  let room = capacity ?? 4096 + buffer.rows * 40
  if (physicalTypeOf(buffer.type) === 'string') {
    const view = new DataView(arena.memory.buffer)
    for (let row = 0; row < buffer.rows; row++) room += view.getUint32(buffer.values + row * 8 + 4, true)
  }
  const out = arena.allocate(room)
  arena.bytes.fill(0xee, out, out + room)
  const segment = new SegmentEncoder(arena, kernels).encode(buffer, out, room)
  if (segment === null) throw new Error('the segment does not fit')
  return {
    descriptor: asDescriptor(segment),
    content: arena.bytes.slice(out, out + segment.contentBytes),
  }
}

/** Encodes values, decodes them both ways, and returns what came back; the arena is as before afterwards. */
export function roundTrip(
  bench: Bench,
  type: LogicalType,
  values: readonly Value[],
): Encoded & { vector: Vector; decoded: Value[]; lanes: Value[] } {
  const { arena, kernels } = bench
  const mark = arena.mark()
  try {
    const encoded = encodeColumn(bench, makeColumn(arena, type, values))
    arena.release(mark)
    const decoder = new SegmentDecoder(arena, kernels)
    const vector = decoder.decode(encoded.descriptor, encoded.content)
    const address = arena.allocate(encoded.content.length + 16)
    arena.bytes.set(encoded.content, address)
    const lanes = valuesOfLanes(arena, decoder.decodeLanes(encoded.descriptor, address))
    return { ...encoded, vector, decoded: valuesOf(vector), lanes }
  } finally {
    arena.release(mark)
  }
}
