/**
 * What the keys of tables at the ends of relationships look like, each found out once, by the writer thread.
 *
 * A plan is made at once, of what is known. What it asks for besides is looked up then, and the plan made
 * anew: it says itself what it has to know.
 */
import type { NodeTable } from '@millrace/core/internal'
import type { KeyAnswers, KeysRequest } from '../threads/index.js'
import { type KeyLooks, noLooks } from './look-up-plan.js'

type Question = keyof KeyAnswers

/** Looks at the keys of a table. */
export type LookAtKeys = (request: Pick<KeysRequest, 'table' | 'asked'>) => Promise<KeyAnswers>

export class SampledKeys {
  readonly #lookAt: LookAtKeys
  readonly #known = new Map<NodeTable, KeyAnswers>()

  constructor(lookAt: LookAtKeys) {
    this.#lookAt = lookAt
  }

  /**
   * What `plan` makes of how keys look.
   * @throws what `plan` throws when all is known that it asks for; MillraceError `MILLRACE_CORRUPT` when a
   * key segment is damaged
   */
  async planned<T>(plan: (looks: KeyLooks) => T): Promise<T> {
    for (;;) {
      const asked = new Map<NodeTable, Set<Question>>()
      const looks = this.#looksNoting(asked)
      let outcome: () => T
      try {
        const made = plan(looks)
        outcome = () => made
      } catch (error) {
        outcome = () => {
          throw error
        }
      }
      if (asked.size === 0) return outcome()
      for (const [table, questions] of asked) {
        const answers = await this.#lookAt({ table: table.name, asked: [...questions] })
        this.#known.set(table, { ...this.#known.get(table), ...answers })
      }
    }
  }

  /** How keys look as far as is known; what is asked for besides is added to `asked`. */
  #looksNoting(asked: Map<NodeTable, Set<Question>>): KeyLooks {
    const answer = <Name extends Question>(table: NodeTable, name: Name): KeyAnswers[Name] | undefined => {
      const known = this.#known.get(table)?.[name]
      if (known === undefined) asked.set(table, (asked.get(table) ?? new Set()).add(name))
      return known
    }
    return {
      hasCodes: (table) => answer(table, 'hasCodes') ?? noLooks.hasCodes(table),
      packingOf: (table) => answer(table, 'packing') ?? noLooks.packingOf(table),
      readBytesOf: (table) => answer(table, 'readBytes') ?? noLooks.readBytesOf(table),
    }
  }
}
