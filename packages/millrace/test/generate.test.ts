import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, createWorkplace, loadTowns, millrace, type Workplace } from './command.js'

let place: Workplace
beforeEach(() => {
  place = createWorkplace()
  writeFileSync(
    place.path('shop.yaml'),
    `tables:
  customers:
    row_count: 40
    columns:
      id: {type: serial, primary_key: true}
      name: {type: varchar(80)}
      joined: {type: date}
      tags: {type: "text[]", values: ['a "b"', 'c,d'], length: 2}
  products: {row_count: 12, columns: {id: {type: uuid, primary_key: true}, price: {type: "numeric(8,2)"}}}
  orders:
    row_count: 90
    columns:
      id: {type: serial, primary_key: true}
      customer_id: {type: int, nullable: false, references: customers}
  lines:
    row_count: 150
    primary_key: [order_id, product_id]
    columns:
      order_id: {type: int, references: orders}
      product_id: {type: uuid, references: products}
      quantity: {type: int, min: 1, max: 5}
`,
  )
})
afterEach(() => place.dispose())

const run = (...parameters: string[]) => millrace(place.folder, ['generate', ...parameters])
const digest = (path: string) =>
  createHash('sha256')
    .update(readFileSync(place.path(path)))
    .digest('hex')

describe('millrace generate', () => {
  it('writes a CSV file for each table into a folder, and says what it did', async () => {
    const { code, stderr, stdout } = await run('shop.yaml', '--output', 'data/')
    expect(stderr).toMatch(/^292 rows, .* → 4 files$/m)
    expect([code, stdout]).toEqual([0, ''])
    expect(readdirSync(place.path('data')).sort()).toEqual([
      'customers.csv',
      'lines.csv',
      'orders.csv',
      'products.csv',
    ])
    expect(readFileSync(place.path('data/customers.csv'), 'utf8').split('\n')).toHaveLength(42)
  })

  it('gives the same bytes with any number of jobs, in parts, and through a pipe', async () => {
    await run('shop.yaml', '--format', 'copy', '--output', 'whole.sql')
    const piped = await run('shop.yaml', '--format', 'copy', '--jobs', '2')
    expect(piped.stdout).toBe(readFileSync(place.path('whole.sql'), 'utf8'))
    const parts = await Promise.all(
      [1, 2, 3].map((index) => run('shop.yaml', '--format', 'copy', '--part', `${index}/3`)),
    )
    expect(parts.map(({ stdout }) => stdout).join('')).toBe(piped.stdout)
    const other = await run('shop.yaml', '--format', 'copy', '--seed', '8')
    expect(other.stdout).not.toBe(piped.stdout)
  })

  it('takes rows, scale and a table from the command line', async () => {
    const { stdout } = await run('shop.yaml', '--table', 'customers', '--rows', 'customers=3', '--no-header')
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(',')[0]),
    ).toEqual(['1', '2', '3'])
    const scaled = await run('shop.yaml', '--table', 'customers', '--scale', '0.5')
    expect(scaled.stdout.trimEnd().split('\n')).toHaveLength(21)
  })

  it('settings come from the file, then the environment, then the command line', async () => {
    writeFileSync(place.path('.datagen.yaml'), 'default_seed: 5\ndefault_format: sql\nverbose: true\n')
    const file = await run('shop.yaml')
    expect(file.stdout).toContain('seed 5')
    expect(file.stdout).toContain('INSERT INTO "customers"')
    expect(file.stderr).toContain('ignored verbose in ')
    const environment = { DATAGEN_DEFAULT_SEED: '6' }
    const fromEnvironment = await millrace(place.folder, ['generate', 'shop.yaml'], { environment })
    expect(fromEnvironment.stdout).toContain('seed 6')
    const flag = await millrace(place.folder, ['generate', 'shop.yaml', '--seed', '7'], { environment })
    expect(flag.stdout).toContain('seed 7')
    const wrong = await millrace(place.folder, ['generate', 'shop.yaml'], {
      environment: { DATAGEN_WORKERS: 'many' },
    })
    expect(wrong.stderr).toContain(
      'the environment: DATAGEN_WORKERS is "many"; expected a whole number from 1 to 64',
    )
    expect(wrong.code).toBe(1)
  })

  it('loads a database: nodes, references and link tables', async () => {
    const { code, stderr } = await run('shop.yaml', '--into', 'shop.mill')
    expect(stderr).toMatch(/shop\.mill: 5 tables, 382 rows/)
    expect(code).toBe(0)
    const path = place.path('shop.mill')
    expect(
      await ask(
        path,
        'MATCH (o:orders)-[:orders_customer_id]->(c:customers) WHERE o.customer_id = c.id RETURN count(*)',
      ),
    ).toEqual([[90]])
    expect(
      await ask(path, 'MATCH (:orders)-[l:lines]->(:products) RETURN count(*), min(l.quantity) >= 1'),
    ).toEqual([[150, true]])
    const [[tags]] = (await ask(path, 'MATCH (c:customers) WHERE c.id = 1 RETURN c.tags')) as [[string[]]]
    expect(tags).toHaveLength(2)
    for (const tag of tags) expect(['a "b"', 'c,d']).toContain(tag)
    const again = await run('shop.yaml', '--into', 'shop.mill')
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('has a table customers already')])
  })

  it('leaves a database that was there as it was when it is killed on the way', async () => {
    await loadTowns(place)
    const path = place.path('towns.mill')
    const before = statSync(path).size
    const { code } = await millrace(
      place.folder,
      ['generate', 'shop.yaml', '--into', 'towns.mill', '--rows', 'customers=1000000'],
      {
        started: (child) => {
          const timer = setInterval(() => {
            if (statSync(path).size < before + (1 << 18)) return
            clearInterval(timer)
            child.kill('SIGKILL')
          }, 20)
          child.stdin?.end()
        },
      },
    )
    expect(code).toBe(null)
    const { stdout } = await millrace(place.folder, ['inspect', 'towns.mill', '--check', '--format', 'json'])
    const { tables, check } = JSON.parse(stdout)
    expect(tables.map(({ name }: { name: string }) => name)).toEqual(['Town', 'Road'])
    expect(check.problems).toEqual([])
  })

  it('names the path of what is wrong, and makes nothing', async () => {
    writeFileSync(place.path('wrong.yaml'), 'tables: {t: {columns: {a: {type: intt}}}}')
    const { code, stderr } = await run('wrong.yaml', '--output', 'data/')
    expect(stderr).toContain(
      'error [MILLRACE_DATAGEN_SCHEMA]: tables.t.columns.a.type: it is "intt"; expected',
    )
    expect(code).toBe(1)
    expect(existsSync(place.path('data'))).toBe(false)
    const none = await run()
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('no schema is given')])
  })

  it('validates, and shows what it would make', async () => {
    const valid = await run('validate', 'shop.yaml')
    expect([valid.code, valid.stderr]).toEqual([0, 'valid: 4 tables, 292 rows\n'])
    const dry = await run('shop.yaml', '--dry-run')
    expect(dry.stdout).toMatch(/^customers: 40 rows\n {2}\{"id":1,"name":/)
  })

  it('lists templates, and prints them as schemas', async () => {
    const names = (await run('templates')).stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0])
    expect(names).toEqual(['ecommerce', 'finance', 'healthcare', 'saas', 'social'])
    writeFileSync(place.path('copy.yaml'), (await run('templates', 'finance')).stdout)
    await run('copy.yaml', '--scale', '0.05', '--output', 'a.sql')
    await run('finance', '--scale', '0.05', '--output', 'b.sql')
    expect(digest('a.sql')).toBe(digest('b.sql'))
  })

  it.each([
    ['--output', 'big/'],
    ['--into', 'big.mill'],
  ])('leaves nothing behind when it is interrupted, %s %s', async (option, target) => {
    const before = readdirSync(place.folder)
    const hasBegun = () =>
      readdirSync(place.folder, { recursive: true, withFileTypes: true }).some(
        (file) => file.isFile() && statSync(join(file.parentPath, file.name)).size > 1_000_000,
      )
    const { code, stderr } = await millrace(
      place.folder,
      ['generate', 'shop.yaml', '--rows', 'customers=50000000', option, target],
      {
        started: (child) => {
          const timer = setInterval(() => {
            if (!hasBegun()) return
            clearInterval(timer)
            child.kill('SIGINT')
          }, 20)
          child.stdin?.end()
        },
      },
    )
    expect(stderr).toContain('Interrupted by SIGINT: nothing of the data was kept')
    expect(code).toBe(130)
    expect(readdirSync(place.folder)).toEqual(before)
  })

  it.each([0, 5, 20])(
    'ends quietly when nobody reads its output any more, %s ms after it began',
    async (ms) => {
      const { code, stderr } = await millrace(
        place.folder,
        ['generate', 'shop.yaml', '--table', 'customers', '--rows', 'customers=5000000'],
        {
          started: (child) => {
            child.stdin?.end()
            child.stdout?.once('data', () => setTimeout(() => child.stdout?.destroy(), ms))
          },
        },
      )
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    },
  )
})
