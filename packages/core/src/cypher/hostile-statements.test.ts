/** Statements that ask for more than there is: an error of ours, soon, whatever they ask for. */
import { describe, expect, test } from 'vitest'
import { patternNodesMax, patternRelsMax, queryPartsMax, queryUpdatesMax } from '../limits.js'
import { airports } from './memory-graph.test.fixture.js'

const graph = airports()

const evaluation = (text: string) => ({
  code: 'MILLRACE_EVALUATION',
  message: expect.stringContaining(text),
})

describe('a statement with very many parts', () => {
  const hops = (count: number) =>
    `MATCH (:Airport)${'-[:Route]->(:Airport)'.repeat(count)} RETURN count(*) LIMIT 1`
  const nodes = (count: number) =>
    `MATCH ${Array.from({ length: count }, (_, at) => `(n${at}:City)`).join(', ')} RETURN count(*)`
  const parts = (count: number) => `MATCH (n:City) ${'WITH n '.repeat(count - 1)}RETURN count(*)`
  const unwinds = (count: number) =>
    `${Array.from({ length: count }, (_, at) => `UNWIND [1] AS u${at} `).join('')}RETURN count(*)`

  test('is planned and run soon up to its limits', async () => {
    const before = process.cpuUsage()
    expect(await graph.value(hops(30))).toBeGreaterThan(0)
    expect(await graph.value(nodes(patternNodesMax))).toBe(1)
    expect(await graph.value(parts(queryPartsMax))).toBe(1)
    expect(await graph.value(unwinds(100))).toBe(1)
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(10_000_000)
  })

  test('is refused beyond them', async () => {
    const beyond = [
      hops(patternRelsMax + 1),
      nodes(patternNodesMax + 1),
      parts(queryPartsMax + 1),
      parts(20_000),
      unwinds(queryPartsMax),
      unwinds(20_000),
      'CREATE (:City) '.repeat(queryUpdatesMax + 1),
    ]
    for (const text of beyond) {
      await expect(graph.rows(text)).rejects.toMatchObject({ code: 'MILLRACE_UNSUPPORTED' })
    }
  })
})

describe('strings that grow', () => {
  const long = `'${'a'.repeat(100)}'`

  test('are not made when a replacement would multiply them', async () => {
    const text = `RETURN replace('${'a'.repeat(100_000)}', 'a', '${'b'.repeat(100_000)}')`
    await expect(graph.rows(text)).rejects.toMatchObject(evaluation('longer than 67108864 bytes'))
    expect(await graph.value("RETURN replace('abab', 'a', 'xyz')")).toBe('xyzbxyzb')
    expect(await graph.value("RETURN replace('aaa', 'aa', 'b')")).toBe('ba')
  })

  test.each(['concat(s, s, s, s, s, s, s, s)', 's + s + s + s + s + s + s + s'])(
    'are not made when %s is asked for again and again',
    async (eightTimes) => {
      const again = `WITH ${eightTimes} AS s `
      const query = (times: number) =>
        `MATCH (c:City) WITH ${long} + c.name AS s ${again.repeat(times)}RETURN size(s)`
      expect(await graph.value(query(2))).toBeGreaterThan(6400)
      await expect(graph.rows(query(7))).rejects.toMatchObject(evaluation('longer than'))
    },
  )
})

describe('lists that grow', () => {
  test('that are the same for all rows are made once', async () => {
    const text = 'UNWIND range(1, 3000) AS i UNWIND range(1, 1000) AS j RETURN count(*), sum(i), sum(j)'
    expect(await graph.rows(text)).toEqual([[3_000_000, 4_501_500_000, 1_501_500_000]])
  })

  test('and differ from row to row are bounded before they are kept', async () => {
    const query = (length: number) =>
      `UNWIND range(1, 2000) AS i UNWIND range(i, i + ${length}) AS j RETURN count(*)`
    expect(await graph.value(query(100))).toBe(202_000)
    await expect(graph.rows(query(1_000_000 - 1))).rejects.toMatchObject(
      evaluation('more than 4194304 items'),
    )
    // Few enough to make, too many to keep.
    const kept = 'UNWIND range(1, 60000) AS i UNWIND range(i, i + 1500) AS j RETURN count(*)'
    await expect(graph.rows(kept)).rejects.toMatchObject({ code: 'MILLRACE_MEMORY_BUDGET' })
  })
})
