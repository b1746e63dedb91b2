/**
 * Functions of numbers, and ^. Their result is a DOUBLE, except that rounding an integer leaves it as it is.
 */
import { asDoubles } from '../../vectors/convert.js'
import { mergeNulls, numberVector } from '../../vectors/vector.js'
import { expectCount, expectInteger, expectNumber, type FunctionDefinition } from '../definition.js'
import { isInteger } from '../types.js'

function ofOne(compute: (x: number) => number): FunctionDefinition {
  return {
    resolve(args, site) {
      expectCount(args, 1, 1, site)
      expectNumber(args, 0, site)
      return 'DOUBLE'
    },
    compile([operand]) {
      return (batch) => {
        const vector = asDoubles(operand!.evaluate(batch))
        const values = new Float64Array(vector.rows)
        for (let row = 0; row < vector.rows; row++) values[row] = compute(vector.values[row]!)
        return numberVector('DOUBLE', values, vector.nulls)
      }
    },
  }
}

/** Rounding: nothing to do for integers. */
function rounding(compute: (x: number) => number): FunctionDefinition {
  const onDoubles = ofOne(compute)
  return {
    resolve(args, site) {
      onDoubles.resolve(args, site)
      return isInteger(args[0]!.type) ? args[0]!.type : 'DOUBLE'
    },
    compile(args, site) {
      return isInteger(args[0]!.type) ? args[0]!.evaluate : onDoubles.compile(args, site)
    },
  }
}

/** Half away from zero, as SQL rounds. */
function roundHalfAway(x: number): number {
  return x < 0 ? -Math.round(-x) : Math.round(x)
}

/** To `digits` decimals: shifting the decimal exponent as text avoids the error of multiplying. */
function roundTo(x: number, digits: number): number {
  if (!Number.isFinite(x) || digits === 0) return digits === 0 ? roundHalfAway(x) : x
  const [mantissa, exponent] = x.toExponential().split('e')
  const shifted = roundHalfAway(Number(`${mantissa}e${Number(exponent) + digits}`))
  const result = Number(`${shifted}e${-digits}`)
  return Number.isFinite(result) ? result : x
}

const plainRound = rounding(roundHalfAway)

const round: FunctionDefinition = {
  resolve(args, site) {
    expectCount(args, 1, 2, site)
    if (args.length === 1) return plainRound.resolve(args, site)
    expectNumber(args, 0, site)
    expectInteger(args, 1, site)
    return 'DOUBLE'
  },
  compile(args, site) {
    const [operand, digits] = args
    if (digits === undefined) return plainRound.compile(args, site)
    return ofTwo(roundTo).compile([operand!, digits], site)
  },
}

function ofTwo(compute: (x: number, y: number) => number): FunctionDefinition {
  return {
    resolve(args, site) {
      expectCount(args, 2, 2, site)
      expectNumber(args, 0, site)
      expectNumber(args, 1, site)
      return 'DOUBLE'
    },
    compile([left, right]) {
      return (batch) => {
        const a = asDoubles(left!.evaluate(batch))
        const b = asDoubles(right!.evaluate(batch))
        const values = new Float64Array(batch.rows)
        for (let row = 0; row < batch.rows; row++) values[row] = compute(a.values[row]!, b.values[row]!)
        return numberVector('DOUBLE', values, mergeNulls(a.nulls, b.nulls, batch.rows))
      }
    },
  }
}

const pi: FunctionDefinition = {
  resolve(args, site) {
    expectCount(args, 0, 0, site)
    return 'DOUBLE'
  },
  compile: () => (batch) => numberVector('DOUBLE', new Float64Array(batch.rows).fill(Math.PI), null),
}

const power = ofTwo((x, y) => x ** y)

export const mathematicsFunctions: Readonly<Record<string, FunctionDefinition>> = {
  ceil: rounding(Math.ceil),
  ceiling: rounding(Math.ceil),
  floor: rounding(Math.floor),
  round,
  sign: ofOne(Math.sign),
  '^': power,
  pow: power,
  power,
  sqrt: ofOne(Math.sqrt),
  exp: ofOne(Math.exp),
  ln: ofOne(Math.log),
  log: ofOne(Math.log10),
  log10: ofOne(Math.log10),
  log2: ofOne(Math.log2),
  sin: ofOne(Math.sin),
  cos: ofOne(Math.cos),
  tan: ofOne(Math.tan),
  asin: ofOne(Math.asin),
  acos: ofOne(Math.acos),
  atan: ofOne(Math.atan),
  atan2: ofTwo(Math.atan2),
  radians: ofOne((degrees) => (degrees * Math.PI) / 180),
  degrees: ofOne((radians) => (radians * 180) / Math.PI),
  pi,
}
