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
}

export function millrace(engine: EngineOptions): Contender {
  const modulePath = fileURLToPath(new URL('./child.js', import.meta.url))
  return { name: 'millrace', title: 'Millrace', modulePath, needsNodes: true, engine }
}
