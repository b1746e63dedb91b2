import type { WriteTransaction } from '@millrace/core/internal'
import { expect, test } from 'vitest'
import { groupStatementsMax } from '../limits.js'
import { type GroupHost, WriteQueue } from './write-queue.js'

/** A transaction that is a list of texts, and a host that remembers what was committed together. */
class TextHost implements GroupHost {
  readonly commits: string[][] = []
  commitFails = false

  begin(): WriteTransaction {
    const texts: string[] = []
    const transaction = {
      texts,
      get bytes() {
        return texts.length
      },
      savepoint: () => texts.length,
      rollbackTo: (savepoint: number) => {
        texts.length = savepoint
      },
    }
    return transaction as unknown as WriteTransaction
  }

  async commit(transaction: WriteTransaction): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1))
    if (this.commitFails) throw new Error('the disk is full')
    this.commits.push([...textsOf(transaction)])
  }
}

function textsOf(transaction: WriteTransaction): string[] {
  return (transaction as unknown as { texts: string[] }).texts
}

function statement(queue: WriteQueue, text: string): Promise<string> {
  return queue.statement(async (transaction) => {
    textsOf(transaction).push(text)
    if (text.startsWith('bad')) throw new Error(text)
    return text
  })
}

test('statements that wait together share a commit; what runs alone parts them', async () => {
  const host = new TextHost()
  const queue = new WriteQueue(host)
  const order: string[] = []
  const settled = [
    statement(queue, 'a').then((text) => order.push(text)),
    statement(queue, 'b').then((text) => order.push(text)),
    queue.exclusive(async () => order.push(`alone behind ${host.commits.length}`)),
    statement(queue, 'c').then((text) => order.push(text)),
  ]
  await Promise.all(settled)
  expect(host.commits).toEqual([['a', 'b'], ['c']])
  expect(order).toEqual(['a', 'b', 'alone behind 1', 'c'])
})

test('who comes while a commit is under way joins the next', async () => {
  const host = new TextHost()
  const queue = new WriteQueue(host)
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index / 20))
      await statement(queue, String(index))
    }),
  )
  expect(host.commits.flat()).toHaveLength(40)
  expect(host.commits.length).toBeLessThan(20)
})

test('a statement that fails takes back its own writes, and fails alone', async () => {
  const host = new TextHost()
  const queue = new WriteQueue(host)
  const outcomes = await Promise.allSettled(['a', 'bad', 'b'].map((text) => statement(queue, text)))
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(host.commits).toEqual([['a', 'b']])
})

test('a commit that fails fails all of its statements, and not the next ones', async () => {
  const host = new TextHost()
  const queue = new WriteQueue(host)
  host.commitFails = true
  const outcomes = await Promise.allSettled(['a', 'b'].map((text) => statement(queue, text)))
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  host.commitFails = false
  expect(await statement(queue, 'c')).toBe('c')
  expect(host.commits).toEqual([['c']])
})

test('a group is bounded', async () => {
  const host = new TextHost()
  const queue = new WriteQueue(host)
  await Promise.all(
    Array.from({ length: groupStatementsMax + 1 }, (_, index) => statement(queue, String(index))),
  )
  expect(host.commits.map(({ length }) => length)).toEqual([groupStatementsMax, 1])
})

test('it is idle when all have ended, and works again after that', async () => {
  const host = new TextHost()
  const queue = new WriteQueue(host)
  for (let round = 0; round < 3; round++) {
    const settled = [statement(queue, 'a'), queue.exclusive(async () => {})]
    await queue.idle()
    await Promise.all(settled)
  }
  await queue.idle()
  expect(host.commits).toEqual([['a'], ['a'], ['a']])
})
