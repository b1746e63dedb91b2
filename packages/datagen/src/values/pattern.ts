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
import { copyBytes } from './lane.js'
import type { RowSet } from './row-set.js'
import { type Chooser, Source } from './source.js'

export type Node =
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

export function lengthOf(node: Node): number {
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

/** A pattern as it is written: what has one text only was put together, so that nothing is drawn for it. */
type Step =
  | { readonly kind: 'texts'; readonly texts: readonly Uint8Array[] }
  /** Letters of an alphabet of ASCII. */
  | { readonly kind: 'letters'; readonly alphabet: Uint8Array; readonly min: number; readonly max: number }
  | { readonly kind: 'sequence'; readonly items: readonly Step[] }
  | { readonly kind: 'choice'; readonly options: readonly Step[] }
  | { readonly kind: 'repeat'; readonly item: Step; readonly min: number; readonly max: number }

/** The characters as one list of bytes; undefined unless all of them are ASCII. */
function asciiOf(characters: readonly Uint8Array[]): Uint8Array | undefined {
  return characters.every(({ length }) => length === 1)
    ? Uint8Array.from(characters, ([byte]) => byte as number)
    : undefined
}

const oneText = (step: Step): step is Extract<Step, { kind: 'texts' }> =>
  step.kind === 'texts' && step.texts.length === 1

function stepOf(node: Node): Step {
  switch (node.kind) {
    case 'set':
      return { kind: 'texts', texts: node.characters }
    case 'sequence':
      return sequenceOf(node.items.map(stepOf))
    case 'choice': {
      const options = node.options.map(stepOf)
      return options.every(oneText)
        ? { kind: 'texts', texts: options.map(({ texts }) => texts[0] as Uint8Array) }
        : { kind: 'choice', options }
    }
    case 'repeat': {
      const item = stepOf(node.item)
      const { min, max } = node
      if (min === max && oneText(item)) return sequenceOf(Array.from({ length: max }, () => item))
      const alphabet = node.item.kind === 'set' ? asciiOf(node.item.characters) : undefined
      return alphabet === undefined
        ? { kind: 'repeat', item, min, max }
        : { kind: 'letters', alphabet, min, max }
    }
  }
}

function sequenceOf(steps: readonly Step[]): Step {
  const items: Step[] = []
  for (const step of steps.flatMap((inner) => (inner.kind === 'sequence' ? inner.items : [inner]))) {
    const last = items.at(-1)
    if (last !== undefined && oneText(last) && oneText(step)) {
      items[items.length - 1] = { kind: 'texts', texts: [Buffer.concat([last.texts[0]!, step.texts[0]!])] }
    } else items.push(step)
  }
  return items.length === 1 ? (items[0] as Step) : { kind: 'sequence', items }
}

/** No format escapes or quotes any of its characters. */
const isPlainText = (text: Uint8Array): boolean => !/["',\\\p{Cc}]/u.test(Buffer.from(text).toString())

/** No text is empty, or holds a character that one of the formats escapes or quotes. */
function isPlainStep(step: Step): boolean {
  const isShort = (part: Step): boolean => {
    if (part.kind === 'texts') return part.texts.some(({ length }) => length === 0)
    if (part.kind === 'sequence') return part.items.every(isShort)
    if (part.kind === 'choice') return part.options.some(isShort)
    return part.min === 0 || (part.kind === 'repeat' && isShort(part.item))
  }
  const isClean = (part: Step): boolean => {
    if (part.kind === 'texts') return part.texts.every(isPlainText)
    if (part.kind === 'letters') return isPlainText(part.alphabet)
    if (part.kind === 'sequence') return part.items.every(isClean)
    return part.kind === 'choice' ? part.options.every(isClean) : isClean(part.item)
  }
  return !isShort(step) && isClean(step)
}

/** Any text of the pattern: every choice is as likely as its siblings. */
export class PatternSource extends Source {
  readonly #root: Step
  readonly #stream: RowStream

  constructor(key: Key, pattern: Pattern) {
    const root = stepOf(pattern.root)
    super('text', { lengthMax: pattern.lengthMax, isPlain: isPlainStep(root) })
    this.#root = root
    this.#stream = new RowStream(key)
  }

  protected fill(set: RowSet): void {
    const { lane } = this
    this.#stream.load(set.rows, set.count)
    let place = 0
    for (let at = 0; at < set.count; at++) {
      lane.ends[at] = place
      this.#stream.start(at)
      place = this.#write(this.#root, place)
    }
    lane.ends[set.count] = place
  }

  #write(step: Step, start: number): number {
    let place = start
    switch (step.kind) {
      case 'texts': {
        const { texts } = step
        const bytes = texts[texts.length === 1 ? 0 : this.#stream.below(texts.length)] as Uint8Array
        this.lane.reserve(place, bytes.length)
        copyBytes(bytes, 0, bytes.length, this.lane.bytes, place)
        return place + bytes.length
      }
      case 'letters': {
        const { alphabet, min, max } = step
        const end = place + (min === max ? min : min + this.#stream.below(max - min + 1))
        this.lane.reserve(place, end - place)
        const { bytes } = this.lane
        for (; place < end; place++) bytes[place] = alphabet[this.#stream.below(alphabet.length)] as number
        return place
      }
      case 'sequence':
        for (const item of step.items) place = this.#write(item, place)
        return place
      case 'choice':
        return this.#write(step.options[this.#stream.below(step.options.length)] as Step, place)
      case 'repeat': {
        const count =
          step.min === step.max ? step.min : step.min + this.#stream.below(step.max - step.min + 1)
        for (let number = 0; number < count; number++) place = this.#write(step.item, place)
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

/** Places that a choice decides together: their texts are few enough for whole numbers of 32 bits. */
const groupTextsMax = 2 ** 30

/** Each text at most once: the choice of a row, written in the places of the pattern. */
export class UniquePatternSource extends Source {
  readonly #chooser: Chooser
  readonly #places: readonly CharacterSet[]
  /** If all characters are ASCII: those of place p from `offsets[p]` on. */
  readonly #letters: Uint8Array | undefined
  readonly #offsets: Int32Array
  readonly #stream: RowStream
  /** Places before those that the choice decides, with more than one character: they hold what they like. */
  readonly #free: readonly number[]
  readonly #choices: Uint32Array
  /** Groups of places, the last one first: where each begins, and how many texts it has. */
  readonly #groups: readonly { readonly from: number; readonly texts: number }[]

  constructor(key: Key, chooser: Chooser, pattern: SettledPattern) {
    const { places } = pattern
    super('text', {
      lengthMax: places.length,
      isPlain: places.length > 0 && places.every((set) => set.every(isPlainText)),
    })
    const sizeOf = (place: number) => (places[place] as CharacterSet).length
    this.#chooser = chooser
    this.#places = places
    this.#letters = asciiOf(places.flat())
    this.#offsets = new Int32Array(places.length)
    for (let place = 1; place < places.length; place++)
      this.#offsets[place] = (this.#offsets[place - 1] as number) + sizeOf(place - 1)
    this.#stream = new RowStream(key)
    this.#choices = new Uint32Array(places.length)
    let from = places.length
    for (let size = 1; from > 0 && size < pattern.size; from--) size *= sizeOf(from - 1)
    this.#free = Array.from({ length: from }, (_, place) => place).filter((place) => sizeOf(place) > 1)
    const groups: { from: number; texts: number }[] = []
    for (let place = places.length - 1; place >= from; place--) {
      const group = groups.at(-1)
      if (group === undefined || group.texts * sizeOf(place) > groupTextsMax)
        groups.push({ from: place, texts: sizeOf(place) })
      else {
        group.from = place
        group.texts *= sizeOf(place)
      }
    }
    this.#groups = groups
  }

  protected fill(set: RowSet): void {
    const { lane } = this
    this.#chooser.choose(set, lane.numbers)
    if (this.#free.length > 0) this.#stream.load(set.rows, set.count)
    let place = 0
    for (let at = 0; at < set.count; at++) {
      lane.ends[at] = place
      this.#decide(lane.numbers[at] as number)
      if (this.#free.length > 0) {
        this.#stream.start(at)
        this.#draw()
      }
      place = this.#write(place)
    }
    lane.ends[set.count] = place
  }

  /** Writes `choice` into the decided places like the digits of a number. */
  #decide(choice: number): void {
    const choices = this.#choices
    let rest = choice
    let place = this.#places.length - 1
    for (let index = 0; index < this.#groups.length; index++) {
      const { from, texts } = this.#groups[index] as { from: number; texts: number }
      const next = Math.floor(rest / texts)
      let digits = (rest - next * texts) | 0
      for (; place >= from; place--) {
        const size = (this.#places[place] as CharacterSet).length
        const above = (digits / size) | 0
        choices[place] = digits - above * size
        digits = above
      }
      rest = next
    }
  }

  /** The characters that the choice does not decide. */
  #draw(): void {
    for (let index = 0; index < this.#free.length; index++) {
      const place = this.#free[index] as number
      this.#choices[place] = this.#stream.below((this.#places[place] as CharacterSet).length)
    }
  }

  #write(start: number): number {
    const { lane } = this
    const choices = this.#choices
    const letters = this.#letters
    if (letters !== undefined) {
      const offsets = this.#offsets
      lane.reserve(start, choices.length)
      const { bytes } = lane
      for (let place = 0; place < choices.length; place++)
        bytes[start + place] = letters[(offsets[place] as number) + (choices[place] as number)] as number
      return start + choices.length
    }
    let at = start
    for (let place = 0; place < choices.length; place++) {
      const bytes = (this.#places[place] as CharacterSet)[choices[place] as number] as Uint8Array
      lane.reserve(at, bytes.length)
      copyBytes(bytes, 0, bytes.length, lane.bytes, at)
      at += bytes.length
    }
    return at
  }
}
