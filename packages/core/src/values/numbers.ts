/** Whole numbers with their ranges, and doubles and floats correctly rounded for every text. */
import type { LogicalType } from '../types/index.js'

export interface IntegerRange {
  readonly min: bigint
  readonly max: bigint
}

function signed(bits: bigint): IntegerRange {
  return { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n }
}

function unsigned(bits: bigint): IntegerRange {
  return { min: 0n, max: (1n << bits) - 1n }
}

/** The integer types, with the values they hold. */
export const integerRanges: Readonly<Partial<Record<LogicalType, IntegerRange>>> = {
  INT8: signed(8n),
  INT16: signed(16n),
  INT32: signed(32n),
  INT64: signed(64n),
  UINT8: unsigned(8n),
  UINT16: unsigned(16n),
  UINT32: unsigned(32n),
  UINT64: unsigned(64n),
}

/** What a lane of UINT64 is less than its value. */
export const uint64Bias = 2n ** 63n

const integerText = /^[+-]?\d+$/
/** More digits than any range has, zeros at the beginning apart. */
const digitsMax = 20

/** The whole number that `text` writes, when it is within the range. */
export function integerOfText(text: string, { min, max }: IntegerRange): bigint | undefined {
  if (!integerText.test(text)) return undefined
  const digits = text.replace(/^[+-]?0*/, '')
  if (digits.length > digitsMax) return undefined
  const magnitude = BigInt(digits === '' ? '0' : digits)
  const value = text.startsWith('-') ? -magnitude : magnitude
  return value >= min && value <= max ? value : undefined
}

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/
const notFinite = /^[+-]?(?:inf|infinity|nan)$/i

/**
 * The double nearest to the decimal `text`; with `nonFinite` also `inf`, `infinity` and `nan` in any case.
 * Undefined when the text is not a number, or is one beyond the largest double.
 */
export function doubleOfText(text: string, nonFinite: boolean): number | undefined {
  if (decimal.test(text)) {
    const value = Number(text)
    return Number.isFinite(value) ? value : undefined
  }
  if (!nonFinite || !notFinite.test(text)) return undefined
  if (text.toLowerCase().endsWith('nan')) return Number.NaN
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

/** The same for the nearest float. The double nearest to a text may lie half way between two floats. */
export function floatOfText(text: string, nonFinite: boolean): number | undefined {
  const double = doubleOfText(text, nonFinite)
  if (double === undefined || !Number.isFinite(double)) return double
  let float = Math.fround(double)
  if (float !== double && isHalfWay(double, float)) {
    const order = compareWithDouble(text, double)
    if (order !== 0 && order > 0 !== float > double) float = 2 * double - float
  }
  return Number.isFinite(float) ? Math.fround(float) : undefined
}

/** The shortest text that is read as this float. */
export function textOfFloat(float: number): string {
  for (let digits = 6; digits <= 9; digits++) {
    const text = String(Number(float.toPrecision(digits)))
    if (Math.fround(Number(text)) === float) return Object.is(float, -0) ? '-0' : text
  }
  return String(float)
}

/** Whether `double` lies exactly between `float` and the next one on the other side of it. */
function isHalfWay(double: number, float: number): boolean {
  const other = 2 * double - float
  return Math.fround(other) === other && Math.fround(double + (double - float) / 2) === other
}

const words = new DataView(new ArrayBuffer(8))

/** Less than, equal to or greater than 0 as the number that `text` writes is than `double`. */
function compareWithDouble(text: string, double: number): number {
  const [mantissaText = '', power = '0'] = text.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissaText.split('.')
  const decimals = Number(power) - fraction.length
  let left = BigInt(`${whole}${fraction}`.replace(/^[+-]/, ''))
  words.setFloat64(0, Math.abs(double))
  const bits = words.getBigUint64(0)
  const exponent = Number(bits >> 52n)
  let right = (bits & 0xf_ffff_ffff_ffffn) | (exponent === 0 ? 0n : 1n << 52n)
  const binary = Math.max(exponent, 1) - 1075
  if (decimals >= 0) left *= 10n ** BigInt(decimals)
  else right *= 10n ** BigInt(-decimals)
  if (binary >= 0) right <<= BigInt(binary)
  else left <<= BigInt(-binary)
  const order = left < right ? -1 : left > right ? 1 : 0
  return double < 0 ? -order : order
}
