/**
 * The grammar of queries as a whole: clauses that read, clauses that write (CREATE, MERGE, SET, REMOVE,
 * DELETE), WITH and RETURN.
 */

import type {
  Assignment,
  Expression,
  Name,
  PathPattern,
  Projection,
  QueryPart,
  ReadingClause,
  UpdatingClause,
} from './ast.js'
import type { ParserMethod } from './chevrotain.js'
import { placeOf } from './expression-grammar.js'
import { startOfText } from './place.js'
import { SourceGrammar } from './source-grammar.js'
import * as token from './tokens.js'

const { keywords } = token

/** The parts of a query as far as they are read. */
class PartList {
  readonly parts: QueryPart[] = []
  /** Behind RETURN. */
  finished = false
  #readings: ReadingClause[] = []
  #updates: UpdatingClause[] = []

  /** A clause that writes ends a query as well as RETURN does. */
  get mayEnd(): boolean {
    return this.finished || this.#updates.length > 0
  }

  /** A CALL that is the whole query returns all that it gives. */
  get isCallAlone(): boolean {
    const [only, second] = this.#readings
    return this.parts.length === 0 && !this.mayEnd && only?.kind === 'callTable' && second === undefined
  }

  returnAll(): void {
    const none = { items: [], orderBy: [], skip: null, limit: null }
    this.end({ distinct: false, star: true, ...none, place: startOfText }, null)
    this.finished = true
  }

  /** What reads behind what writes begins another part. */
  read(clause: ReadingClause): void {
    if (this.#updates.length > 0) this.end(null, null)
    this.#readings.push(clause)
  }

  update(clause: UpdatingClause): void {
    this.#updates.push(clause)
  }

  end(projection: Projection | null, where: Expression | null): void {
    this.parts.push({ readings: this.#readings, updates: this.#updates, projection, where })
    this.#readings = []
    this.#updates = []
  }
}

export class UpdateGrammar extends SourceGrammar {
  readonly query: ParserMethod<[], QueryPart[]> = this.RULE('query', () => {
    const list = new PartList()
    this.AT_LEAST_ONE({ GATE: () => !list.finished, DEF: () => this.clause(list) })
    // Not a part of the grammar: it only says what is missing.
    this.ACTION(() => {
      if (list.isCallAlone) list.returnAll()
      else if (!list.mayEnd) this.CONSUME2(keywords.RETURN)
    })
    if (!list.finished) list.end(null, null)
    return list.parts
  })

  private clause(list: PartList): void {
    this.OR([
      { ALT: () => list.read(this.SUBRULE(this.matchClause)) },
      { ALT: () => list.read(this.SUBRULE(this.unwindClause)) },
      { ALT: () => list.read(this.SUBRULE(this.loadClause)) },
      { ALT: () => list.read(this.SUBRULE(this.callClause)) },
      { ALT: () => list.update(this.SUBRULE(this.updatingClause)) },
      {
        ALT: () => {
          this.CONSUME(keywords.WITH)
          const projection = this.SUBRULE(this.projection)
          list.end(projection, this.OPTION(() => this.SUBRULE(this.where)) ?? null)
        },
      },
      {
        ALT: () => {
          this.CONSUME(keywords.RETURN)
          list.end(this.SUBRULE2(this.projection), null)
          list.finished = true
        },
      },
    ])
  }

  readonly updatingClause: ParserMethod<[], UpdatingClause> = this.RULE('updatingClause', () =>
    this.OR<UpdatingClause>([
      { ALT: () => this.SUBRULE(this.createClause) },
      { ALT: () => this.SUBRULE(this.mergeClause) },
      {
        ALT: () => {
          const place = placeOf(this.LA(1))
          return { kind: 'set', assignments: this.SUBRULE(this.setClause), place }
        },
      },
      { ALT: () => this.SUBRULE(this.removeClause) },
      { ALT: () => this.SUBRULE(this.deleteClause) },
    ]),
  )

  readonly createClause: ParserMethod<[], UpdatingClause> = this.RULE('createClause', (): UpdatingClause => {
    const paths: PathPattern[] = []
    const place = placeOf(this.CONSUME(keywords.CREATE))
    this.AT_LEAST_ONE_SEP({ SEP: token.Comma, DEF: () => paths.push(this.SUBRULE(this.path)) })
    return { kind: 'create', paths, place }
  })

  readonly mergeClause: ParserMethod<[], UpdatingClause> = this.RULE('mergeClause', (): UpdatingClause => {
    const onCreate: Assignment[] = []
    const onMatch: Assignment[] = []
    const place = placeOf(this.CONSUME(keywords.MERGE))
    const path = this.SUBRULE(this.path)
    this.MANY(() => {
      this.CONSUME(keywords.ON)
      const list = this.OR<Assignment[]>([
        { ALT: () => this.CONSUME(keywords.CREATE) && onCreate },
        { ALT: () => this.CONSUME(keywords.MATCH) && onMatch },
      ])
      const assignments = this.SUBRULE(this.setClause)
      this.ACTION(() => list.push(...assignments))
    })
    return { kind: 'merge', path, onCreate, onMatch, place }
  })

  readonly setClause: ParserMethod<[], Assignment[]> = this.RULE('setClause', () => {
    const assignments: Assignment[] = []
    this.CONSUME(keywords.SET)
    this.AT_LEAST_ONE_SEP({
      SEP: token.Comma,
      DEF: () => {
        const made = this.SUBRULE(this.setItem)
        this.ACTION(() => assignments.push(...made))
      },
    })
    return assignments
  })

  /** `a.x = value`, or `a += {x: value, …}`. */
  readonly setItem: ParserMethod<[], Assignment[]> = this.RULE('setItem', () => {
    const variable = this.SUBRULE(this.patternVariable)
    return this.OR<Assignment[]>([
      {
        ALT: () => {
          this.CONSUME(token.Dot)
          const property = this.SUBRULE(this.anyName)
          this.CONSUME(token.Equal)
          return [{ variable, property, value: this.SUBRULE(this.expression) }]
        },
      },
      {
        ALT: () => {
          this.CONSUME(token.PlusEqual)
          const entries = this.SUBRULE(this.propertyMatches)
          return this.ACTION(() => entries.map(({ name, value }) => ({ variable, property: name, value })))
        },
      },
    ])
  })

  readonly removeClause: ParserMethod<[], UpdatingClause> = this.RULE('removeClause', (): UpdatingClause => {
    const assignments: Assignment[] = []
    const place = placeOf(this.CONSUME(keywords.REMOVE))
    this.AT_LEAST_ONE_SEP({
      SEP: token.Comma,
      DEF: () => {
        const variable = this.SUBRULE(this.patternVariable)
        this.CONSUME(token.Dot)
        const property = this.SUBRULE(this.anyName)
        const at = this.ACTION(() => property.place)
        assignments.push({
          variable,
          property,
          value: { kind: 'literal', type: 'NULL', value: null, place: at },
        })
      },
    })
    return { kind: 'set', assignments, place }
  })

  readonly deleteClause: ParserMethod<[], UpdatingClause> = this.RULE('deleteClause', (): UpdatingClause => {
    const variables: Name[] = []
    const place = placeOf(this.LA(1))
    const detach = this.OPTION(() => this.CONSUME(keywords.DETACH)) !== undefined
    this.CONSUME(keywords.DELETE)
    this.AT_LEAST_ONE_SEP({
      SEP: token.Comma,
      DEF: () => variables.push(this.SUBRULE(this.patternVariable)),
    })
    return { kind: 'delete', detach, variables, place }
  })
}
