/** The grammar of patterns and of clauses that read: MATCH, UNWIND, WHERE, ORDER BY, SKIP, LIMIT. */

import type {
  Expression,
  MatchClause,
  Name,
  NodePattern,
  OrderItem,
  PathPattern,
  Projection,
  ProjectionItem,
  PropertyMatch,
  RelPattern,
  UnwindClause,
} from './ast.js'
import type { ParserMethod } from './chevrotain.js'
import { ExpressionGrammar, placeOf } from './expression-grammar.js'
import { nameValue } from './literals.js'
import * as token from './tokens.js'

const { keywords } = token

export class QueryGrammar extends ExpressionGrammar {
  /** The statement being parsed: columns without an alias are named by their text. */
  protected text = ''

  readonly where: ParserMethod<[], Expression> = this.RULE('where', () => {
    this.CONSUME(keywords.WHERE)
    return this.SUBRULE(this.expression)
  })

  readonly matchClause: ParserMethod<[], MatchClause> = this.RULE('matchClause', (): MatchClause => {
    const paths: PathPattern[] = []
    this.CONSUME(keywords.MATCH)
    this.AT_LEAST_ONE_SEP({ SEP: token.Comma, DEF: () => paths.push(this.SUBRULE(this.path)) })
    const where = this.OPTION(() => this.SUBRULE(this.where)) ?? null
    return { kind: 'match', paths, where }
  })

  readonly unwindClause: ParserMethod<[], UnwindClause> = this.RULE('unwindClause', (): UnwindClause => {
    this.CONSUME(keywords.UNWIND)
    const list = this.SUBRULE(this.expression)
    this.CONSUME(keywords.AS)
    const variable = this.SUBRULE(this.patternVariable)
    return { kind: 'unwind', list, variable }
  })

  readonly path: ParserMethod<[], PathPattern> = this.RULE('path', () => {
    const nodes: NodePattern[] = [this.SUBRULE(this.node)]
    const rels: RelPattern[] = []
    this.MANY(() => {
      rels.push(this.SUBRULE(this.rel))
      nodes.push(this.SUBRULE2(this.node))
    })
    return { nodes, rels }
  })

  readonly node: ParserMethod<[], NodePattern> = this.RULE('node', () => {
    const at = this.CONSUME(token.LeftParenthesis)
    const variable = this.OPTION(() => this.SUBRULE(this.patternVariable)) ?? null
    const labels = this.OPTION2(() => this.SUBRULE(this.labels)) ?? []
    const properties = this.OPTION3(() => this.SUBRULE(this.propertyMatches)) ?? []
    this.CONSUME(token.RightParenthesis)
    return { variable, labels, properties, place: placeOf(at) }
  })

  readonly rel: ParserMethod<[], RelPattern> = this.RULE('rel', (): RelPattern => {
    const left = this.OPTION(() => this.CONSUME(token.Less))
    const at = this.CONSUME(token.Minus)
    const detail = this.OPTION2(() => this.SUBRULE(this.relDetail)) ?? {
      variable: null,
      types: [],
      properties: [],
    }
    this.CONSUME2(token.Minus)
    // Behind `<-[…]-` no `>` may stand: an arrow points one way, or none.
    const right = this.OPTION3({ GATE: () => left === undefined, DEF: () => this.CONSUME(token.Greater) })
    const direction = left !== undefined ? 'left' : right !== undefined ? 'right' : 'both'
    const place = this.ACTION(() => placeOf(left ?? at))
    return { ...detail, direction, place }
  })

  readonly relDetail: ParserMethod<[], Pick<RelPattern, 'variable' | 'types' | 'properties'>> = this.RULE(
    'relDetail',
    () => {
      this.CONSUME(token.LeftBracket)
      const variable = this.OPTION(() => this.SUBRULE(this.patternVariable)) ?? null
      const types = this.OPTION2(() => this.SUBRULE(this.labels)) ?? []
      const properties = this.OPTION3(() => this.SUBRULE(this.propertyMatches)) ?? []
      this.CONSUME(token.RightBracket)
      return { variable, types, properties }
    },
  )

  readonly patternVariable: ParserMethod<[], Name> = this.RULE('patternVariable', () => {
    const at = this.CONSUME(token.VariableName)
    return { text: nameValue(at.image), place: placeOf(at) }
  })

  /** `:A`, `:A|B` or `:A|:B`. */
  readonly labels: ParserMethod<[], Name[]> = this.RULE('labels', () => {
    this.CONSUME(token.Colon)
    const names = [this.SUBRULE(this.anyName)]
    this.MANY(() => {
      this.CONSUME(token.Bar)
      this.OPTION(() => this.CONSUME2(token.Colon))
      names.push(this.SUBRULE2(this.anyName))
    })
    return names
  })

  readonly propertyMatches: ParserMethod<[], PropertyMatch[]> = this.RULE('propertyMatches', () => {
    const matches: PropertyMatch[] = []
    this.CONSUME(token.LeftBrace)
    this.MANY_SEP({
      SEP: token.Comma,
      DEF: () => {
        const name = this.SUBRULE(this.anyName)
        this.CONSUME(token.Colon)
        matches.push({ name, value: this.SUBRULE(this.expression) })
      },
    })
    this.CONSUME(token.RightBrace)
    return matches
  })

  readonly projection: ParserMethod<[], Projection> = this.RULE('projection', () => {
    const place = placeOf(this.LA(0))
    const distinct = this.OPTION(() => this.CONSUME(keywords.DISTINCT)) !== undefined
    const items: ProjectionItem[] = []
    let star = false
    this.OR([
      {
        ALT: () => {
          this.CONSUME(token.Star)
          star = true
          this.MANY(() => {
            this.CONSUME(token.Comma)
            items.push(this.SUBRULE(this.projectionItem))
          })
        },
      },
      {
        ALT: () => {
          this.AT_LEAST_ONE_SEP({
            SEP: token.Comma,
            DEF: () => items.push(this.SUBRULE2(this.projectionItem)),
          })
        },
      },
    ])
    const orderBy = this.OPTION2(() => this.SUBRULE(this.orderBy)) ?? []
    const skip = this.OPTION3(() => {
      this.CONSUME(keywords.SKIP)
      return this.SUBRULE(this.expression)
    })
    const limit = this.OPTION4(() => {
      this.CONSUME(keywords.LIMIT)
      return this.SUBRULE2(this.expression)
    })
    return { distinct, star, items, orderBy, skip: skip ?? null, limit: limit ?? null, place }
  })

  readonly projectionItem: ParserMethod<[], ProjectionItem> = this.RULE('projectionItem', () => {
    const first = this.LA(1)
    const expression = this.SUBRULE(this.expression)
    const last = this.LA(0)
    const text = this.ACTION(() => this.text.slice(first.startOffset, (last.endOffset ?? 0) + 1))
    const alias = this.OPTION(() => {
      this.CONSUME(keywords.AS)
      return this.SUBRULE(this.anyName)
    })
    return { expression, alias: alias ?? null, text }
  })

  readonly orderBy: ParserMethod<[], OrderItem[]> = this.RULE('orderBy', () => {
    const items: OrderItem[] = []
    this.CONSUME(keywords.ORDER)
    this.CONSUME(keywords.BY)
    this.AT_LEAST_ONE_SEP({
      SEP: token.Comma,
      DEF: () => {
        const expression = this.SUBRULE(this.expression)
        const descending = this.OPTION(() => this.SUBRULE(this.sortDirection)) ?? false
        items.push({ expression, descending })
      },
    })
    return items
  })

  readonly sortDirection: ParserMethod<[], boolean> = this.RULE('sortDirection', () =>
    this.OR([
      { ALT: () => this.CONSUME(keywords.ASC) && false },
      { ALT: () => this.CONSUME(keywords.ASCENDING) && false },
      { ALT: () => this.CONSUME(keywords.DESC) !== undefined },
      { ALT: () => this.CONSUME(keywords.DESCENDING) !== undefined },
    ]),
  )
}
