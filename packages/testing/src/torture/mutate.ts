/**
 * Damages bytes the way accidents and enemies do: flips, cuts, wrong lengths, parts in wrong places. What is
 * given stays as it is: everything works on copies (`slice` of a Buffer is none).
 */
import type { Random } from '../simulated/random.js'

/** Values that lengths and counts are set to. */
const extremes = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x1_0000, 0x7fff_ffff, 0xffff_ffff]

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array

const flipBit: Mutation = (bytes, random) => {
  const at = random.below(bytes.length)
  return bytes.with(at, bytes[at]! ^ (1 << random.below(8)))
}

const setByte: Mutation = (bytes, random) => bytes.with(random.below(bytes.length), random.below(256))

/** A little-endian number of 1, 2, 4 or 8 bytes becomes an extreme one, or one off. */
const setNumber: Mutation = (bytes, random) => {
  const size = [1, 2, 4, 8][random.below(4)]!
  if (bytes.length < size) return bytes
  const changed = new Uint8Array(bytes)
  const at = random.below(bytes.length - size + 1)
  const view = new DataView(changed.buffer)
  const oneOff = random.chance()
  const value = extremes[random.below(extremes.length)]!
  if (size === 1) view.setUint8(at, oneOff ? view.getUint8(at) + 1 : value & 0xff)
  else if (size === 2) view.setUint16(at, oneOff ? view.getUint16(at, true) - 1 : value & 0xffff, true)
  else if (size === 4) view.setUint32(at, oneOff ? view.getUint32(at, true) + 1 : value, true)
  else view.setBigUint64(at, random.chance() ? 0xffff_ffff_ffff_ffffn : BigInt(value) << 21n, true)
  return changed
}

const cut: Mutation = (bytes, random) => new Uint8Array(bytes.subarray(0, random.below(bytes.length + 1)))

const insert: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1)
  const added = random.fill(new Uint8Array(1 + random.below(16)))
  return new Uint8Array(Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]))
}

const remove: Mutation = (bytes, random) => {
  const at = random.below(bytes.length)
  const length = 1 + random.below(16)
  return new Uint8Array(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]))
}

const copyPart: Mutation = (bytes, random) => {
  const changed = new Uint8Array(bytes)
  const length = Math.min(bytes.length, 1 + random.below(64))
  const from = random.below(bytes.length - length + 1)
  changed.copyWithin(random.below(bytes.length - length + 1), from, from + length)
  return changed
}

const clear: Mutation = (bytes, random) => {
  const at = random.below(bytes.length)
  return new Uint8Array(bytes).fill(random.chance() ? 0 : 0xff, at, at + 1 + random.below(64))
}

/** Mutations that leave the length as it is. */
const inPlace = [flipBit, flipBit, setByte, setNumber, setNumber, setNumber, copyPart, clear]
const any = [...inPlace, cut, insert, remove]

/** `bytes` with one to four mutations; the original stays. `keepLength`: as many bytes as before. */
export function mutate(
  bytes: Uint8Array,
  random: Random,
  options: { keepLength?: boolean } = {},
): Uint8Array {
  const mutations = options.keepLength ? inPlace : any
  let changed = bytes
  for (let count = 1 + random.below(4); count > 0 && changed.length > 0; count--) {
    changed = mutations[random.below(mutations.length)]!(changed, random)
  }
  return changed === bytes ? new Uint8Array(bytes) : changed
}
