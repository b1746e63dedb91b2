/** Numbers as text: what is a DOUBLE, correctly rounded for every input. */

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const notFinite = /^[+-]?(?:inf|infinity|nan)$/i

/**
 * The double nearest to the decimal `text`; also `inf`, `infinity` and `nan` in any case. Undefined when the
 * text is not a number, or is one beyond the largest double.
 */
export function parseDoubleText(text: string): number | undefined {
  if (decimal.test(text)) {
    const value = Number(text)
    return Number.isFinite(value) ? value : undefined
  }
  if (!notFinite.test(text)) return undefined
  if (text.toLowerCase().endsWith('nan')) return Number.NaN
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}
