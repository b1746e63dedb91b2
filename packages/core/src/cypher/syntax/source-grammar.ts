/**
 * The grammar of what comes from outside: files and options as COPY and LOAD FROM name them, LOAD FROM, and
 * CALL of a function that gives rows.
 */

import type { CallClause, ColumnDefinition, LoadClause, Name, Option, OptionValue } from './ast.js'
import type { ParserMethod } from './chevrotain.js'
import { placeOf } from './expression-grammar.js'
import { integerValue, nameValue, stringValue } from './literals.js'
import { QueryGrammar } from './query-grammar.js'
import * as token from './tokens.js'

const { keywords } = token

export class SourceGrammar extends QueryGrammar {
  /** One file or pattern, or a list of them. */
  readonly sourceList: ParserMethod<[], string[]> = this.RULE('sourceList', () =>
    this.OR<string[]>([
      { ALT: () => [stringValue(this.CONSUME(token.StringLiteral).image)] },
      { ALT: () => this.SUBRULE(this.stringList) },
    ]),
  )

  /** `(OPTION = value, …)`. */
  readonly optionList: ParserMethod<[], Option[]> = this.RULE('optionList', () => {
    const options: Option[] = []
    this.CONSUME(token.LeftParenthesis)
    this.MANY_SEP({ SEP: token.Comma, DEF: () => options.push(this.SUBRULE(this.namedOption)) })
    this.CONSUME(token.RightParenthesis)
    return options
  })

  readonly stringList: ParserMethod<[], string[]> = this.RULE('stringList', () => {
    const values: string[] = []
    this.CONSUME(token.LeftBracket)
    this.MANY_SEP({
      SEP: token.Comma,
      DEF: () => values.push(stringValue(this.CONSUME(token.StringLiteral).image)),
    })
    this.CONSUME(token.RightBracket)
    return values
  })

  /**
   * `HEADER`, `HEADER true`, `HEADER = true`, `DELIM = '|'`, `NULL_STRINGS = ['NA', '']`, `ON_FAILURE =
   * keep`.
   */
  readonly namedOption: ParserMethod<[], Option> = this.RULE('namedOption', () => {
    const name = this.SUBRULE(this.anyName)
    this.OPTION(() => this.CONSUME(token.Equal))
    const value = this.OPTION2(() => this.SUBRULE(this.optionValue))
    return { name, value: value ?? true }
  })

  readonly constant: ParserMethod<[], OptionValue> = this.RULE('constant', () =>
    this.OR<OptionValue>([
      { ALT: () => stringValue(this.CONSUME(token.StringLiteral).image) },
      {
        ALT: () => {
          const minus = this.OPTION(() => this.CONSUME(token.Minus))
          const value = this.OR2<number>([
            {
              ALT: () => {
                const at = this.CONSUME(token.IntegerLiteral)
                return this.ACTION(() => Number(integerValue(at.image)))
              },
            },
            { ALT: () => Number(this.CONSUME(token.FloatLiteral).image) },
          ])
          return minus === undefined ? value : -value
        },
      },
      { ALT: () => this.CONSUME(keywords.TRUE) !== undefined },
      { ALT: () => this.CONSUME(keywords.FALSE) === undefined },
      { ALT: () => this.SUBRULE(this.stringList) },
    ]),
  )

  readonly optionValue: ParserMethod<[], OptionValue> = this.RULE('optionValue', () =>
    this.OR<OptionValue>([
      { ALT: () => this.SUBRULE(this.constant) },
      { ALT: () => nameValue(this.CONSUME(token.VariableName).image) },
    ]),
  )

  readonly loadClause: ParserMethod<[], LoadClause> = this.RULE('loadClause', (): LoadClause => {
    const place = placeOf(this.CONSUME(keywords.LOAD))
    const headers = this.OPTION(() => this.SUBRULE(this.headers)) ?? null
    this.CONSUME(keywords.FROM)
    const sources = this.SUBRULE(this.sourceList)
    const options = this.OPTION2(() => this.SUBRULE(this.optionList)) ?? []
    const where = this.OPTION3(() => this.SUBRULE(this.where)) ?? null
    return { kind: 'load', sources, headers, options, where, place }
  })

  /** `WITH HEADERS (name TYPE, …)`. */
  readonly headers: ParserMethod<[], ColumnDefinition[]> = this.RULE('headers', () => {
    const columns: ColumnDefinition[] = []
    this.CONSUME(keywords.WITH)
    this.CONSUME(keywords.HEADERS)
    this.CONSUME(token.LeftParenthesis)
    this.AT_LEAST_ONE_SEP({
      SEP: token.Comma,
      DEF: () => {
        const name = this.SUBRULE(this.anyName)
        const type = this.SUBRULE(this.typeName)
        columns.push({ name, type, primaryKey: false })
      },
    })
    this.CONSUME(token.RightParenthesis)
    return columns
  })

  readonly callClause: ParserMethod<[], CallClause> = this.RULE('callClause', (): CallClause => {
    const args: OptionValue[] = []
    const options: Option[] = []
    const place = placeOf(this.CONSUME(keywords.CALL))
    const name = this.SUBRULE(this.anyName)
    this.CONSUME(token.LeftParenthesis)
    this.MANY_SEP({
      SEP: token.Comma,
      DEF: () => {
        this.OR([
          { ALT: () => options.push(this.SUBRULE(this.namedArgument)) },
          { ALT: () => args.push(this.SUBRULE(this.constant)) },
        ])
      },
    })
    this.CONSUME(token.RightParenthesis)
    const yields = this.OPTION(() => this.SUBRULE(this.yields)) ?? null
    const where = this.OPTION2(() => this.SUBRULE(this.where)) ?? null
    return { kind: 'callTable', name, args, options, yields, where, place }
  })

  /** `name = value`, or `name := value`. */
  readonly namedArgument: ParserMethod<[], Option> = this.RULE('namedArgument', () => {
    const name = this.SUBRULE(this.anyName)
    this.OPTION(() => this.CONSUME(token.Colon))
    this.CONSUME(token.Equal)
    return { name, value: this.SUBRULE(this.optionValue) }
  })

  readonly yields: ParserMethod<[], { column: Name; alias: Name | null }[]> = this.RULE('yields', () => {
    const yields: { column: Name; alias: Name | null }[] = []
    this.CONSUME(keywords.YIELD)
    this.AT_LEAST_ONE_SEP({
      SEP: token.Comma,
      DEF: () => {
        const column = this.SUBRULE(this.anyName)
        const alias = this.OPTION(() => {
          this.CONSUME(keywords.AS)
          return this.SUBRULE(this.patternVariable)
        })
        yields.push({ column, alias: alias ?? null })
      },
    })
    return yields
  })
}
