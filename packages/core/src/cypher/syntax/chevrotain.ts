/**
 * The part of chevrotain that the grammar uses, and the only module that imports it.
 *
 * The build (`scripts/bundle.mjs` of the repository) makes one file of that part: loaded module by module,
 * chevrotain takes longer than everything else together. Sources and their tests see the package itself.
 */
export {
  createToken,
  EmbeddedActionsParser,
  EOF,
  type ILexingError,
  type ILookaheadStrategy,
  type IParserErrorMessageProvider,
  type IRecognitionException,
  type IToken,
  type ITokenConfig,
  Lexer,
  LLkLookaheadStrategy,
  type ParserMethod,
  type TokenType,
  tokenLabel,
  tokenMatcher,
} from 'chevrotain'
