/** AND, OR, XOR, NOT and the tests for NULL: three-valued, as SQL and openCypher have it. */
import { mergeNulls, type NumberVector, numberVector, type WorkVector } from '../../vectors/vector.js'
import { expectCount, expectType, type FunctionDefinition } from '../definition.js'

/** Truth values of a batch: a constant NULL has no lanes worth reading. */
function truth(vector: WorkVector): NumberVector {
  return vector as NumberVector
}

function allNull(nulls: Uint8Array | null, row: number): boolean {
  return nulls !== null && nulls[row] === 1
}

/** AND and OR differ in which value decides alone: false for AND, true for OR. */
function junction(deciding: 0 | 1): FunctionDefinition {
  return {
    resolve(args, site) {
      for (let index = 0; index < args.length; index++) expectType(args, index, ['BOOL'], site)
      return 'BOOL'
    },
    compile(args) {
      return (batch) => {
        let left = truth(args[0]!.evaluate(batch))
        for (const argument of args.slice(1)) left = join(left, truth(argument.evaluate(batch)), deciding)
        return left
      }
    },
  }
}

function join(a: NumberVector, b: NumberVector, deciding: 0 | 1): NumberVector {
  const { rows } = a
  const values = new Float64Array(rows)
  if (a.nulls === null && b.nulls === null) {
    for (let row = 0; row < rows; row++) {
      values[row] = a.values[row] === deciding || b.values[row] === deciding ? deciding : 1 - deciding
    }
    return numberVector('BOOL', values, null)
  }
  const nulls = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) {
    const aNull = allNull(a.nulls, row)
    const bNull = allNull(b.nulls, row)
    if ((!aNull && a.values[row] === deciding) || (!bNull && b.values[row] === deciding))
      values[row] = deciding
    else if (aNull || bNull) nulls[row] = 1
    else values[row] = 1 - deciding
  }
  return numberVector('BOOL', values, nulls)
}

const xor: FunctionDefinition = {
  resolve: junction(0).resolve,
  compile([left, right]) {
    return (batch) => {
      const a = truth(left!.evaluate(batch))
      const b = truth(right!.evaluate(batch))
      const values = new Float64Array(a.rows)
      for (let row = 0; row < a.rows; row++) values[row] = a.values[row] === b.values[row] ? 0 : 1
      return numberVector('BOOL', values, mergeNulls(a.nulls, b.nulls, a.rows))
    }
  },
}

const not: FunctionDefinition = {
  resolve(args, site) {
    expectCount(args, 1, 1, site)
    expectType(args, 0, ['BOOL'], site)
    return 'BOOL'
  },
  compile([operand]) {
    return (batch) => {
      const a = truth(operand!.evaluate(batch))
      const values = new Float64Array(a.rows)
      for (let row = 0; row < a.rows; row++) values[row] = a.values[row] === 0 ? 1 : 0
      return numberVector('BOOL', values, a.nulls)
    }
  },
}

function nullTest(whenNull: 0 | 1): FunctionDefinition {
  return {
    resolve: () => 'BOOL',
    compile([operand]) {
      return (batch) => {
        const { nulls } = operand!.evaluate(batch)
        const values = new Float64Array(batch.rows).fill(1 - whenNull)
        if (nulls !== null) {
          for (let row = 0; row < batch.rows; row++) if (nulls[row] === 1) values[row] = whenNull
        }
        return numberVector('BOOL', values, null)
      }
    },
  }
}

export const logicFunctions: Readonly<Record<string, FunctionDefinition>> = {
  and: junction(0),
  or: junction(1),
  xor,
  not,
  isNull: nullTest(1),
  isNotNull: nullTest(0),
}
