/**
 * Bounded queues and stacks of mnemonist, for one thread's own use. Its index loads all of its structures,
 * which costs 80 ms at start-up; the single ones can only be required.
 */
import { createRequire } from 'node:module'
import type * as mnemonist from 'mnemonist'

const require = createRequire(import.meta.url)

export const FixedDeque: typeof mnemonist.FixedDeque = require('mnemonist/fixed-deque')
export type FixedDeque<T> = mnemonist.FixedDeque<T>

export const FixedStack: typeof mnemonist.FixedStack = require('mnemonist/fixed-stack')
export type FixedStack<T> = mnemonist.FixedStack<T>
