/**
 * The tokens of the language and its lexer.
 *
 * - Keywords are case-insensitive, and any of them can be a property, label, column or option name; only the
 *   reserved ones cannot be variables (backticks make a name of anything).
 * - Arrows are single characters put together by the grammar, so that `a.x<-1` is a comparison.
 */
import { createToken, type ITokenConfig, Lexer, type TokenType } from './chevrotain.js'

/**
 * Tokens span no lines unless they say so: to find out by itself, the lexer would take every pattern apart.
 */
function token(config: ITokenConfig): TokenType {
  return createToken({ line_breaks: false, ...config })
}

/** Where a type stands: any name, but called a type in errors. */
export const TypeName = token({ name: 'TypeName', label: 'a type', pattern: Lexer.NA })
/** Whatever may stand where only a name can: an identifier or any keyword. */
export const AnyName = token({
  name: 'AnyName',
  label: 'a name',
  pattern: Lexer.NA,
  categories: [TypeName],
})
/** What may name a variable or a function: an identifier or a keyword that begins or joins no expression. */
export const VariableName = token({
  name: 'VariableName',
  label: 'a name',
  pattern: Lexer.NA,
  categories: [AnyName],
})

export const Identifier = token({
  name: 'Identifier',
  label: 'a name',
  pattern:
    /[A-Za-z_\u00AA-\u1FFF\u2070-\u2FFF\u3001-\uFEFE\uFF00-\uFFFD][\w\u00AA-\u1FFF\u2070-\u2FFF\u3001-\uFEFE\uFF00-\uFFFD]*/,
  categories: [VariableName],
})
export const QuotedIdentifier = token({
  name: 'QuotedIdentifier',
  label: 'a name',
  pattern: /`(?:[^`]|``)+`/,
  line_breaks: true,
  categories: [VariableName],
})

const freeKeywords = [
  'CREATE',
  'NODE',
  'REL',
  'TABLE',
  'IF',
  'EXISTS',
  'PRIMARY',
  'KEY',
  'FROM',
  'TO',
  'DROP',
  'COPY',
  'CHECKPOINT',
  'BY',
  'UNWIND',
  'MERGE',
  'ON',
  'SET',
  'REMOVE',
  'DETACH',
  'DELETE',
  'BEGIN',
  'TRANSACTION',
  'READ',
  'ONLY',
  'COMMIT',
  'ROLLBACK',
  'LOAD',
  'HEADERS',
  'CALL',
  'YIELD',
] as const

const reservedKeywords = [
  'NOT',
  'MATCH',
  'OPTIONAL',
  'WHERE',
  'WITH',
  'RETURN',
  'DISTINCT',
  'AS',
  'ORDER',
  'ASC',
  'ASCENDING',
  'DESC',
  'DESCENDING',
  'SKIP',
  'LIMIT',
  'AND',
  'OR',
  'XOR',
  'IS',
  'NULL',
  'IN',
  'STARTS',
  'ENDS',
  'CONTAINS',
  'CASE',
  'WHEN',
  'THEN',
  'ELSE',
  'END',
  'TRUE',
  'FALSE',
  'CAST',
] as const

export type Keyword = (typeof freeKeywords)[number] | (typeof reservedKeywords)[number]

function keywordToken(word: string, category: TokenType): TokenType {
  return token({
    name: word,
    label: word,
    pattern: new RegExp(word, 'i'),
    longer_alt: Identifier,
    categories: [category],
    start_chars_hint: [word.charAt(0), word.charAt(0).toLowerCase()],
  })
}

/** The token of each keyword. */
export const keywords = Object.fromEntries([
  ...freeKeywords.map((word) => [word, keywordToken(word, VariableName)]),
  ...reservedKeywords.map((word) => [word, keywordToken(word, AnyName)]),
]) as Record<Keyword, TokenType>

/** A token that is always the same characters. */
function symbol(name: string, text: string): TokenType {
  return token({ name, label: `'${text}'`, pattern: text })
}

export const Multiplicity = token({
  name: 'Multiplicity',
  label: 'MANY_MANY',
  pattern: /(?:MANY|ONE)_(?:MANY|ONE)/i,
  longer_alt: Identifier,
})
export const StringLiteral = token({
  name: 'StringLiteral',
  label: 'a string',
  pattern: /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/,
  line_breaks: true,
})
export const FloatLiteral = token({
  name: 'FloatLiteral',
  label: 'a number',
  pattern: /(?:\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+/,
})
export const IntegerLiteral = token({ name: 'IntegerLiteral', label: 'a number', pattern: /\d+/ })
export const ParameterToken = token({
  name: 'Parameter',
  label: 'a $parameter',
  pattern: /\$(?:\w+|`[^`]+`)/,
  line_breaks: true,
})

export const LessOrEqual = symbol('LessOrEqual', '<=')
export const GreaterOrEqual = symbol('GreaterOrEqual', '>=')
export const PlusEqual = symbol('PlusEqual', '+=')
export const NotEqual = token({ name: 'NotEqual', label: "'<>'", pattern: /<>|!=/ })
export const Equal = symbol('Equal', '=')
export const Less = symbol('Less', '<')
export const Greater = symbol('Greater', '>')
export const Plus = symbol('Plus', '+')
export const Minus = symbol('Minus', '-')
export const Star = symbol('Star', '*')
/** A `/*` that no comment begins with is an unclosed comment, not a division. */
export const Slash = token({ name: 'Slash', label: "'/'", pattern: /\/(?!\*)/ })
export const Percent = symbol('Percent', '%')
export const Caret = symbol('Caret', '^')
export const LeftParenthesis = symbol('LeftParenthesis', '(')
export const RightParenthesis = symbol('RightParenthesis', ')')
export const LeftBracket = symbol('LeftBracket', '[')
export const RightBracket = symbol('RightBracket', ']')
export const LeftBrace = symbol('LeftBrace', '{')
export const RightBrace = symbol('RightBrace', '}')
export const Comma = symbol('Comma', ',')
export const Dot = symbol('Dot', '.')
export const Colon = symbol('Colon', ':')
export const Semicolon = symbol('Semicolon', ';')
export const Bar = symbol('Bar', '|')

const skipped = [
  token({ name: 'Space', pattern: /[\s\uFEFF]+/, group: Lexer.SKIPPED, line_breaks: true }),
  token({ name: 'LineComment', pattern: /\/\/[^\n]*/, group: Lexer.SKIPPED }),
  token({
    name: 'BlockComment',
    pattern: /\/\*[\s\S]*?\*\//,
    group: Lexer.SKIPPED,
    line_breaks: true,
  }),
]

// The lexer takes the first pattern that matches: longer words before their beginnings (ORDER before OR).
const keywordsByLength = Object.values(keywords).sort((a, b) => b.name.length - a.name.length)

/** Every token, in the order the lexer tries them. */
export const allTokens: TokenType[] = [
  ...skipped,
  Multiplicity,
  ...keywordsByLength,
  Identifier,
  QuotedIdentifier,
  StringLiteral,
  FloatLiteral,
  IntegerLiteral,
  ParameterToken,
  LessOrEqual,
  GreaterOrEqual,
  NotEqual,
  PlusEqual,
  Equal,
  Less,
  Greater,
  Plus,
  Minus,
  Star,
  Slash,
  Percent,
  Caret,
  LeftParenthesis,
  RightParenthesis,
  LeftBracket,
  RightBracket,
  LeftBrace,
  RightBrace,
  Comma,
  Dot,
  Colon,
  Semicolon,
  Bar,
  TypeName,
  AnyName,
  VariableName,
]

let lexer: Lexer | undefined

/** A lexer. `validate`: check the patterns too, which takes longer than all the rest; a test does it. */
export function makeLexer(validate: boolean): Lexer {
  return new Lexer(allTokens, {
    positionTracking: 'full',
    recoveryEnabled: false,
    skipValidations: !validate,
  })
}

/** The lexer of statements, made at first use. */
export function statementLexer(): Lexer {
  lexer ??= makeLexer(false)
  return lexer
}
