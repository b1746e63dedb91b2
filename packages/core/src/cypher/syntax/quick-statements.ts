/**
 * Reads the plain statements that an import consists of (`CREATE … TABLE`, `COPY … FROM`) without the
 * grammar, which takes longer to make than a small import to run.
 *
 * - The grammar is the definition. Whatever is not plain (quoted names, comments, options, escapes, a
 *   mistake) is given up, and the grammar has the word; so nothing is accepted here that it would refuse, and
 *   every error is its own. A test compares both.
 */
import type { ColumnDefinition, Name, Statement } from './ast.js'

/** Words, strings without escapes, and punctuation, behind blanks. */
const tokenPattern = /[ \t\n]*(?:([A-Za-z_]\w*|'[^'\\\n]*'|"[^"\\\n]*"|[(),;[\]])|$)/y

const namePattern = /^[A-Za-z_]/

/** No name, though it looks like one. */
const multiplicityPattern = /^(?:MANY|ONE)_(?:MANY|ONE)$/i

/** Thrown at whatever is not plain. */
const notPlain = Symbol('not plain')

/** The statement, or null when the grammar is needed to read it. */
export function quickStatement(text: string): Statement | null {
  const tokens = tokensOf(text)
  if (tokens === null) return null
  try {
    return new QuickReader(text, tokens).statement()
  } catch (reason) {
    if (reason === notPlain) return null
    throw reason
  }
}

function tokensOf(text: string): Name[] | null {
  const tokens: Name[] = []
  let line = 1
  let lineStart = 0
  tokenPattern.lastIndex = 0
  for (let from = 0; from < text.length; from = tokenPattern.lastIndex) {
    const image = tokenPattern.exec(text)
    if (image === null) return null
    if (image[1] === undefined) break
    const offset = tokenPattern.lastIndex - image[1].length
    for (let at = from; at < offset; at++) {
      if (text[at] !== '\n') continue
      line++
      lineStart = at + 1
    }
    const place = { offset, length: image[1].length, line, column: offset - lineStart + 1 }
    tokens.push({ text: image[1], place })
  }
  return tokens
}

class QuickReader {
  readonly #text: string
  readonly #tokens: readonly Name[]
  #at = 0

  constructor(text: string, tokens: readonly Name[]) {
    this.#text = text
    this.#tokens = tokens
  }

  statement(): Statement {
    const statement = this.#takes('COPY') ? this.#copy() : this.#create()
    while (this.#takes(';'));
    if (this.#at < this.#tokens.length) throw notPlain
    return statement
  }

  /** Whether the next tokens are these; keywords in upper case. */
  #isNext(...images: string[]): boolean {
    return images.every((image, index) => this.#tokens[this.#at + index]?.text.toUpperCase() === image)
  }

  #takes(...images: string[]): boolean {
    if (!this.#isNext(...images)) return false
    this.#at += images.length
    return true
  }

  #must(...images: string[]): void {
    if (!this.#takes(...images)) throw notPlain
  }

  #name(): Name {
    const token = this.#tokens[this.#at++]
    if (token === undefined || !namePattern.test(token.text)) throw notPlain
    if (multiplicityPattern.test(token.text)) throw notPlain
    return token
  }

  #names(): Name[] {
    const names: Name[] = []
    this.#must('(')
    do names.push(this.#name())
    while (this.#takes(','))
    this.#must(')')
    return names
  }

  #string(): string {
    const image = this.#tokens[this.#at++]?.text ?? ''
    if (!/^['"]/.test(image)) throw notPlain
    return image.slice(1, -1)
  }

  #copy(): Statement {
    const table = this.#name()
    const columns = this.#isNext('(') ? this.#names() : null
    this.#must('FROM')
    const sources: string[] = []
    if (this.#takes('[')) {
      do sources.push(this.#string())
      while (this.#takes(','))
      this.#must(']')
    } else {
      sources.push(this.#string())
    }
    return { kind: 'copy', text: this.#text, table, columns, sources, query: null, options: [] }
  }

  #create(): Statement {
    this.#must('CREATE')
    const isNode = this.#takes('NODE', 'TABLE')
    if (!isNode) this.#must('REL', 'TABLE')
    const ifNotExists = this.#takes('IF', 'NOT', 'EXISTS')
    const table = this.#name()
    this.#must('(')
    return isNode ? this.#nodeTable(table, ifNotExists) : this.#relTable(table, ifNotExists)
  }

  #nodeTable(table: Name, ifNotExists: boolean): Statement {
    const columns: ColumnDefinition[] = []
    const primaryKeys: Name[] = []
    do {
      if (this.#isNext('PRIMARY', 'KEY', '(')) {
        this.#must('PRIMARY', 'KEY')
        primaryKeys.push(...this.#names())
      } else columns.push(this.#column())
    } while (this.#takes(','))
    this.#must(')')
    return { kind: 'createNodeTable', text: this.#text, ifNotExists, table, columns, primaryKeys }
  }

  #relTable(table: Name, ifNotExists: boolean): Statement {
    this.#must('FROM')
    const from = this.#name()
    this.#must('TO')
    const to = this.#name()
    const columns: ColumnDefinition[] = []
    while (this.#takes(',')) columns.push(this.#column())
    this.#must(')')
    const multiplicity = null
    return { kind: 'createRelTable', text: this.#text, ifNotExists, table, from, to, columns, multiplicity }
  }

  #column(): ColumnDefinition {
    const name = this.#name()
    const type = this.#name()
    return { name, type, primaryKey: this.#takes('PRIMARY', 'KEY') }
  }
}
