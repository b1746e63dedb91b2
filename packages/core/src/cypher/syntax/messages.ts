/**
 * What the parser says it expected, in the words of the language rather than of the grammar.
 *
 * Where the parser looked several tokens ahead to choose, the first ones may have been right: messages are
 * `depth:expected`, where `depth` is how many tokens behind the reported one the wrong one stands.
 */
import {
  EOF,
  type IParserErrorMessageProvider,
  type IToken,
  type TokenType,
  tokenLabel,
  tokenMatcher,
} from './chevrotain.js'
import { ParameterToken } from './tokens.js'

const namesShownMax = 8

/** A token's name as people know it: keywords in capitals, symbols in quotes. */
function shownName(type: TokenType): string {
  return type === EOF ? 'the end of the statement' : tokenLabel(type)
}

/** `a, b or c`, without repetitions. */
function oneOf(types: readonly TokenType[]): string {
  // Only an expression can begin with a parameter; everything else it can begin with goes without saying.
  const names = types.includes(ParameterToken) ? ['an expression'] : [...new Set(types.map(shownName))]
  if (names.length > namesShownMax) return `one of ${names.slice(0, namesShownMax).join(', ')} …`
  if (names.length <= 1) return names[0] ?? 'something else'
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}

/** Follows the paths as far as the tokens agree with one, and says what could have come there. */
function divergence(paths: readonly (readonly TokenType[])[], actual: readonly IToken[]): string {
  let depth = 0
  let open = paths
  for (const at of actual) {
    const next = open.filter(
      (path) => path[depth] !== undefined && tokenMatcher(at, path[depth] as TokenType),
    )
    if (next.length === 0 || next.some((path) => path.length === depth + 1)) break
    open = next
    depth++
  }
  return `${depth}:${oneOf(open.flatMap((path) => path[depth] ?? []))}`
}

/** The place and what was found come from the token; see the module's header for the form. */
export const syntaxMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => `0:${shownName(expected)}`,
  buildNotAllInputParsedMessage: () => '0:the end of the statement',
  buildNoViableAltMessage: ({ expectedPathsPerAlt, actual }) =>
    divergence(expectedPathsPerAlt.flat(), actual),
  buildEarlyExitMessage: ({ expectedIterationPaths, actual }) => divergence(expectedIterationPaths, actual),
}

/** Takes a message of `syntaxMessages` apart. */
export function readMessage(message: string): { depth: number; expected: string } {
  const colon = message.indexOf(':')
  return { depth: Number(message.slice(0, colon)), expected: message.slice(colon + 1) }
}
