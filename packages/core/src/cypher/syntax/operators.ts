/** Operators of one precedence, each with its token. */

import type { Operator } from './ast.js'
import type { TokenType } from './chevrotain.js'
import type { Place } from './place.js'
import * as token from './tokens.js'

export type OperatorChoice = readonly [TokenType, Operator]

export const comparisonOperators: readonly OperatorChoice[] = [
  [token.Equal, '='],
  [token.NotEqual, '<>'],
  [token.LessOrEqual, '<='],
  [token.GreaterOrEqual, '>='],
  [token.Less, '<'],
  [token.Greater, '>'],
]

export const sumOperators: readonly OperatorChoice[] = [
  [token.Plus, '+'],
  [token.Minus, '-'],
]

export const productOperators: readonly OperatorChoice[] = [
  [token.Star, '*'],
  [token.Slash, '/'],
  [token.Percent, '%'],
]

/** An operator where it stands. */
export interface PlacedOperator {
  readonly operator: Operator
  readonly place: Place
}
