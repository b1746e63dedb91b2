/**
 * The grammar of whole statements: what declares, drops and fills tables, CHECKPOINT, transactions, and
 * queries.
 */

import type { ColumnDefinition, CopyStatement, Name, QueryStatement, Statement } from './ast.js'
import type { ParserMethod } from './chevrotain.js'
import { placeOf } from './expression-grammar.js'
import * as token from './tokens.js'
import { UpdateGrammar } from './update-grammar.js'

const { keywords } = token

/** One entry of a `CREATE … TABLE T(…)` list. */
type TableEntry =
  | { readonly kind: 'column'; readonly column: ColumnDefinition }
  | { readonly kind: 'key'; readonly names: readonly Name[] }
  | { readonly kind: 'multiplicity'; readonly name: Name }

export class StatementGrammar extends UpdateGrammar {
  constructor(validate = false) {
    super(validate)
    this.performSelfAnalysis()
  }

  /** Parses the tokens of `text` given as `input`. Errors are left in `errors`. */
  parseStatement(text: string): Statement {
    this.text = text
    return this.statement()
  }

  readonly statement: ParserMethod<[], Statement> = this.RULE('statement', () => {
    const statement = this.OR<Statement>([
      { ALT: () => this.SUBRULE(this.createNodeTable) },
      { ALT: () => this.SUBRULE(this.createRelTable) },
      { ALT: () => this.SUBRULE(this.dropTable) },
      { ALT: () => this.SUBRULE(this.copy) },
      {
        ALT: () => {
          this.CONSUME(keywords.CHECKPOINT)
          return { kind: 'checkpoint', text: this.text }
        },
      },
      { ALT: () => this.SUBRULE(this.begin) },
      {
        ALT: () => {
          this.CONSUME(keywords.COMMIT)
          return { kind: 'commit', text: this.text }
        },
      },
      {
        ALT: () => {
          this.CONSUME(keywords.ROLLBACK)
          return { kind: 'rollback', text: this.text }
        },
      },
      { ALT: () => ({ kind: 'query', text: this.text, parts: this.SUBRULE(this.query) }) },
    ])
    this.MANY(() => this.CONSUME(token.Semicolon))
    return statement
  })

  readonly begin: ParserMethod<[], Statement> = this.RULE('begin', (): Statement => {
    this.CONSUME(keywords.BEGIN)
    this.OPTION(() => this.CONSUME(keywords.TRANSACTION))
    const readOnly = this.OPTION2(() => {
      this.CONSUME(keywords.READ)
      this.CONSUME(keywords.ONLY)
      return true
    })
    return { kind: 'begin', text: this.text, readOnly: readOnly ?? false }
  })

  readonly ifNotExists: ParserMethod<[], boolean> = this.RULE('ifNotExists', () => {
    this.CONSUME(keywords.IF)
    this.CONSUME(keywords.NOT)
    this.CONSUME(keywords.EXISTS)
    return true
  })

  readonly createNodeTable: ParserMethod<[], Statement> = this.RULE('createNodeTable', (): Statement => {
    this.CONSUME(keywords.CREATE)
    this.CONSUME(keywords.NODE)
    this.CONSUME(keywords.TABLE)
    const ifNotExists = this.OPTION(() => this.SUBRULE(this.ifNotExists)) ?? false
    const table = this.SUBRULE(this.anyName)
    const entries: TableEntry[] = []
    this.CONSUME(token.LeftParenthesis)
    this.AT_LEAST_ONE_SEP({
      SEP: token.Comma,
      DEF: () => entries.push(this.SUBRULE(this.nodeTableEntry)),
    })
    this.CONSUME(token.RightParenthesis)
    const columns = entries.flatMap((entry) => (entry?.kind === 'column' ? [entry.column] : []))
    const primaryKeys = entries.flatMap((entry) => (entry?.kind === 'key' ? entry.names : []))
    return { kind: 'createNodeTable', text: this.text, ifNotExists, table, columns, primaryKeys }
  })

  readonly nodeTableEntry: ParserMethod<[], TableEntry> = this.RULE('nodeTableEntry', () =>
    this.OR<TableEntry>({
      // PRIMARY and KEY are also a column's name and type: only the parenthesis tells. Looking ahead so far
      // by hand is a good deal quicker than finding out how.
      MAX_LOOKAHEAD: 1,
      IGNORE_AMBIGUITIES: true,
      DEF: [
        {
          GATE: () => this.isPrimaryKey(),
          ALT: () => ({ kind: 'key', names: this.SUBRULE(this.primaryKey) }),
        },
        { ALT: () => ({ kind: 'column', column: this.SUBRULE(this.columnDefinition) }) },
      ],
    }),
  )

  /** Whether a table's key comes next. */
  private isPrimaryKey(): boolean {
    const ahead = [keywords.PRIMARY, keywords.KEY, token.LeftParenthesis]
    return ahead.every((type, index) => this.LA(index + 1).tokenType === type)
  }

  readonly primaryKey: ParserMethod<[], Name[]> = this.RULE('primaryKey', () => {
    const names: Name[] = []
    this.CONSUME(keywords.PRIMARY)
    this.CONSUME(keywords.KEY)
    this.CONSUME(token.LeftParenthesis)
    this.AT_LEAST_ONE_SEP({ SEP: token.Comma, DEF: () => names.push(this.SUBRULE(this.anyName)) })
    this.CONSUME(token.RightParenthesis)
    return names
  })

  readonly columnDefinition: ParserMethod<[], ColumnDefinition> = this.RULE('columnDefinition', () => {
    const name = this.SUBRULE(this.anyName)
    const type = this.SUBRULE(this.typeName)
    const primaryKey = this.OPTION(() => {
      this.CONSUME(keywords.PRIMARY)
      this.CONSUME(keywords.KEY)
      return true
    })
    return { name, type, primaryKey: primaryKey ?? false }
  })

  readonly createRelTable: ParserMethod<[], Statement> = this.RULE('createRelTable', (): Statement => {
    this.CONSUME(keywords.CREATE)
    this.CONSUME(keywords.REL)
    this.CONSUME(keywords.TABLE)
    const ifNotExists = this.OPTION(() => this.SUBRULE(this.ifNotExists)) ?? false
    const table = this.SUBRULE(this.anyName)
    this.CONSUME(token.LeftParenthesis)
    this.CONSUME(keywords.FROM)
    const from = this.SUBRULE2(this.anyName)
    this.CONSUME(keywords.TO)
    const to = this.SUBRULE3(this.anyName)
    const entries: TableEntry[] = []
    this.MANY(() => {
      this.CONSUME(token.Comma)
      entries.push(this.SUBRULE(this.relTableEntry))
    })
    this.CONSUME(token.RightParenthesis)
    const columns = entries.flatMap((entry) => (entry?.kind === 'column' ? [entry.column] : []))
    const many = entries.flatMap((entry) => (entry?.kind === 'multiplicity' ? [entry.name] : []))
    const multiplicity = many[0] ?? null
    return { kind: 'createRelTable', text: this.text, ifNotExists, table, from, to, columns, multiplicity }
  })

  readonly relTableEntry: ParserMethod<[], TableEntry> = this.RULE('relTableEntry', () =>
    this.OR<TableEntry>([
      {
        ALT: () => {
          const at = this.CONSUME(token.Multiplicity)
          return { kind: 'multiplicity', name: { text: at.image, place: placeOf(at) } }
        },
      },
      { ALT: () => ({ kind: 'column', column: this.SUBRULE(this.columnDefinition) }) },
    ]),
  )

  readonly dropTable: ParserMethod<[], Statement> = this.RULE('dropTable', (): Statement => {
    this.CONSUME(keywords.DROP)
    this.CONSUME(keywords.TABLE)
    const ifExists = this.OPTION(() => {
      this.CONSUME(keywords.IF)
      this.CONSUME(keywords.EXISTS)
      return true
    })
    const table = this.SUBRULE(this.anyName)
    return { kind: 'dropTable', text: this.text, ifExists: ifExists ?? false, table }
  })

  /** A query in parentheses. */
  readonly innerQuery: ParserMethod<[], QueryStatement> = this.RULE('innerQuery', (): QueryStatement => {
    this.CONSUME(token.LeftParenthesis)
    const parts = this.SUBRULE(this.query)
    this.CONSUME(token.RightParenthesis)
    return { kind: 'query', text: this.text, parts }
  })

  readonly copy: ParserMethod<[], Statement> = this.RULE('copy', (): Statement => {
    this.CONSUME(keywords.COPY)
    const table = this.SUBRULE(this.anyName)
    const columns = this.OPTION(() => {
      const names: Name[] = []
      this.CONSUME(token.LeftParenthesis)
      this.AT_LEAST_ONE_SEP({ SEP: token.Comma, DEF: () => names.push(this.SUBRULE2(this.anyName)) })
      this.CONSUME(token.RightParenthesis)
      return names
    })
    this.CONSUME(keywords.FROM)
    const from = this.OR<Pick<CopyStatement, 'sources' | 'query'>>([
      { ALT: () => ({ sources: this.SUBRULE(this.sourceList), query: null }) },
      { ALT: () => ({ sources: [], query: this.SUBRULE(this.innerQuery) }) },
    ])
    const options = this.OPTION2(() => this.SUBRULE(this.optionList)) ?? []
    return { kind: 'copy', text: this.text, table, columns: columns ?? null, ...from, options }
  })
}
