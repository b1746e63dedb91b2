/** Who is measured: a module that loads a file into a database of its own, in a process of its own. */
import { fileURLToPath } from 'node:url'
import type { EngineOptions } from './protocol.js'

export interface Contender {
  /** Short, for file names and the command line. */
  readonly name: string
  readonly title: string
  /** The module that obeys `protocol.ts`, run by `fork`. */
  readonly modulePath: string
  /** Relationships go into a database that holds their nodes. False for those that check no endpoint. */
  readonly needsNodes: boolean
  readonly engine: EngineOptions
  /** A command that the process of an import is started through (`runChild`). */
  readonly launcher?: readonly string[]
}

/** Two of them that run in turn need two names. */
export function millrace(engine: EngineOptions, name = 'millrace', title = 'Millrace'): Contender {
  const modulePath = fileURLToPath(new URL('./child.js', import.meta.url))
  return { name, title, modulePath, needsNodes: true, engine }
}
