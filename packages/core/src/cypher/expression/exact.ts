/**
 * Numbers whose lanes stand for them: UINT64 (the value less 2^63) and DECIMAL (the value × 10^scale, beyond
 * 18 digits as bytes). Computing with them is exact, row by row in bigints.
 */
import { type DecimalShape, decimalShape, type LogicalType } from '../../types/index.js'
import {
  fitsShape,
  storedOfUnscaled,
  textOfUnscaled,
  uint64Bias,
  unscaledOfStored,
} from '../../values/index.js'
import { evaluationError } from './evaluation-error.js'
import type { Lane } from './lane.js'
import type { ValueType } from './types.js'

/** Digits behind the point of a number that is no DOUBLE. */
export function scaleOf(type: ValueType): number {
  return decimalShape(type)?.scale ?? 0
}

/** The value of a lane × 10^scale. `type` is any number but DOUBLE and FLOAT. */
export function unscaledOfLane(type: ValueType, lane: Lane): bigint {
  if (type === 'UINT64') return BigInt(lane) + uint64Bias
  return decimalShape(type) === null ? BigInt(lane) : unscaledOfStored(lane)
}

/** The lane of `unscaled` in a DECIMAL; undefined when it has too many digits. */
export function laneOfUnscaled(unscaled: bigint, shape: DecimalShape): Lane | undefined {
  if (!fitsShape(unscaled, shape)) return undefined
  const stored = storedOfUnscaled(unscaled, shape)
  return typeof stored === 'string' ? stored : smallestLane(stored)
}

/** The lane of a value in UINT64; undefined when it is out of range. */
export function laneOfUint64(value: bigint): Lane | undefined {
  return value < 0n || value >= 2n * uint64Bias ? undefined : smallestLane(value - uint64Bias)
}

function smallestLane(lane: bigint): Lane {
  const number = Number(lane)
  return Number.isSafeInteger(number) ? number : lane
}

/** Powers of ten that a double holds exactly. */
const exactPowerMax = 22

/** The double nearest to what a lane stands for. */
export function doubleOfLane(type: ValueType, lane: Lane): number {
  const scale = scaleOf(type)
  // One division rounds once when both sides are exact.
  if (typeof lane === 'number' && type !== 'UINT64' && scale <= exactPowerMax) return lane / 10 ** scale
  return Number(textOfUnscaled(unscaledOfLane(type, lane), scale))
}

/** The lane of `unscaled` in `type`, a DECIMAL; raises MILLRACE_EVALUATION when it does not fit. */
export function checkedDecimal(unscaled: bigint, type: LogicalType, operation: string): Lane {
  const shape = decimalShape(type)!
  const lane = laneOfUnscaled(unscaled, shape)
  if (lane !== undefined) return lane
  throw evaluationError(
    `${operation} gives ${textOfUnscaled(unscaled, shape.scale)}, which is beyond ${type}`,
    'Compute in DOUBLE: CAST(… AS DOUBLE).',
  )
}
