/**
 * DECIMAL(p, s): the value × 10^s as a whole number, the "unscaled" value. Up to 18 digits it is the lane
 * itself; with more it is 16 bytes, + 2^127 and the highest byte first, so that bytes sort as values do.
 *
 * Nothing is rounded: a text with more digits behind the point than s (zeros at its end apart) is no such
 * value.
 */
import { type DecimalShape, decimalIntDigitsMax } from '../types/index.js'
import { bigEndian, ofBigEndian } from './bytes-text.js'

const wideBytes = 16
const wideBias = 2n ** 127n

const decimalText = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

/** Exponents beyond this make every value with digits too large, or too fine. */
const exponentMax = 1_000_000

/** The unscaled value that `text` writes; undefined when it writes none of this shape. */
export function unscaledOfText(text: string, { precision, scale }: DecimalShape): bigint | undefined {
  const match = decimalText.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', power = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const digits = withoutZeros(whole + fraction)
  if (digits === '') return 0n
  const exponent = Number(power)
  if (Math.abs(exponent) > exponentMax) return undefined
  const shift = exponent - fraction.length + scale
  let kept = digits
  if (shift < 0) {
    if (!endsInZeros(digits, -shift)) return undefined
    kept = digits.slice(0, shift)
  }
  if (kept.length + Math.max(0, shift) > precision) return undefined
  const magnitude = BigInt(kept + '0'.repeat(Math.max(0, shift)))
  return sign === '-' ? -magnitude : magnitude
}

function withoutZeros(digits: string): string {
  let at = 0
  while (at < digits.length && digits.charCodeAt(at) === 0x30) at++
  return digits.slice(at)
}

/** Whether the last `count` characters are zeros, and something is left before them. */
function endsInZeros(digits: string, count: number): boolean {
  if (count >= digits.length) return false
  for (let at = digits.length - count; at < digits.length; at++) {
    if (digits.charCodeAt(at) !== 0x30) return false
  }
  return true
}

/** `unscaled` ÷ 10^scale with all digits behind the point: `-12.50`. */
export function textOfUnscaled(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? '-' : ''
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  if (scale === 0) return sign + digits
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Whether a DECIMAL of this shape can hold the unscaled value. */
export function fitsShape(unscaled: bigint, { precision }: DecimalShape): boolean {
  const limit = 10n ** BigInt(precision)
  return unscaled < limit && unscaled > -limit
}

/** The unscaled value as a column of this shape holds it: a bigint, or 16 bytes. */
export function storedOfUnscaled(unscaled: bigint, { precision }: DecimalShape): bigint | string {
  return precision <= decimalIntDigitsMax ? unscaled : bigEndian(unscaled + wideBias, wideBytes)
}

/** The unscaled value of what a column holds. */
export function unscaledOfStored(stored: bigint | number | string): bigint {
  if (typeof stored === 'string') return ofBigEndian(stored, 0, wideBytes) - wideBias
  return BigInt(stored)
}

/** `unscaled` at `from` digits behind the point, with `to` of them; undefined when digits would be lost. */
export function rescaled(unscaled: bigint, from: number, to: number): bigint | undefined {
  if (to >= from) return unscaled * 10n ** BigInt(to - from)
  const divisor = 10n ** BigInt(from - to)
  return unscaled % divisor === 0n ? unscaled / divisor : undefined
}

/** `unscaled` with `to` digits behind the point instead of `from`, half away from zero. */
export function rounded(unscaled: bigint, from: number, to: number): bigint {
  if (to >= from) return unscaled * 10n ** BigInt(to - from)
  const divisor = 10n ** BigInt(from - to)
  const half = unscaled < 0n ? -divisor / 2n : divisor / 2n
  return (unscaled + half) / divisor
}
