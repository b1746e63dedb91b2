/** Integers: statistics, bit packing and differences, as plainly as they can be said. */
import type { ColumnKernels } from '../kernels.js'
import { deltaEntryBytes, miniblockRows, packedEntryBytes } from '../layout.js'

type IntKernels = Pick<
  ColumnKernels,
  'analyzeInts' | 'packInts' | 'packDeltas' | 'unpackInts' | 'unpackDeltas'
>

const summaryHeaderBytes = 32
const summaryEntryBytes = 32

/** Bits that hold 0 … range; 57 to 63 become 64. */
function widthOf(range: bigint): number {
  const bits = range === 0n ? 0 : range.toString(2).length
  return bits > 56 ? 64 : bits
}

function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value)
}

function smallest(values: readonly bigint[]): bigint {
  let least = values[0]!
  for (const value of values) if (value < least) least = value
  return least
}

function greatest(values: readonly bigint[]): bigint {
  let most = values[0]!
  for (const value of values) if (value > most) most = value
  return most
}

/** Differences of neighbours; a single value has the difference 0. */
function differencesOf(values: readonly bigint[]): bigint[] {
  if (values.length === 1) return [0n]
  return values.slice(1).map((value, i) => wrap(value - values[i]!))
}

/** The integer lanes of each miniblock. */
function* miniblocks(view: DataView, values: number, rows: number): Generator<bigint[]> {
  for (let row = 0; row < rows; row += miniblockRows) {
    const count = Math.min(miniblockRows, rows - row)
    yield Array.from({ length: count }, (_, i) => view.getBigInt64(values + (row + i) * 8, true))
  }
}

/**
 * Appends values of `width` bits each, least significant bit first, filled up with zeros to a multiple of 8
 * values.
 */
export function packBits(view: DataView, residuals: readonly bigint[], width: number, out: number): number {
  const bytes = Math.ceil(residuals.length / 8) * width
  for (let first = 0; first < residuals.length; first += 8) {
    const octet = residuals.slice(first, first + 8)
    let bits = octet.reduce((all, value, i) => all | (value << BigInt(i * width)), 0n)
    for (let byte = 0; byte < width; byte++) {
      view.setUint8(out + (first / 8) * width + byte, Number(bits & 0xffn))
      bits >>= 8n
    }
  }
  return out + bytes
}

/** Reads `count` values of `width` bits. */
export function unpackBits(view: DataView, at: number, count: number, width: number): bigint[] {
  const values: bigint[] = []
  for (let first = 0; first < count; first += 8) {
    let bits = 0n
    for (let byte = width - 1; byte >= 0; byte--) {
      bits = (bits << 8n) | BigInt(view.getUint8(at + (first / 8) * width + byte))
    }
    for (let i = first; i < Math.min(first + 8, count); i++) {
      values.push(BigInt.asUintN(width, bits >> BigInt((i - first) * width)))
    }
  }
  return values
}

/** Whether the bits of a miniblock have a width that is written, and lie within the content. */
function isSound(offset: number, width: number, count: number, contentBytes: number): boolean {
  if (width > 56 && width !== 64) return false
  return offset + Math.ceil(count / 8) * width <= contentBytes
}

/** Calls `each` with the values of each bit-packed miniblock; returns a status. `each` may refuse. */
export function unpackEach(
  view: DataView,
  directory: number,
  rows: number,
  content: number,
  contentBytes: number,
  each: (values: bigint[], row: number) => boolean,
): number {
  for (let row = 0; row < rows; row += miniblockRows) {
    const number = row / miniblockRows
    const entry = directory + number * packedEntryBytes
    const count = Math.min(miniblockRows, rows - row)
    const offset = view.getUint32(entry + 8, true)
    const width = view.getUint32(entry + 12, true)
    if (!isSound(offset, width, count, contentBytes)) return number + 1
    const base = view.getBigInt64(entry, true)
    const values = unpackBits(view, content + offset, count, width).map((value) => wrap(value + base))
    if (!each(values, row)) return number + 1
  }
  return 0
}

/** The integer kernels on `view()`, which is of the whole memory. */
export function referenceInts(view: () => DataView): IntKernels {
  return {
    analyzeInts(values, rows, summary) {
      const memory = view()
      const all: bigint[] = []
      let packedBytes = 0
      let deltaBytes = 0
      let entry = summary + summaryHeaderBytes
      for (const block of miniblocks(memory, values, rows)) {
        all.push(...block)
        const differences = differencesOf(block)
        const facts = [
          smallest(block),
          greatest(block),
          smallest(differences),
          greatest(differences),
        ] as const
        facts.forEach((fact, i) => {
          memory.setBigInt64(entry + i * 8, fact, true)
        })
        const octets = Math.ceil(block.length / 8)
        packedBytes += octets * widthOf(facts[1] - facts[0])
        deltaBytes += octets * widthOf(facts[3] - facts[2])
        entry += summaryEntryBytes
      }
      const increasing = all.every((value, i) => i === 0 || value > all[i - 1]!)
      memory.setBigInt64(summary, all.length === 0 ? 2n ** 63n - 1n : smallest(all), true)
      memory.setBigInt64(summary + 8, all.length === 0 ? -(2n ** 63n) : greatest(all), true)
      memory.setUint32(summary + 16, increasing ? 1 : 0, true)
      memory.setUint32(summary + 20, packedBytes, true)
      memory.setUint32(summary + 24, deltaBytes, true)
      memory.setUint32(summary + 28, 0, true)
    },

    packInts(values, rows, _summary, directory, content, out) {
      const memory = view()
      let entry = directory
      let end = out
      for (const block of miniblocks(memory, values, rows)) {
        const base = smallest(block)
        const width = widthOf(greatest(block) - base)
        memory.setBigInt64(entry, base, true)
        memory.setUint32(entry + 8, end - content, true)
        memory.setUint32(entry + 12, width, true)
        const residuals = block.map((value) => value - base)
        end = packBits(memory, residuals, width, end)
        entry += packedEntryBytes
      }
      return end
    },

    packDeltas(values, rows, _summary, directory, content, out) {
      const memory = view()
      let entry = directory
      let end = out
      for (const block of miniblocks(memory, values, rows)) {
        const differences = differencesOf(block)
        const base = smallest(differences)
        const width = widthOf(greatest(differences) - base)
        memory.setBigInt64(entry, block[0]!, true)
        memory.setBigInt64(entry + 8, base, true)
        memory.setUint32(entry + 16, end - content, true)
        memory.setUint32(entry + 20, width, true)
        const residuals = differences.map((difference) => difference - base)
        // The first value is in the directory: its slot is 0.
        end = packBits(memory, block.length === 1 ? [0n] : [0n, ...residuals], width, end)
        entry += deltaEntryBytes
      }
      return end
    },

    unpackInts(directory, rows, content, contentBytes, out) {
      const memory = view()
      return unpackEach(memory, directory, rows, content, contentBytes, (values, row) => {
        values.forEach((value, i) => {
          memory.setBigInt64(out + (row + i) * 8, value, true)
        })
        return true
      })
    },

    unpackDeltas(directory, rows, content, contentBytes, out) {
      const memory = view()
      for (let row = 0; row < rows; row += miniblockRows) {
        const number = row / miniblockRows
        const entry = directory + number * deltaEntryBytes
        const count = Math.min(miniblockRows, rows - row)
        const offset = memory.getUint32(entry + 16, true)
        const width = memory.getUint32(entry + 20, true)
        if (!isSound(offset, width, count, contentBytes)) return number + 1
        const base = memory.getBigInt64(entry + 8, true)
        let value = memory.getBigInt64(entry, true)
        unpackBits(memory, content + offset, count, width).forEach((residual, i) => {
          if (i > 0) value = wrap(value + residual + base)
          memory.setBigInt64(out + (row + i) * 8, value, true)
        })
      }
      return 0
    },
  }
}
