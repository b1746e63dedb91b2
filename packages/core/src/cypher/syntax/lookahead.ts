/**
 * How the parser chooses between ways on: LL(k) as chevrotain computes it, but each choice only when a
 * statement first comes to it. Computing all of them takes longer than a command that runs one statement.
 */
import { type ILookaheadStrategy, LLkLookaheadStrategy } from './chevrotain.js'

type ForAlternation = ILookaheadStrategy['buildLookaheadForAlternation']
type ForOptional = ILookaheadStrategy['buildLookaheadForOptional']

export class LazyLookahead extends LLkLookaheadStrategy {
  override buildLookaheadForAlternation(options: Parameters<ForAlternation>[0]): ReturnType<ForAlternation> {
    let choose: ReturnType<ForAlternation> | undefined
    const build = () => super.buildLookaheadForAlternation(options)
    return function (this: unknown, alternatives) {
      choose ??= build()
      return choose.call(this, alternatives)
    }
  }

  override buildLookaheadForOptional(options: Parameters<ForOptional>[0]): ReturnType<ForOptional> {
    let enters: ReturnType<ForOptional> | undefined
    const build = () => super.buildLookaheadForOptional(options)
    return function (this: unknown) {
      enters ??= build()
      return enters.call(this)
    }
  }
}
