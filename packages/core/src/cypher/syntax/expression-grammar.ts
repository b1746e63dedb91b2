/**
 * The grammar of expressions, loosest first: OR, XOR, AND, NOT, comparisons (chained), predicates (IS NULL,
 * IN, STARTS WITH …),
 * + −, * / %, ^, sign, property access, atoms.
 *
 * Actions run while parsing and build the tree directly. They also run once on made-up tokens while
 * chevrotain records the grammar, so they must not fail on nonsense.
 */

import type { CaseExpression, Expression, Name, Operator } from './ast.js'
import { EmbeddedActionsParser, type IToken, type ParserMethod } from './chevrotain.js'
import { integerValue, nameValue, stringValue } from './literals.js'
import { LazyLookahead } from './lookahead.js'
import { syntaxMessages } from './messages.js'
import {
  comparisonOperators,
  type OperatorChoice,
  type PlacedOperator,
  productOperators,
  sumOperators,
} from './operators.js'
import { type Place, startOfText } from './place.js'
import * as token from './tokens.js'

const { keywords } = token

/** Tokens that are looked at to choose a way on. */
const lookaheadMax = 3

/** Where a token stands. */
export function placeOf(at: IToken): Place {
  return {
    offset: at.startOffset,
    length: at.image.length,
    line: at.startLine ?? 1,
    column: at.startColumn ?? 1,
  }
}

/** The operator applied to its operands. */
function operation(operator: Operator, operands: readonly Expression[], place: Place): Expression {
  return { kind: 'operator', operator, operands, place }
}

/** −x, folded into the literal where x is one, so that the smallest INT64 can be written. */
function negated(operand: Expression, place: Place): Expression {
  if (operand?.kind !== 'literal' || (operand.type !== 'INT64' && operand.type !== 'DOUBLE')) {
    return operation('negate', [operand], place)
  }
  const value = operand.value as number | bigint
  const minus = typeof value === 'bigint' ? -value : value === 0 && operand.type === 'INT64' ? 0 : -value
  return { ...operand, value: minus, place }
}

export class ExpressionGrammar extends EmbeddedActionsParser {
  /** `validate`: look for ambiguities too, which takes longer than all the rest; a test does it. */
  constructor(validate: boolean) {
    super(token.allTokens, {
      maxLookahead: lookaheadMax,
      recoveryEnabled: false,
      errorMessageProvider: syntaxMessages,
      lookaheadStrategy: new LazyLookahead({ maxLookahead: lookaheadMax }),
      skipValidations: !validate,
    })
  }

  /** A name where only a name can stand. */
  readonly anyName: ParserMethod<[], Name> = this.RULE('anyName', (): Name => {
    const at = this.CONSUME(token.AnyName)
    return { text: nameValue(at.image), place: placeOf(at) }
  })

  /** A type: its name, its parameters, and brackets where it is a list. */
  readonly typeName: ParserMethod<[], Name> = this.RULE('typeName', (): Name => {
    const at = this.CONSUME(token.TypeName)
    const parts = [nameValue(at.image)]
    this.OPTION(() => {
      this.CONSUME(token.LeftParenthesis)
      const parameters: string[] = []
      this.AT_LEAST_ONE_SEP({
        SEP: token.Comma,
        DEF: () => parameters.push(this.CONSUME(token.IntegerLiteral).image),
      })
      this.CONSUME(token.RightParenthesis)
      parts.push(`(${parameters.join(',')})`)
    })
    this.MANY(() => {
      this.CONSUME(token.LeftBracket)
      const length = this.OPTION2(() => this.CONSUME2(token.IntegerLiteral).image) ?? ''
      this.CONSUME(token.RightBracket)
      parts.push(`[${length}]`)
    })
    return { text: parts.join(''), place: placeOf(at) }
  })

  readonly expression: ParserMethod<[], Expression> = this.RULE('expression', () => {
    const operands = [this.SUBRULE(this.exclusiveOr)]
    let place = startOfText
    this.MANY(() => {
      place = placeOf(this.CONSUME(keywords.OR))
      operands.push(this.SUBRULE2(this.exclusiveOr))
    })
    return operands.length === 1 ? operands[0]! : operation('or', operands, place)
  })

  readonly exclusiveOr: ParserMethod<[], Expression> = this.RULE('exclusiveOr', () => {
    let left = this.SUBRULE(this.conjunction)
    this.MANY(() => {
      const at = this.CONSUME(keywords.XOR)
      left = operation('xor', [left, this.SUBRULE2(this.conjunction)], placeOf(at))
    })
    return left
  })

  readonly conjunction: ParserMethod<[], Expression> = this.RULE('conjunction', () => {
    const operands = [this.SUBRULE(this.negation)]
    let place = startOfText
    this.MANY(() => {
      place = placeOf(this.CONSUME(keywords.AND))
      operands.push(this.SUBRULE2(this.negation))
    })
    return operands.length === 1 ? operands[0]! : operation('and', operands, place)
  })

  readonly negation: ParserMethod<[], Expression> = this.RULE('negation', () => {
    const places: Place[] = []
    this.MANY(() => {
      places.push(placeOf(this.CONSUME(keywords.NOT)))
    })
    const operand = this.SUBRULE(this.comparison)
    return places.reduceRight((inner, place) => operation('not', [inner], place), operand)
  })

  /** `a < b <= c` means `a < b AND b <= c`. */
  readonly comparison: ParserMethod<[], Expression> = this.RULE('comparison', () => {
    let left = this.SUBRULE(this.predicate)
    let whole: Expression | undefined
    this.MANY(() => {
      const { operator, place } = this.SUBRULE(this.comparisonOperator)
      const right = this.SUBRULE2(this.predicate)
      const link = operation(operator, [left, right], place)
      whole = whole === undefined ? link : operation('and', [whole, link], place)
      left = right
    })
    return whole ?? left
  })

  readonly comparisonOperator: ParserMethod<[], PlacedOperator> = this.RULE('comparisonOperator', () =>
    this.oneOperator(comparisonOperators),
  )

  readonly sumOperator: ParserMethod<[], PlacedOperator> = this.RULE('sumOperator', () =>
    this.oneOperator(sumOperators),
  )

  readonly productOperator: ParserMethod<[], PlacedOperator> = this.RULE('productOperator', () =>
    this.oneOperator(productOperators),
  )

  private oneOperator(choices: readonly OperatorChoice[]): PlacedOperator {
    return this.OR(
      choices.map(([type, operator], index) => ({
        ALT: () => ({ operator, place: placeOf(this.consume(index, type)) }),
      })),
    )
  }

  /** Operators written behind their operand. */
  readonly predicate: ParserMethod<[], Expression> = this.RULE('predicate', () => {
    let left = this.SUBRULE(this.sum)
    this.MANY(() => {
      left = this.OR([
        {
          ALT: () => {
            const at = this.CONSUME(keywords.IS)
            const not = this.OPTION(() => this.CONSUME(keywords.NOT))
            this.CONSUME(keywords.NULL)
            return operation(not === undefined ? 'isNull' : 'isNotNull', [left], placeOf(at))
          },
        },
        {
          ALT: () => {
            const at = this.CONSUME(keywords.IN)
            return operation('in', [left, this.SUBRULE2(this.sum)], placeOf(at))
          },
        },
        {
          ALT: () => {
            const at = this.CONSUME(keywords.STARTS)
            this.CONSUME(keywords.WITH)
            return operation('startsWith', [left, this.SUBRULE3(this.sum)], placeOf(at))
          },
        },
        {
          ALT: () => {
            const at = this.CONSUME(keywords.ENDS)
            this.CONSUME2(keywords.WITH)
            return operation('endsWith', [left, this.SUBRULE4(this.sum)], placeOf(at))
          },
        },
        {
          ALT: () => {
            const at = this.CONSUME(keywords.CONTAINS)
            return operation('contains', [left, this.SUBRULE5(this.sum)], placeOf(at))
          },
        },
      ])
    })
    return left
  })

  readonly sum: ParserMethod<[], Expression> = this.RULE('sum', () => {
    let left = this.SUBRULE(this.product)
    this.MANY(() => {
      const { operator, place } = this.SUBRULE(this.sumOperator)
      left = operation(operator, [left, this.SUBRULE2(this.product)], place)
    })
    return left
  })

  readonly product: ParserMethod<[], Expression> = this.RULE('product', () => {
    let left = this.SUBRULE(this.power)
    this.MANY(() => {
      const { operator, place } = this.SUBRULE(this.productOperator)
      left = operation(operator, [left, this.SUBRULE2(this.power)], place)
    })
    return left
  })

  /** From left to right, as openCypher has it. */
  readonly power: ParserMethod<[], Expression> = this.RULE('power', () => {
    let left = this.SUBRULE(this.signed)
    this.MANY(() => {
      const at = this.CONSUME(token.Caret)
      left = operation('^', [left, this.SUBRULE2(this.signed)], placeOf(at))
    })
    return left
  })

  readonly signed: ParserMethod<[], Expression> = this.RULE('signed', () =>
    this.OR([
      {
        ALT: () => {
          const place = placeOf(this.CONSUME(token.Minus))
          const operand = this.SUBRULE(this.signed)
          return this.ACTION(() => negated(operand, place))
        },
      },
      {
        ALT: () => {
          this.CONSUME(token.Plus)
          return this.SUBRULE2(this.signed)
        },
      },
      { ALT: () => this.SUBRULE(this.access) },
    ]),
  )

  /** An atom and the properties taken of it. */
  readonly access: ParserMethod<[], Expression> = this.RULE('access', () => {
    let target = this.SUBRULE(this.atom)
    this.MANY(() => {
      this.CONSUME(token.Dot)
      const name = this.SUBRULE(this.anyName)
      target = { kind: 'property', target, name, place: target?.place ?? startOfText }
    })
    return target
  })

  readonly atom: ParserMethod<[], Expression> = this.RULE('atom', () =>
    this.OR([
      { ALT: () => this.SUBRULE(this.literal) },
      { ALT: () => this.SUBRULE(this.parameter) },
      { ALT: () => this.SUBRULE(this.caseExpression) },
      { ALT: () => this.SUBRULE(this.castExpression) },
      { ALT: () => this.SUBRULE(this.list) },
      { ALT: () => this.SUBRULE(this.call) },
      {
        ALT: (): Expression => {
          const at = this.CONSUME(token.VariableName)
          return { kind: 'variable', name: nameValue(at.image), place: placeOf(at) }
        },
      },
      {
        ALT: () => {
          this.CONSUME(token.LeftParenthesis)
          const inner = this.SUBRULE(this.expression)
          this.CONSUME(token.RightParenthesis)
          return inner
        },
      },
    ]),
  )

  readonly parameter: ParserMethod<[], Expression> = this.RULE('parameter', (): Expression => {
    const at = this.CONSUME(token.ParameterToken)
    return { kind: 'parameter', name: nameValue(at.image.slice(1)), place: placeOf(at) }
  })

  readonly literal: ParserMethod<[], Expression> = this.RULE(
    'literal',
    (): Expression =>
      this.OR<Expression>([
        {
          ALT: () => {
            const at = this.CONSUME(token.StringLiteral)
            return { kind: 'literal', type: 'STRING', value: stringValue(at.image), place: placeOf(at) }
          },
        },
        {
          ALT: () => {
            const at = this.CONSUME(token.IntegerLiteral)
            const value = this.ACTION(() => integerValue(at.image))
            return { kind: 'literal', type: 'INT64', value, place: placeOf(at) }
          },
        },
        {
          ALT: () => {
            const at = this.CONSUME(token.FloatLiteral)
            return { kind: 'literal', type: 'DOUBLE', value: Number(at.image), place: placeOf(at) }
          },
        },
        {
          ALT: () => {
            const place = placeOf(this.CONSUME(keywords.TRUE))
            return { kind: 'literal', type: 'BOOL', value: true, place }
          },
        },
        {
          ALT: () => {
            const place = placeOf(this.CONSUME(keywords.FALSE))
            return { kind: 'literal', type: 'BOOL', value: false, place }
          },
        },
        {
          ALT: () => {
            const place = placeOf(this.CONSUME(keywords.NULL))
            return { kind: 'literal', type: 'NULL', value: null, place }
          },
        },
      ]),
  )

  readonly list: ParserMethod<[], Expression> = this.RULE('list', (): Expression => {
    const items: Expression[] = []
    const at = this.CONSUME(token.LeftBracket)
    this.MANY_SEP({ SEP: token.Comma, DEF: () => items.push(this.SUBRULE(this.expression)) })
    this.CONSUME(token.RightBracket)
    return { kind: 'list', items, place: placeOf(at) }
  })

  readonly call: ParserMethod<[], Expression> = this.RULE('call', (): Expression => {
    const at = this.CONSUME(token.VariableName)
    const args: Expression[] = []
    let star = false
    let distinct = false
    this.CONSUME(token.LeftParenthesis)
    this.OR([
      {
        ALT: () => {
          this.CONSUME(token.Star)
          star = true
        },
      },
      {
        ALT: () => {
          this.OPTION(() => {
            this.CONSUME(keywords.DISTINCT)
            distinct = true
          })
          this.MANY_SEP({ SEP: token.Comma, DEF: () => args.push(this.SUBRULE(this.expression)) })
        },
      },
    ])
    this.CONSUME(token.RightParenthesis)
    return { kind: 'call', name: nameValue(at.image).toLowerCase(), distinct, star, args, place: placeOf(at) }
  })

  readonly castExpression: ParserMethod<[], Expression> = this.RULE('castExpression', (): Expression => {
    const at = this.CONSUME(keywords.CAST)
    this.CONSUME(token.LeftParenthesis)
    const operand = this.SUBRULE(this.expression)
    this.OR([{ ALT: () => this.CONSUME(keywords.AS) }, { ALT: () => this.CONSUME(token.Comma) }])
    const type = this.OR2<Name>([
      { ALT: () => this.SUBRULE(this.typeName) },
      {
        ALT: () => {
          const text = this.CONSUME(token.StringLiteral)
          return { text: stringValue(text.image), place: placeOf(text) }
        },
      },
    ])
    this.CONSUME(token.RightParenthesis)
    return { kind: 'cast', operand, type, place: placeOf(at) }
  })

  readonly caseExpression: ParserMethod<[], Expression> = this.RULE('caseExpression', (): Expression => {
    const place = placeOf(this.CONSUME(keywords.CASE))
    const branches: CaseExpression['branches'][number][] = []
    const subject = this.OPTION(() => this.SUBRULE(this.expression)) ?? null
    this.AT_LEAST_ONE(() => {
      this.CONSUME(keywords.WHEN)
      const when = this.SUBRULE2(this.expression)
      this.CONSUME(keywords.THEN)
      branches.push({ when, result: this.SUBRULE3(this.expression) })
    })
    const otherwise =
      this.OPTION2(() => {
        this.CONSUME(keywords.ELSE)
        return this.SUBRULE4(this.expression)
      }) ?? null
    this.CONSUME(keywords.END)
    return { kind: 'case', subject, branches, otherwise, place }
  })
}
