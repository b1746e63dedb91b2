/**
 * A list as text: `[item, item, …]`. An item is quoted, with `"` or `'`, or a list, or everything up to the
 * next comma or bracket, without the spaces around it. In quotes a backslash stands before what would end
 * them and before itself; the escapes of JSON count too.
 */
export interface ListTextItem {
  readonly text: string
  readonly quoted: boolean
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r'
}

/** Reads one list; what is left behind it is an error. */
class ListReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  #skipSpaces(): void {
    while (isSpace(this.#text[this.#at])) this.#at++
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  read(): ListTextItem[] | undefined {
    const items: ListTextItem[] = []
    if (!this.#take('[')) return undefined
    this.#skipSpaces()
    if (!this.#take(']')) {
      do {
        const item = this.#item()
        if (item === undefined) return undefined
        items.push(item)
      } while (this.#take(','))
      if (!this.#take(']')) return undefined
    }
    return this.#at === this.#text.length ? items : undefined
  }

  #item(): ListTextItem | undefined {
    this.#skipSpaces()
    const first = this.#text[this.#at]
    if (first === '"' || first === "'") {
      const text = this.#quoted(first)
      this.#skipSpaces()
      return text === undefined ? undefined : { text, quoted: true }
    }
    const start = this.#at
    if (first === '[' ? !this.#skipList() : !this.#skipBare()) return undefined
    const text = this.#text.slice(start, this.#at).trimEnd()
    if (first === '[') this.#skipSpaces()
    return { text, quoted: false }
  }

  #skipBare(): boolean {
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]
      if (character === ',' || character === ']') return true
      if (character === '[') return false
    }
    return false
  }

  /** Behind the bracket that closes the list which begins here. */
  #skipList(): boolean {
    let depth = 0
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!
      if (character === '"' || character === "'") {
        if (this.#quoted(character) === undefined) return false
        continue
      }
      this.#at++
      if (character === '[') depth++
      else if (character === ']' && --depth === 0) return true
    }
    return false
  }

  /** The text in quotes that begins here. */
  #quoted(quote: string): string | undefined {
    this.#at++
    const parts: string[] = []
    let start = this.#at
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]
      if (character === quote) {
        parts.push(this.#text.slice(start, this.#at++))
        return parts.join('')
      }
      if (character !== '\\') continue
      parts.push(this.#text.slice(start, this.#at++))
      const escaped = this.#escaped()
      if (escaped === undefined) return undefined
      parts.push(escaped)
      start = this.#at + 1
    }
    return undefined
  }

  /** What the character behind a backslash stands for. */
  #escaped(): string | undefined {
    const character = this.#text[this.#at]
    if (character !== 'u') return character === undefined ? undefined : (escapes[character] ?? character)
    const digits = this.#text.slice(this.#at + 1, this.#at + 5)
    if (!/^[\da-f]{4}$/i.test(digits)) return undefined
    this.#at += 4
    return String.fromCharCode(Number.parseInt(digits, 16))
  }
}

/** The items of the list that `text` writes; undefined when it writes none. */
export function readListText(text: string): ListTextItem[] | undefined {
  return new ListReader(text).read()
}

/** `text` in quotes, as an item of a list. */
export function quotedItem(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
