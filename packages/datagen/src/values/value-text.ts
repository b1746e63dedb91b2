/**
 * One value of a lane as text: as it stands in a CSV field, between the quotes of a literal, in an array.
 * What a format adds around it is the format's business.
 */
import type { SqlType } from '../schema/index.js'
import {
  numberBytesMax,
  writeDate,
  writeDecimal,
  writeDouble,
  writeInterval,
  writeTime,
  writeTimestamp,
} from './digits.js'
import { copyBytes, type Lane } from './lane.js'
import type { Source } from './source.js'

/** Writes value `at` from `place` on, and returns the place behind it. */
export type TextWriter = (lane: Lane, at: number, bytes: Uint8Array, place: number) => number

const trueText = Buffer.from('true')
const falseText = Buffer.from('false')
const zoneText = Buffer.from('+00')

/** How values of `source` are written in a column of `type`. */
export function textWriter(source: Source, type: SqlType): TextWriter {
  const { kind } = source.lane
  const { scale } = source
  if (kind === 'text') {
    return (lane, at, bytes, place) => {
      const start = lane.ends[at] as number
      const length = (lane.ends[at + 1] as number) - start
      copyBytes(lane.bytes, start, length, bytes, place)
      return place + length
    }
  }
  if (kind === 'pool') {
    const pool = source.lane.pool!
    return (lane, at, bytes, place) => {
      const entry = lane.numbers[at] as number
      const start = pool.ends[entry] as number
      const length = (pool.ends[entry + 1] as number) - start
      copyBytes(pool.bytes, start, length, bytes, place)
      return place + length
    }
  }
  if (kind === 'doubles')
    return (lane, at, bytes, place) => writeDouble(bytes, place, lane.numbers[at] as number)
  switch (type.kind) {
    case 'boolean':
      return (lane, at, bytes, place) => {
        const text = lane.numbers[at] === 0 ? falseText : trueText
        copyBytes(text, 0, text.length, bytes, place)
        return place + text.length
      }
    case 'date':
      return (lane, at, bytes, place) => writeDate(bytes, place, lane.numbers[at] as number)
    case 'time':
    case 'timestamp': {
      const write = type.kind === 'time' ? writeTime : writeTimestamp
      const zoned = type.zoned === true
      return (lane, at, bytes, place) => {
        const end = write(bytes, place, lane.numbers[at] as number, scale)
        if (zoned) copyBytes(zoneText, 0, 3, bytes, end)
        return zoned ? end + 3 : end
      }
    }
    case 'interval':
      return (lane, at, bytes, place) => writeInterval(bytes, place, lane.numbers[at] as number, scale)
    default:
      return (lane, at, bytes, place) => writeDecimal(bytes, place, lane.numbers[at] as number, scale)
  }
}

/** Bytes that value `at` takes at most. */
export function textBytesMax(lane: Lane, at: number): number {
  if (lane.kind === 'text') return (lane.ends[at + 1] as number) - (lane.ends[at] as number)
  if (lane.kind !== 'pool') return numberBytesMax
  const entry = lane.numbers[at] as number
  const { ends } = lane.pool!
  return (ends[entry + 1] as number) - (ends[entry] as number)
}

/** Characters of a value that is a number. */
export const numberLengthMax = numberBytesMax
