/**
 * How many bytes of a source, as it lies on the disk, the first bytes of its text came of: where these are
 * unpacked or decoded, the one does not say the other.
 */
export class SourceProgress {
  readonly #text: number[] = []
  readonly #source: number[] = []
  #reached = 0

  /** The first `text` bytes are out, and came of the first `source` bytes. Both ascend. */
  note(text: number, source: number): void {
    this.#text.push(text)
    this.#source.push(source)
  }

  /** Positions must not descend: what is behind them is forgotten. */
  at(position: number): number {
    while (this.#text.length > 0 && this.#text[0]! <= position) {
      this.#text.shift()
      this.#reached = this.#source.shift()!
    }
    return this.#reached
  }
}
