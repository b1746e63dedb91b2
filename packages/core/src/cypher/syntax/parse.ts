/**
 * From text to statement. The parser is made once, when a statement first needs it, and keeps no state
 * between statements.
 */

import { MillraceError } from '../../errors/index.js'
import { statementBytesMax, statementTokensMax } from '../../limits.js'
import type { Statement } from './ast.js'
import type { ILexingError, IRecognitionException, IToken } from './chevrotain.js'
import { placeOf } from './expression-grammar.js'
import { readMessage } from './messages.js'
import { endOfText, excerptAt, type Place, startOfText } from './place.js'
import { quickStatement } from './quick-statements.js'
import { StatementGrammar } from './statement-grammar.js'
import { Semicolon, statementLexer } from './tokens.js'
import { unsupportedClause } from './unsupported.js'

let parser: StatementGrammar | undefined

/**
 * Parses one statement; semicolons may follow it.
 * @throws MillraceError `MILLRACE_SYNTAX` with line, column, what was found and expected, and an excerpt;
 *   `MILLRACE_UNSUPPORTED` for a clause of Cypher that is not there; `MILLRACE_ARGUMENT` for an overlong text
 */
export function parse(text: string): Statement {
  checkSize(text, 'a shorter one, with its values in a parameter (UNWIND $rows AS row …)')
  const quick = quickStatement(text)
  if (quick !== null) return quick
  const { tokens, errors } = statementLexer().tokenize(text)
  const lexingError = errors[0]
  checkNesting(text, tokens)
  parser ??= new StatementGrammar()
  parser.input = tokens
  const statement = parser.parseStatement(text)
  const parseError = parser.errors[0]
  // An unknown character hides behind the parser's error only when that one comes first.
  if (lexingError !== undefined && !(parseError && parseError.token.startOffset < lexingError.offset)) {
    throw unknownCharacters(text, lexingError)
  }
  if (parseError !== undefined) throw mismatch(text, tokens, parseError)
  return statement
}

/**
 * Cuts a text at the semicolons that end statements (not those in strings, names and comments) and leaves out
 * what holds no statement. A text that cannot be read to its end stays whole from there, for `parse` to say
 * what is wrong.
 * @throws MillraceError `MILLRACE_ARGUMENT` for a text that is longer than one statement may be
 */
export function splitStatements(text: string): string[] {
  checkSize(text, 'fewer statements at a time')
  const { tokens, errors } = statementLexer().tokenize(text)
  const readable = errors[0]?.offset ?? text.length
  const statements: string[] = []
  let from = 0
  let tokensSince = 0
  for (const at of tokens) {
    if (at.startOffset >= readable) break
    if (at.tokenType !== Semicolon) {
      tokensSince++
      continue
    }
    if (tokensSince > 0) statements.push(text.slice(from, at.startOffset).trim())
    from = at.startOffset + 1
    tokensSince = 0
  }
  if (tokensSince > 0 || readable < text.length) statements.push(text.slice(from).trim())
  return statements
}

/**
 * A text is bounded, so that it does not make the lexer work for ever.
 * @param expected instead of one with too many tokens
 */
function checkSize(text: string, expected: string): void {
  if (text.length > statementBytesMax) {
    throw new MillraceError('MILLRACE_ARGUMENT', {
      what: 'statement',
      value: `a text of ${text.length} characters`,
      expected: `at most ${statementBytesMax} characters`,
    })
  }
  checkTokens(text, expected)
}

/** Finds the tokens of a text about as the lexer does, and many times faster. */
const tokenPattern =
  /\s+|\/\/[^\n]*|\/\*.*?\*\/|('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|[\w\u00AA-\uFFFD]+(?:\.\d+)?|.)/gs

/** What takes the lexer a second is refused before it begins. */
function checkTokens(text: string, expected: string): void {
  if (text.length <= statementTokensMax) return
  let tokens = 0
  for (const [, token] of text.matchAll(tokenPattern)) {
    if (token !== undefined && ++tokens > statementTokensMax) {
      throw new MillraceError('MILLRACE_ARGUMENT', {
        what: 'statement',
        value: `one of more than ${statementTokensMax} words and signs`,
        expected,
      })
    }
  }
}

const nestingMax = 100

/** Brackets and signs are bounded in depth, so that no text exhausts the stack. */
function checkNesting(text: string, tokens: readonly IToken[]): void {
  let depth = 0
  let signs = 0
  for (const at of tokens) {
    const { name } = at.tokenType
    signs = name === 'Minus' || name === 'Plus' ? signs + 1 : 0
    if (name.startsWith('Left') || name === 'CASE') depth++
    else if (name.startsWith('Right') || name === 'END') depth--
    if (depth > nestingMax || signs > nestingMax) {
      throw syntaxError(text, placeOf(at), at.image, `an expression nested at most ${nestingMax} deep`)
    }
  }
}

function syntaxError(text: string, place: Place, found: string, expected: string): MillraceError {
  return new MillraceError('MILLRACE_SYNTAX', {
    line: place.line,
    column: place.column,
    found,
    expected,
    excerpt: excerptAt(text, place),
  })
}

/** Characters that begin no token: mostly an unclosed quote or comment. */
function unknownCharacters(text: string, error: ILexingError): MillraceError {
  const place: Place = {
    offset: error.offset,
    length: 1,
    line: error.line ?? startOfText.line,
    column: error.column ?? startOfText.column,
  }
  const character = String.fromCodePoint(text.codePointAt(error.offset) ?? 32)
  if (character === "'" || character === '"') {
    return syntaxError(text, place, 'an unclosed string', `a closing ${character}`)
  }
  if (text.startsWith('``', error.offset)) {
    return syntaxError(text, place, 'an empty name', 'at least one character between the backticks')
  }
  if (character === '`') return syntaxError(text, place, 'an unclosed name', 'a closing `')
  if (text.startsWith('/*', error.offset)) {
    return syntaxError(text, place, 'an unclosed comment', 'a closing */')
  }
  return syntaxError(text, place, `the character ${JSON.stringify(character)}`, 'a word, number or symbol')
}

const foundCharactersMax = 40

/** The error for a statement whose words are known but do not go together. */
function mismatch(text: string, tokens: readonly IToken[], error: IRecognitionException): MillraceError {
  const { depth, expected } = readMessage(error.message)
  const reported = tokens.indexOf(error.token)
  const index = reported < 0 ? tokens.length : reported + depth
  const wrong = tokens[index]
  if (wrong === undefined) return syntaxError(text, endOfText(text), 'the end of the statement', expected)
  const { image } = wrong
  const found = image.length > foundCharactersMax ? `${image.slice(0, foundCharactersMax)}…` : image
  return unsupportedClause(wrong, expected, tokens[0]) ?? syntaxError(text, placeOf(wrong), found, expected)
}
