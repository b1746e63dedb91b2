import {
  decodeChange,
  encodeChange,
  isMillraceError,
  MillraceError,
  type Snapshot,
} from '@millrace/core/internal'
import { expect, test } from 'vitest'
import type { CommitReply, WriterClient } from '../threads/index.js'
import { CurrentState } from './current-state.js'

/** A snapshot that remembers the changes that led to it, and who holds it. */
class ChangeList {
  readonly catalog: { version: number }
  holders = 0

  constructor(readonly kinds: readonly string[]) {
    this.catalog = { version: kinds.length }
  }

  hold(): () => void {
    this.holders++
    return () => {
      this.holders--
    }
  }

  advance({ kind }: { readonly kind: string }): ChangeList {
    return new ChangeList([...this.kinds, kind])
  }
}

function stateOver(list: ChangeList): CurrentState {
  return new CurrentState(list as unknown as Snapshot)
}

function writerThat(answers: () => CommitReply): WriterClient {
  return { call: async () => answers() } as unknown as WriterClient
}

const writes = new Uint8Array([1])
const merged = encodeChange({ kind: 'replaceTables', tables: [] })

test('a commit leads on to its writes, and to what a checkpoint made of them', async () => {
  const state = stateOver(new ChangeList([]))
  await state.commitWrites(
    writerThat(() => ({ change: null, merged: null })),
    writes,
  )
  await state.commitWrites(
    writerThat(() => ({ change: null, merged })),
    writes,
  )
  expect((state.snapshot as unknown as ChangeList).kinds).toEqual([
    'writes',
    'writes',
    decodeChange(merged).kind,
  ])
})

test('a commit that fails changes nothing', async () => {
  const state = stateOver(new ChangeList([]))
  const full = writerThat(() => {
    throw new MillraceError('MILLRACE_DISK_FULL', { file: 'f', needed: 1, available: 0 })
  })
  await expect(state.commitWrites(full, writes)).rejects.toThrow('No space left')
  expect((state.snapshot as unknown as ChangeList).kinds).toEqual([])
})

test('after a commit in doubt nothing is read or written', async () => {
  const state = stateOver(new ChangeList([]))
  const doubtful = writerThat(() => {
    throw new MillraceError('MILLRACE_IN_DOUBT', { file: 'f', reason: 'EIO' })
  })
  await expect(state.commitWrites(doubtful, writes)).rejects.toThrow('in doubt')
  for (const use of [() => state.snapshot, () => state.catalog, () => state.read()]) {
    let code: unknown
    try {
      use()
    } catch (error) {
      code = isMillraceError(error) ? error.code : error
    }
    expect(code).toBe('MILLRACE_IN_DOUBT')
  }
})

test('the oldest version in use is that of the oldest reading; a snapshot is held while it is read', () => {
  const first = new ChangeList([])
  const state = stateOver(first)
  const early = state.read()
  const again = state.read()
  state.advance({ kind: 'writes', bytes: writes })
  const late = state.read()
  expect([first.holders, state.oldestVersionInUse]).toEqual([2, 0])
  early.release()
  early.release()
  expect([first.holders, state.oldestVersionInUse]).toEqual([1, 0])
  again.release()
  expect([first.holders, state.oldestVersionInUse]).toEqual([0, 1])
  late.release()
})
