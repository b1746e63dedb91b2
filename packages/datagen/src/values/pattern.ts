/**
 * Texts that a regular expression matches, made from its syntax tree.
 *
 * - Classes choose among printable ASCII, and what they name beyond it; `.`, `\w`, `\s`, `[^…]` do, too.
 *   Repetitions without an upper bound go up to `patternRepeatMax` above the lower one.
 * - Unique texts: alternatives and repetitions are settled so that every text has one derivation only; then
 *   the row's choice, a number, is written in the places of the pattern like the digits of a number.
 */
import { type AST, RegExpParser } from '@eslint-community/regexpp'
import { schemaError } from '../errors/index.js'
import { patternLengthMax, patternRepeatMax } from '../limits.js'
import { type Key, permutationSizeMax, RowStream } from '../random/index.js'
import type { RowSet } from './row-set.js'
import { type Chooser, Source } from './source.js'

type Node =
  | { readonly kind: 'set'; readonly characters: readonly Uint8Array[] }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | { readonly kind: 'repeat'; readonly item: Node; readonly min: number; readonly max: number }

/** A pattern that was read. */
export interface Pattern {
  readonly root: Node
  /** Characters of the longest text. */
  readonly lengthMax: number
}

/** @throws MillraceError `MILLRACE_DATAGEN_SCHEMA` for what is no regular expression, or cannot be made */
export function parsePattern(text: string, path: string): Pattern {
  let tree: AST.Pattern
  try {
    tree = new RegExpParser({ ecmaVersion: 2022 }).parsePattern(text, 0, text.length, false)
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).replace(
      /^Invalid regular expression: /,
      '',
    )
    throw schemaError(path, `${text} is no regular expression (${reason})`, 'one such as [A-Z]{3}-[0-9]{4}')
  }
  const root = alternatives(tree.alternatives, path)
  const lengthMax = lengthOf(root)
  if (lengthMax > patternLengthMax) {
    throw schemaError(path, `texts have up to ${lengthMax} characters`, `at most ${patternLengthMax}`)
  }
  return { root, lengthMax }
}

function alternatives(list: readonly AST.Alternative[], path: string): Node {
  const options = list.map((alternative): Node => {
    const items = alternative.elements.flatMap((element) => nodeOf(element, path) ?? [])
    return items.length === 1 ? (items[0] as Node) : { kind: 'sequence', items }
  })
  return options.length === 1 ? (options[0] as Node) : { kind: 'choice', options }
}

function nodeOf(element: AST.Element, path: string): Node | undefined {
  switch (element.type) {
    case 'Character':
      return setOf([element.value])
    case 'CharacterSet':
      return setOf(codesOf(element, path))
    case 'CharacterClass': {
      const named = element.elements.flatMap((part) => codesOf(part as AST.CharacterClassElement, path))
      const codes = element.negate ? printable.filter((code) => !named.includes(code)) : named
      if (codes.length === 0)
        throw schemaError(path, `${element.raw} holds no character`, 'a class with characters')
      return setOf(codes)
    }
    case 'Group':
    case 'CapturingGroup':
      return alternatives(element.alternatives, path)
    case 'Quantifier': {
      const item = nodeOf(element.element, path)
      const max = element.max === Number.POSITIVE_INFINITY ? element.min + patternRepeatMax : element.max
      return item === undefined ? undefined : { kind: 'repeat', item, min: element.min, max }
    }
    case 'Assertion':
      // Begin and end are where they are anyway.
      if (element.kind === 'start' || element.kind === 'end') return undefined
      throw schemaError(path, `${element.raw} cannot be made`, 'a pattern without \\b and look-around')
    default:
      throw schemaError(path, `${element.raw} cannot be made`, 'a pattern without back references')
  }
}

const printable = Array.from({ length: 95 }, (_, index) => 0x20 + index)
const digits = printable.filter((code) => /\d/.test(String.fromCharCode(code)))
const letters = printable.filter((code) => /\w/.test(String.fromCharCode(code)))

function codesOf(part: AST.CharacterClassElement | AST.CharacterSet, path: string): number[] {
  if (part.type === 'Character') return [part.value]
  if (part.type === 'CharacterClassRange') {
    const length = part.max.value - part.min.value + 1
    if (length > 0xffff)
      throw schemaError(path, `${part.raw} is too wide`, 'a class of at most 65,535 characters')
    return Array.from({ length }, (_, index) => part.min.value + index)
  }
  if (part.type === 'CharacterSet') {
    if (part.kind === 'any') return printable
    const named =
      part.kind === 'digit'
        ? digits
        : part.kind === 'word'
          ? letters
          : part.kind === 'space'
            ? [0x20]
            : undefined
    if (named !== undefined)
      return 'negate' in part && part.negate ? printable.filter((code) => !named.includes(code)) : named
  }
  throw schemaError(path, `${part.raw} cannot be made`, 'classes of characters such as [a-z], \\d or \\w')
}

function setOf(codes: readonly number[]): Node {
  const usable = [...new Set(codes)].filter((code) => code !== 0 && (code < 0xd800 || code > 0xdfff))
  return { kind: 'set', characters: usable.map((code) => Buffer.from(String.fromCodePoint(code), 'utf8')) }
}

function lengthOf(node: Node): number {
  switch (node.kind) {
    case 'set':
      return 1
    case 'sequence':
      return node.items.reduce((sum, item) => sum + lengthOf(item), 0)
    case 'choice':
      return Math.max(...node.options.map(lengthOf))
    case 'repeat':
      return node.max * lengthOf(node.item)
  }
}

/** Any text of the pattern: every choice is as likely as its siblings. */
export class PatternSource extends Source {
  readonly #root: Node
  readonly #stream: RowStream

  constructor(key: Key, pattern: Pattern) {
    super('text', { lengthMax: pattern.lengthMax })
    this.#root = pattern.root
    this.#stream = new RowStream(key)
  }

  protected fill(set: RowSet): void {
    const { lane } = this
    let place = 0
    for (let at = 0; at < set.count; at++) {
      lane.ends[at] = place
      this.#stream.start(set.rows[at] as number)
      place = this.#write(this.#root, place)
    }
    lane.ends[set.count] = place
  }

  #write(node: Node, start: number): number {
    let place = start
    switch (node.kind) {
      case 'set': {
        const bytes = node.characters[this.#stream.below(node.characters.length)] as Uint8Array
        this.lane.reserve(place, bytes.length)
        for (let at = 0; at < bytes.length; at++) this.lane.bytes[place++] = bytes[at] as number
        return place
      }
      case 'sequence':
        for (const item of node.items) place = this.#write(item, place)
        return place
      case 'choice':
        return this.#write(node.options[this.#stream.below(node.options.length)] as Node, place)
      case 'repeat': {
        const count = node.min + this.#stream.below(node.max - node.min + 1)
        for (let number = 0; number < count; number++) place = this.#write(node.item, place)
        return place
      }
    }
  }
}

type CharacterSet = readonly Uint8Array[]

/** A pattern settled so that each text has one derivation: a set of characters for each place. */
export interface SettledPattern {
  readonly places: readonly CharacterSet[]
  /** How many texts there are, at most `permutationSizeMax`. */
  readonly size: number
}

/**
 * The places of `node` with every repetition as long as it gets, and of alternatives the one with the most
 * texts.
 */
function settle(node: Node): CharacterSet[] {
  switch (node.kind) {
    case 'set':
      return [node.characters]
    case 'sequence':
      return node.items.flatMap(settle)
    case 'choice':
      return node.options
        .map(settle)
        .reduce((best, option) => (textsOf(option) > textsOf(best) ? option : best))
    case 'repeat': {
      const item = settle(node.item)
      return Array.from({ length: node.max }, () => item).flat()
    }
  }
}

function textsOf(places: readonly CharacterSet[]): number {
  return places.reduce((product, set) => product * set.length, 1)
}

/** How many texts a unique column can have of the pattern, and their places. */
export function settlePattern(pattern: Pattern): SettledPattern {
  const places = settle(pattern.root)
  return { places, size: Math.min(textsOf(places), permutationSizeMax) }
}

/** Each text at most once: the choice of a row, written in the places of the pattern. */
export class UniquePatternSource extends Source {
  readonly #chooser: Chooser
  readonly #places: readonly CharacterSet[]
  readonly #stream: RowStream
  /** The first place that the choice decides; those before it hold what they like. */
  readonly #decidedFrom: number
  readonly #choices: Uint32Array

  constructor(key: Key, chooser: Chooser, pattern: SettledPattern) {
    super('text', { lengthMax: pattern.places.length })
    this.#chooser = chooser
    this.#places = pattern.places
    this.#stream = new RowStream(key)
    this.#choices = new Uint32Array(pattern.places.length)
    let from = pattern.places.length
    for (let size = 1; from > 0 && size < pattern.size; from--)
      size *= (pattern.places[from - 1] as CharacterSet).length
    this.#decidedFrom = from
  }

  protected fill(set: RowSet): void {
    const { lane } = this
    this.#chooser.choose(set, lane.numbers)
    let place = 0
    for (let at = 0; at < set.count; at++) {
      lane.ends[at] = place
      this.#stream.start(set.rows[at] as number)
      let rest = lane.numbers[at] as number
      for (let index = this.#places.length - 1; index >= 0; index--) {
        const size = (this.#places[index] as CharacterSet).length
        if (index < this.#decidedFrom) {
          this.#choices[index] = this.#stream.below(size)
          continue
        }
        const next = Math.floor(rest / size)
        this.#choices[index] = rest - next * size
        rest = next
      }
      place = this.#write(place)
    }
    lane.ends[set.count] = place
  }

  #write(start: number): number {
    let place = start
    for (let index = 0; index < this.#places.length; index++) {
      const bytes = (this.#places[index] as CharacterSet)[this.#choices[index] as number] as Uint8Array
      this.lane.reserve(place, bytes.length)
      for (let at = 0; at < bytes.length; at++) this.lane.bytes[place++] = bytes[at] as number
    }
    return place
  }
}
