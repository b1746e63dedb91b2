import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import {
  acquireLock,
  BufferPool,
  checkTable,
  lockPathOf,
  MemoryBudget,
  type NodeTable,
  nodeFileSystem,
  planTable,
  type RelTable,
  removeLockOfThread,
  Snapshot,
  Store,
} from '@millrace/core/internal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dose } from './workload.js'

const child = fileURLToPath(new URL('children/open-store.mjs', import.meta.url))

let directory: string
let path: string
const children: ChildProcess[] = []
const stores: Store[] = []

beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'millrace-'))
  path = join(directory, 'graph.mill')
})

afterEach(() => {
  for (const process of children.splice(0)) process.kill('SIGKILL')
  for (const store of stores.splice(0)) store.close()
  fs.rmSync(directory, { recursive: true })
})

function open(at = path, readOnly = false): Store {
  const store = Store.open(at, { pool: BufferPool.create(1 << 20), readOnly })
  stores.push(store)
  return store
}

interface Started {
  readonly process: ChildProcess
  readonly line: string
  /** All that it has said so far, its first line included. */
  said(): string
}

/** Starts a process that opens the database; resolves with its first line. */
function start(then: 'wait' | 'exit' | 'commit' | 'write', at = path): Promise<Started> {
  const process = spawn(globalThis.process.execPath, [child, at, then], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(process)
  let text = ''
  return new Promise((resolve) => {
    process.stdout!.on('data', (data: Buffer) => {
      text += data.toString()
      if (text.includes('\n')) resolve({ process, line: text.split('\n')[0]!, said: () => text })
    })
  })
}

/** Kills a process, and waits until everything that it said before is read. */
function kill(process: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    process.once('close', () => resolve())
    process.kill('SIGKILL')
  })
}

/** Runs `action` while every call of `call` fails, on this thread. */
function withFailing(call: 'openSync' | 'rmSync', code: string, action: () => void): void {
  const builtin = createRequire(import.meta.url)('node:fs') as typeof fs
  const real = builtin[call]
  const replaceBy = (implementation: unknown) => {
    Object.assign(builtin, { [call]: implementation })
    syncBuiltinESMExports()
  }
  replaceBy(() => {
    throw Object.assign(new Error(`${code}: made by a test`), { code })
  })
  try {
    action()
  } finally {
    replaceBy(real)
  }
}

const locked = (pid: number) =>
  expect.objectContaining({
    code: 'MILLRACE_LOCKED',
    message: expect.stringContaining(`locked by pid ${pid} `),
  })

describe('the lock', () => {
  it('refuses a second opening in the same process, at once', () => {
    open()
    expect(() => open()).toThrow(locked(process.pid))
  })

  it('refuses it from another process, which is told who holds it', async () => {
    open()
    const { line } = await start('wait')
    expect(line).toMatch(`MILLRACE_LOCKED: ${path} is locked by pid ${process.pid} on `)
  })

  it('refuses it from another thread of the process', async () => {
    open()
    const worker = new Worker(new URL('children/open-store.mjs', import.meta.url), {
      argv: [path, 'wait'],
      stdout: true,
    })
    const line = await new Promise((resolve) =>
      worker.stdout.once('data', (data: Buffer) => resolve(data.toString())),
    )
    await worker.terminate()
    expect(line).toMatch(`MILLRACE_LOCKED: ${path} is locked by pid ${process.pid} on `)
  })

  it('is the same through a link, to the file or to its directory', () => {
    open()
    const link = join(directory, 'other.mill')
    fs.symlinkSync(path, link)
    expect(() => open(link)).toThrow(locked(process.pid))
    fs.symlinkSync(directory, join(directory, 'elsewhere'))
    expect(() => open(join(directory, 'elsewhere', 'graph.mill'))).toThrow(locked(process.pid))
  })

  it('is where a link points to, though nothing is there yet', () => {
    const link = join(directory, 'link.mill')
    fs.symlinkSync('graph.mill', link)
    expect(open(link).path).toBe(join(fs.realpathSync(directory), 'graph.mill'))
    expect(() => open()).toThrow(locked(process.pid))
  })

  it('does not keep readers out', () => {
    const store = open()
    const columns = [{ name: 'id', type: 'INT64' as const }]
    store.commit({
      kind: 'createTable',
      table: planTable(store.catalog, { kind: 'node', name: 'A', columns, keyColumn: 0 }),
    })
    expect(open(path, true).catalog.tables.map((table) => table.name)).toEqual(['A'])
  })

  it('is gone after closing, with everything but the database', () => {
    open().close()
    expect(fs.readdirSync(directory)).toEqual(['graph.mill'])
  })

  it('of a killed process is taken over at once', async () => {
    const { process, line } = await start('wait')
    expect(line).toBe('open')
    expect(() => open()).toThrow(locked(process.pid!))
    await kill(process)
    expect(fs.existsSync(lockPathOf(path))).toBe(true)
    open().close()
    expect(fs.readdirSync(directory)).toEqual(['graph.mill'])
  })

  it('of a process that ended without closing is taken over, though its pid is in use again', async () => {
    await start('exit')
    const { line } = await start('wait', join(directory, 'another.mill'))
    expect(line).toBe('open')
    const lock = JSON.parse(fs.readFileSync(lockPathOf(join(directory, 'another.mill')), 'utf8'))
    // As if a process with our pid, started at another time, had left it.
    const left = { ...lock, pid: process.pid, startTime: '1' }
    fs.writeFileSync(lockPathOf(path), JSON.stringify(left))
    if (lock.startTime !== null) open()
  })

  it('of another host is never taken over', () => {
    open().close()
    const since = new Date().toISOString()
    const left = {
      pid: 1,
      host: 'elsewhere',
      startTime: '1',
      boot: 'x',
      pidNamespace: 'y',
      since,
      nonce: 'z',
    }
    fs.writeFileSync(lockPathOf(path), JSON.stringify(left))
    expect(() => open()).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`remove ${lockPathOf(fs.realpathSync(path))}`),
      }),
    )
  })

  it.runIf(process.platform !== 'win32')('that is no lock file is not waited for, and named', () => {
    open().close()
    const lockPath = lockPathOf(path)
    const makers = [
      () => execFileSync('mkfifo', [lockPath]),
      () => fs.mkdirSync(lockPath),
      () => fs.symlinkSync(lockPath, lockPath),
      () => fs.writeFileSync(lockPath, 'x'.repeat(1 << 20)),
      () => fs.writeFileSync(lockPath, '{"pid":1e300,"nonce":7}'),
    ]
    for (const make of makers) {
      make()
      expect(() => open()).toThrow(expect.objectContaining({ code: 'MILLRACE_LOCKED' }))
      open(path, true).close()
      fs.rmSync(lockPath, { recursive: true })
    }
    open().close()
  })

  it('is given up by a process that can open no further file', () => {
    const store = open()
    withFailing('openSync', 'EMFILE', () => store.close())
    expect(fs.existsSync(lockPathOf(path))).toBe(false)
    open()
  })

  it('that another has put in the place of ours is not removed', () => {
    const held = acquireLock(path)
    const other = fs.readFileSync(lockPathOf(path), 'utf8').replace(/"nonce":"./, '"nonce":"~')
    fs.rmSync(lockPathOf(path))
    fs.writeFileSync(lockPathOf(path), other)
    held.release()
    expect(fs.readFileSync(lockPathOf(path), 'utf8')).toBe(other)
  })

  it('left by an earlier run of this machine is taken over', () => {
    const held = acquireLock(path)
    const lock = JSON.parse(fs.readFileSync(lockPathOf(path), 'utf8'))
    held.release()
    fs.writeFileSync(lockPathOf(path), JSON.stringify({ ...lock, boot: 'another', nonce: 'n' }))
    if (lock.boot !== null) open()
  })

  it('of a thread that was terminated is removed by the thread that watched it', async () => {
    const worker = new Worker(new URL('children/open-store.mjs', import.meta.url), {
      argv: [path, 'wait'],
      stdout: true,
    })
    await new Promise((resolve) => worker.stdout.once('data', resolve))
    const { threadId } = worker
    await worker.terminate()
    expect(() => open()).toThrow(locked(process.pid))
    removeLockOfThread(path, threadId + 1)
    expect(() => open()).toThrow(locked(process.pid))
    // Whoever gives up the lock of another has an error to tell of already.
    withFailing('rmSync', 'EIO', () => removeLockOfThread(path, threadId))
    expect(() => open()).toThrow(locked(process.pid))
    removeLockOfThread(path, threadId)
    open()
  })

  it('goes to exactly one of several processes that find a dead owner', async () => {
    const { process } = await start('wait')
    await kill(process)
    const lines = await Promise.all(Array.from({ length: 4 }, async () => (await start('wait')).line))
    expect(lines.filter((line) => line === 'open')).toHaveLength(1)
    expect(lines.filter((line) => line.startsWith('MILLRACE_LOCKED'))).toHaveLength(3)
  })
})

/** Lets a child work, kills it, and returns the greatest number that it said was durable. */
async function killed(
  then: 'commit' | 'write',
  when: { readonly commits: number; readonly milliseconds: number },
): Promise<number> {
  const { process, said } = await start(then)
  const numbers = () => Array.from(said().matchAll(/durable (\d+)\n/g), ([, number]) => Number(number))
  while (numbers().length < when.commits) await once(process.stdout!, 'data')
  await new Promise((resolve) => setTimeout(resolve, when.milliseconds))
  await kill(process)
  return Math.max(0, ...numbers())
}

describe('a process killed while it commits', () => {
  it('of small writes and their merges loses nothing that it said was durable, however often', async () => {
    let before = 0
    const lives = Array.from({ length: dose }, () => [3, 9, 6, 14, 1, 11]).flat()
    for (const commits of lives) {
      const durable = Math.max(before, await killed('write', { commits, milliseconds: commits % 4 }))
      const store = Store.open(path, { pool: BufferPool.create(1 << 20) })
      const { catalog } = store
      const options = { budget: new MemoryBudget(1 << 26), cacheBytes: 1 << 20 }
      const snapshot = new Snapshot({ catalog, delta: store.delta }, store.reader, options)
      for (const table of catalog.tables) expect([...checkTable(snapshot, table)]).toEqual([])
      const [nodes, rels] = catalog.tables as [NodeTable | undefined, RelTable | undefined]
      before = nodes === undefined ? 0 : snapshot.nodes(nodes).rowCount
      expect(before === durable || before === durable + 1, `${before}, said ${durable}`).toBe(true)
      if (nodes !== undefined && rels !== undefined && before > 0) {
        const reader = snapshot.nodes(nodes)
        const first = Math.max(0, before - 10)
        expect(reader.liveRowCount).toBe(before - first)
        expect(reader.lookup(before - 1)).toBe(before - 1)
        if (first > 0) expect(reader.lookup(first - 1)).toBe(-1)
        expect(snapshot.rels(rels).liveRowCount).toBe(before - first - 1)
      }
      store.close()
    }
    expect(before).toBeGreaterThan(40)
  })

  it.each([20, 45, 70])(
    'loses nothing that it said was durable (killed after %i ms)',
    async (milliseconds) => {
      const durable = await killed('commit', { commits: 0, milliseconds })
      const { tables } = open().catalog
      expect(tables.length === durable || tables.length === durable + 1).toBe(true)
      expect(tables.map((table) => table.name)).toEqual(tables.map((_, index) => `T${index + 1}`))
    },
  )
})

describe('a path that holds no database', () => {
  it.each([
    ['a directory', () => fs.mkdirSync(path), /Name a file, not a directory/],
    ['in a directory that is not there', () => (path = join(directory, 'none', 'x.mill')), /Check the path/],
  ])('is refused: %s', (_, prepare, message) => {
    prepare()
    expect(() => open()).toThrow(message)
    expect(fs.readdirSync(directory).filter((name) => name.includes('lock'))).toEqual([])
  })

  it('is what is said, also when the lock cannot be given up', () => {
    fs.writeFileSync(path, 'no database '.repeat(2000))
    const release = () => {
      throw Object.assign(new Error('EIO: made by a test'), { code: 'EIO' })
    }
    const fileSystem = { ...nodeFileSystem, lock: () => ({ release }) }
    const opening = () => Store.open(path, { pool: BufferPool.create(1 << 20), fileSystem })
    expect(opening).toThrow(expect.objectContaining({ code: 'MILLRACE_NOT_A_DATABASE' }))
  })

  it('is not created by a read-only opening', () => {
    expect(() => open(path, true)).toThrow(expect.objectContaining({ code: 'MILLRACE_IO' }))
    expect(fs.readdirSync(directory)).toEqual([])
  })
})
