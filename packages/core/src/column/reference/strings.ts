/** Strings: statistics, lists, dictionaries. */
import type { ColumnKernels } from '../kernels.js'
import { miniblockRows } from '../layout.js'
import { statsPrefixBytesMax } from '../segment.js'
import { unpackEach } from './ints.js'

type StringKernels = Pick<
  ColumnKernels,
  | 'analyzeStrings'
  | 'stringLengths'
  | 'gatherStrings'
  | 'stringStarts'
  | 'fillWindow'
  | 'adjacentStrings'
  | 'buildDictionary'
  | 'unpackCodes'
  | 'unpackOffsets'
  | 'stringLanes'
>

/** The bytes a string lane points to. */
export function bytesOfLane(memory: DataView, lane: number): Buffer {
  const address = memory.getUint32(lane, true)
  return Buffer.from(memory.buffer as ArrayBuffer, address, memory.getUint32(lane + 4, true))
}

/** The string kernels on `view()`, which is of the whole memory. */
export function referenceStrings(view: () => DataView): StringKernels {
  const isNull = (nulls: number, row: number) => nulls !== 0 && view().getUint8(nulls + row) !== 0

  return {
    analyzeStrings(values, nulls, rows, summary) {
      const memory = view()
      let least = -1
      let most = -1
      let increasing = nulls === 0
      let constant = true
      let first: Buffer | undefined
      for (let row = 0; row < rows; row++) {
        if (isNull(nulls, row)) continue
        const bytes = bytesOfLane(memory, values + row * 8)
        const start = bytes.subarray(0, statsPrefixBytesMax)
        const startOf = (other: number) =>
          bytesOfLane(memory, values + other * 8).subarray(0, statsPrefixBytesMax)
        if (least < 0 || start.compare(startOf(least)) < 0) least = row
        if (most < 0 || start.compare(startOf(most)) > 0) most = row
        if (row > 0 && increasing) increasing = bytes.compare(bytesOfLane(memory, values + row * 8 - 8)) > 0
        first ??= bytes
        constant &&= bytes.equals(first)
      }
      memory.setUint32(summary, least, true)
      memory.setUint32(summary + 4, most, true)
      memory.setUint32(summary + 8, increasing ? 1 : 0, true)
      memory.setUint32(summary + 12, constant ? 1 : 0, true)
    },

    stringLengths(values, rows, out) {
      const memory = view()
      let total = 0
      for (let row = 0; row < rows; row++) {
        const length = memory.getUint32(values + row * 8 + 4, true)
        memory.setBigUint64(out + row * 8, BigInt(length), true)
        total += length
      }
      return total
    },

    gatherStrings(values, rows, starts, out) {
      const memory = view()
      const all = new Uint8Array(memory.buffer)
      let end = out
      for (let row = 0; row < rows; row++) {
        if (row % miniblockRows === 0) {
          memory.setUint32(starts + (row / miniblockRows) * 4, end - out, true)
        }
        const bytes = bytesOfLane(memory, values + row * 8)
        all.set(bytes, end)
        end += bytes.length
      }
      memory.setUint32(starts + Math.ceil(rows / miniblockRows) * 4, end - out, true)
      return end
    },

    stringStarts(values, rows, starts) {
      const memory = view()
      let position = 0
      for (let row = 0; row < rows; row++) {
        if (row % miniblockRows === 0) memory.setUint32(starts + (row / miniblockRows) * 4, position, true)
        position += memory.getUint32(values + row * 8 + 4, true)
      }
      memory.setUint32(starts + Math.ceil(rows / miniblockRows) * 4, position, true)
    },

    fillWindow(values, rows, cursor, window, bytesMax) {
      const memory = view()
      const all = new Uint8Array(memory.buffer)
      let row = memory.getUint32(cursor, true)
      let done = memory.getUint32(cursor + 4, true)
      let filled = 0
      while (row < rows) {
        const rest = bytesOfLane(memory, values + row * 8).subarray(done)
        const taken = rest.subarray(0, bytesMax - filled)
        all.set(taken, window + filled)
        filled += taken.length
        if (taken.length < rest.length) {
          done += taken.length
          break
        }
        row++
        done = 0
      }
      memory.setUint32(cursor, row, true)
      memory.setUint32(cursor + 4, done, true)
      return filled
    },

    adjacentStrings(values, rows, slackBytes) {
      const memory = view()
      const lanes = Array.from({ length: rows }, (_, row) => bytesOfLane(memory, values + row * 8))
      const strings = lanes.filter(({ length }) => length > 0)
      const first = strings[0]?.byteOffset ?? 0
      const end = strings.reduce((sum, { length }) => sum + length, first)
      let at = first
      for (const { byteOffset, length } of strings) {
        if (byteOffset !== at) return 0
        at += length
      }
      return end + slackBytes <= memory.buffer.byteLength ? first : 0
    },

    buildDictionary(values, nulls, rows, stride, _slots, _slotMask, entries, entriesMax, codes) {
      const memory = view()
      const codeOf = new Map<string, number>()
      for (let row = 0; row < rows; row += stride) {
        let code = 0
        if (!isNull(nulls, row)) {
          const bytes = bytesOfLane(memory, values + row * 8)
          const key = bytes.toString('latin1')
          const found = codeOf.get(key)
          if (found === undefined) {
            if (codeOf.size === entriesMax) return -1
            code = codeOf.size
            codeOf.set(key, code)
            memory.setBigUint64(entries + code * 8, memory.getBigUint64(values + row * 8, true), true)
          } else {
            code = found
          }
        }
        if (codes !== 0) memory.setBigUint64(codes + row * 8, BigInt(code), true)
      }
      return codeOf.size
    },

    unpackCodes(directory, rows, content, contentBytes, entries, _lanes, out) {
      const memory = view()
      return unpackEach(memory, directory, rows, content, contentBytes, (codes, row) => {
        codes.forEach((code, i) => {
          memory.setUint32(out + (row + i) * 4, Number(BigInt.asUintN(32, code)), true)
        })
        return codes.every((code) => code >= 0n && code < BigInt(entries))
      })
    },

    unpackOffsets(directory, starts, rows, content, contentBytes, heapBytes, _lanes, out) {
      const memory = view()
      let position = 0n
      const status = unpackEach(memory, directory, rows, content, contentBytes, (lengths, row) => {
        if (BigInt(memory.getUint32(starts + (row / miniblockRows) * 4, true)) !== position) return false
        lengths.forEach((length, i) => {
          memory.setUint32(out + (row + i) * 4, Number(BigInt.asUintN(32, position)), true)
          position += length
        })
        return lengths.every((length) => length >= 0n) && position <= BigInt(heapBytes)
      })
      if (status !== 0) return status
      const last = memory.getUint32(starts + Math.ceil(rows / miniblockRows) * 4, true)
      if (position !== BigInt(heapBytes) || last !== heapBytes) return Math.floor(rows / miniblockRows) + 1
      memory.setUint32(out + rows * 4, heapBytes, true)
      return 0
    },

    stringLanes(offsets, codes, rows, heap, out) {
      const memory = view()
      for (let row = 0; row < rows; row++) {
        const entry = codes === 0 ? row : memory.getUint32(codes + row * 4, true)
        const begin = memory.getUint32(offsets + entry * 4, true)
        memory.setUint32(out + row * 8, heap + begin, true)
        memory.setUint32(out + row * 8 + 4, memory.getUint32(offsets + entry * 4 + 4, true) - begin, true)
      }
    },
  }
}
