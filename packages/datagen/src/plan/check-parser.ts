/**
 * What a CHECK constraint asks of single columns, as far as it can be told from its text: comparisons with
 * literals and with other columns, BETWEEN, IN, LIKE, regular expressions, lengths, joined by AND and OR.
 *
 * Of alternatives (OR) one is enough, so the first that is understood is taken, `IS NULL` last.
 */
export type Fact =
  | {
      readonly column: string
      readonly kind: 'compare'
      readonly operator: Comparison
      readonly value: Literal
    }
  | { readonly column: string; readonly kind: 'order'; readonly operator: Comparison; readonly other: string }
  | { readonly column: string; readonly kind: 'in'; readonly values: readonly Literal[] }
  | {
      readonly column: string
      readonly kind: 'length'
      readonly operator: Comparison
      readonly value: number
    }
  | {
      readonly column: string
      readonly kind: 'pattern'
      /** What texts are made of that match. */
      readonly pattern: string
      /** The regular expression of those that do. */
      readonly matching: string
      readonly isCaseless: boolean
    }
  | { readonly column: string; readonly kind: 'null'; readonly isNull: boolean }

export type Comparison = '<' | '<=' | '>' | '>=' | '=' | '<>'
export type Literal = string | number | boolean

type Token =
  | { readonly kind: 'name' | 'string' | 'number' | 'operator'; readonly text: string }
  | { readonly kind: 'end'; readonly text: '' }

const tokenPattern =
  /\s+|("(?:[^"]|"")+")|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|[eE]?('(?:[^']|'')*')|(\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+)|(<=|>=|<>|!=|::|!~\*|!~|~\*|[-+*/%=<>~(),[\]])/y

function tokenise(text: string): Token[] | undefined {
  const tokens: Token[] = []
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < text.length) {
    const match = tokenPattern.exec(text)
    if (match === null) return undefined
    const [, quoted, name, string, number, operator] = match
    if (quoted !== undefined) tokens.push({ kind: 'name', text: quoted.slice(1, -1).replaceAll('""', '"') })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name })
    else if (string !== undefined)
      tokens.push({ kind: 'string', text: string.slice(1, -1).replaceAll("''", "'") })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (operator !== undefined)
      tokens.push({ kind: 'operator', text: operator === '!=' ? '<>' : operator })
  }
  return [...tokens, { kind: 'end', text: '' }]
}

type Operand =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: Literal }
  | { readonly kind: 'length'; readonly name: string }

const mirrored: Readonly<Record<Comparison, Comparison>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '=': '=',
  '<>': '<>',
}

/** Thrown inside, for an expression that is beyond this parser. */
class Beyond extends Error {}

class Parser {
  readonly #tokens: readonly Token[]
  readonly #columns: ReadonlyMap<string, string>
  #at = 0

  constructor(tokens: readonly Token[], columns: readonly string[]) {
    this.#tokens = tokens
    // Names without quotes mean their lower-case form, too.
    this.#columns = new Map([
      ...columns.map((name) => [name.toLowerCase(), name] as const),
      ...columns.map((name) => [name, name] as const),
    ])
  }

  parse(): Fact[] {
    const facts = this.#or()
    if (this.#peek().kind !== 'end') throw new Beyond()
    return facts
  }

  #peek(): Token {
    return this.#tokens[this.#at] as Token
  }

  #take(...words: string[]): boolean {
    const { kind, text } = this.#peek()
    const found =
      kind === 'operator' ? words.includes(text) : kind === 'name' && words.includes(text.toUpperCase())
    if (found) this.#at++
    return found
  }

  #need(...words: string[]): void {
    if (!this.#take(...words)) throw new Beyond()
  }

  #or(): Fact[] {
    const alternatives = [this.#and()]
    while (this.#take('OR')) alternatives.push(this.#and())
    const isNull = (facts: readonly Fact[]) => facts.some((fact) => fact.kind === 'null' && fact.isNull)
    return alternatives.find((facts) => !isNull(facts)) ?? (alternatives[0] as Fact[])
  }

  #and(): Fact[] {
    const facts = this.#predicate()
    while (this.#take('AND')) facts.push(...this.#predicate())
    return facts
  }

  #predicate(): Fact[] {
    if (this.#take('NOT')) return [opposite(this.#predicate())]
    const start = this.#at
    if (this.#take('(')) {
      // What is in parentheses may be a condition, or only an operand.
      try {
        const facts = this.#or()
        this.#need(')')
        const next = this.#peek()
        if (next.kind === 'end' || /^(?:\)|AND|OR)$/i.test(next.text)) return facts
      } catch (error) {
        if (!(error instanceof Beyond)) throw error
      }
      this.#at = start
    }
    return this.#comparison()
  }

  #comparison(): Fact[] {
    const left = this.#operand()
    const negated = this.#take('NOT')
    if (this.#take('BETWEEN')) {
      const low = this.#operand()
      this.#need('AND')
      const high = this.#operand()
      if (negated) throw new Beyond()
      return [...factsOf(left, '>=', low), ...factsOf(left, '<=', high)]
    }
    if (this.#take('IN')) return [this.#list(left, negated)]
    const isCaseless = this.#peek().text.toUpperCase() === 'ILIKE'
    if (this.#take('LIKE', 'ILIKE')) return [likeFact(left, this.#operand(), { negated, isCaseless })]
    if (this.#take('IS')) {
      const not = this.#take('NOT')
      this.#need('NULL')
      if (left.kind !== 'column') throw new Beyond()
      return [{ column: left.name, kind: 'null', isNull: !not }]
    }
    if (negated) throw new Beyond()
    const operator = this.#peek().text
    if (this.#take('~', '~*')) {
      const right = this.#operand()
      if (left.kind !== 'column' || right.kind !== 'literal' || typeof right.value !== 'string')
        throw new Beyond()
      const pattern = toJavaScript(right.value)
      const caseless = operator === '~*' || right.value.startsWith('(?i)')
      return [{ column: left.name, kind: 'pattern', pattern, matching: pattern, isCaseless: caseless }]
    }
    const { text } = this.#peek()
    if (!Object.hasOwn(mirrored, text)) return booleanFact(left)
    this.#at++
    if (text === '=' && this.#take('ANY')) {
      this.#need('(')
      this.#take('ARRAY')
      const fact = this.#list(left, false, '[', ']')
      this.#cast()
      this.#need(')')
      return [fact]
    }
    return factsOf(left, text as Comparison, this.#operand())
  }

  #list(left: Operand, negated: boolean, open = '(', close = ')'): Fact {
    this.#need(open)
    const values: Literal[] = []
    do {
      const value = this.#operand()
      if (value.kind !== 'literal') throw new Beyond()
      values.push(value.value)
    } while (this.#take(','))
    this.#need(close)
    if (left.kind !== 'column' || negated) throw new Beyond()
    return { column: left.name, kind: 'in', values }
  }

  /** `::text`, which changes nothing here. */
  #cast(): void {
    while (this.#take('::')) {
      this.#at++
      while (
        this.#peek().kind === 'name' &&
        /^(?:varying|precision|without|with|time|zone)$/i.test(this.#peek().text)
      )
        this.#at++
      if (this.#take('(')) {
        while (!this.#take(')')) if (this.#next().kind === 'end') throw new Beyond()
      }
      if (this.#take('[')) this.#need(']')
    }
  }

  #next(): Token {
    const token = this.#peek()
    this.#at++
    return token
  }

  #operand(): Operand {
    const operand = this.#simple()
    this.#cast()
    if (/^[-+*/%]$/.test(this.#peek().text) && this.#peek().kind === 'operator') throw new Beyond()
    return operand
  }

  #simple(): Operand {
    if (this.#take('(')) {
      const inner = this.#operand()
      this.#need(')')
      return inner
    }
    const negative = this.#take('-')
    const { kind, text } = this.#next()
    if (kind === 'number') return { kind: 'literal', value: negative ? -Number(text) : Number(text) }
    if (negative) throw new Beyond()
    if (kind === 'string') return { kind: 'literal', value: text }
    if (kind !== 'name') throw new Beyond()
    const upper = text.toUpperCase()
    if (upper === 'TRUE' || upper === 'FALSE') return { kind: 'literal', value: upper === 'TRUE' }
    if (/^CURRENT_(?:DATE|TIMESTAMP)$/.test(upper)) return { kind: 'literal', value: 'now' }
    if (this.#take('(')) return this.#call(upper)
    if (/^(?:DATE|TIMESTAMP|TIMESTAMPTZ)$/.test(upper) && this.#peek().kind === 'string') {
      return { kind: 'literal', value: this.#next().text }
    }
    const name = this.#columns.get(text) ?? this.#columns.get(text.toLowerCase())
    if (name === undefined) throw new Beyond()
    return { kind: 'column', name }
  }

  #call(name: string): Operand {
    if (name === 'NOW') {
      this.#need(')')
      return { kind: 'literal', value: 'now' }
    }
    const inner = this.#operand()
    this.#need(')')
    if (inner.kind !== 'column') throw new Beyond()
    if (/^(?:LENGTH|CHAR_LENGTH|CHARACTER_LENGTH)$/.test(name)) return { kind: 'length', name: inner.name }
    if (/^(?:TRIM|BTRIM)$/.test(name)) return inner
    throw new Beyond()
  }
}

const opposites: Readonly<Record<Comparison, Comparison>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '=': '<>',
  '<>': '=',
}

/** What holds where a single comparison does not. */
function opposite([fact, ...more]: readonly Fact[]): Fact {
  if (fact === undefined || more.length > 0) throw new Beyond()
  if (fact.kind === 'null') return { ...fact, isNull: !fact.isNull }
  if (fact.kind === 'in' || fact.kind === 'pattern') throw new Beyond()
  return { ...fact, operator: opposites[fact.operator] }
}

function factsOf(left: Operand, operator: Comparison, right: Operand): Fact[] {
  if (left.kind === 'literal') {
    if (right.kind === 'literal') return []
    return factsOf(right, mirrored[operator], left)
  }
  if (left.kind === 'length') {
    if (right.kind !== 'literal' || typeof right.value !== 'number') throw new Beyond()
    return [{ column: left.name, kind: 'length', operator, value: right.value }]
  }
  if (right.kind === 'literal') return [{ column: left.name, kind: 'compare', operator, value: right.value }]
  if (right.kind === 'column') return [{ column: left.name, kind: 'order', operator, other: right.name }]
  throw new Beyond()
}

function booleanFact(operand: Operand): Fact[] {
  if (operand.kind !== 'column') throw new Beyond()
  return [{ column: operand.name, kind: 'compare', operator: '=', value: true }]
}

const characterClasses: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  lower: 'a-z',
  upper: 'A-Z',
  xdigit: '0-9a-fA-F',
  space: '\\s',
}

/** PostgreSQL's `[[:digit:]]` in other words; its `\\y`, `\\m` and `(?i)` have no counterpart. */
function toJavaScript(pattern: string): string {
  return pattern
    .replace(/^\(\?[a-z]+\)/, '')
    .replace(/\\[mMyY]/g, '')
    .replace(/\[:(\w+):\]/g, (whole, name: string) => characterClasses[name] ?? whole)
}

function likeFact(
  left: Operand,
  right: Operand,
  { negated, isCaseless }: { readonly negated: boolean; readonly isCaseless: boolean },
): Fact {
  if (left.kind !== 'column' || right.kind !== 'literal' || typeof right.value !== 'string' || negated)
    throw new Beyond()
  const letters = [...right.value]
  const written = (many: string, one: string) =>
    letters
      .map((letter) =>
        letter === '%' ? many : letter === '_' ? one : letter.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&'),
      )
      .join('')
  const matching = `^${written('[^]*', '[^]')}$`
  return { column: left.name, kind: 'pattern', pattern: written('[a-z]{3,8}', '[a-z]'), matching, isCaseless }
}

/**
 * What `expression` asks of the table's columns.
 * @returns undefined when the expression says more than can be told
 */
export function factsOfCheck(expression: string, columns: readonly string[]): Fact[] | undefined {
  const tokens = tokenise(expression)
  if (tokens === undefined) return undefined
  try {
    return new Parser(tokens, columns).parse()
  } catch (error) {
    if (error instanceof Beyond) return undefined
    throw error
  }
}
