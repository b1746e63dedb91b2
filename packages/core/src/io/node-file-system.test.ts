import { execFileSync } from 'node:child_process'
import builtin, * as fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { wrapIoError } from './io-error.js'
import { nodeFileSystem, readFully, writeFully } from './node-file-system.js'

let directory: string
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'millrace-io-'))
})
afterEach(() => fs.rmSync(directory, { recursive: true }))

describe('reading and writing', () => {
  it('go on after short counts', () => {
    const disk = new Uint8Array(100)
    const moves: number[] = []
    writeFully(
      (view, position) => {
        const length = Math.min(7, view.length)
        disk.set(view.subarray(0, length), position)
        moves.push(length)
        return length
      },
      new Uint8Array(30).fill(5),
      11,
    )
    expect(moves).toEqual([7, 7, 7, 7, 2])
    expect([disk[10], disk[11], disk[40], disk[41]]).toEqual([0, 5, 5, 0])
    const target = new Uint8Array(50)
    const length = readFully(
      (view, position) => {
        const part = disk.subarray(position, Math.min(position + 9, 60))
        view.set(part.subarray(0, view.length))
        return Math.min(part.length, view.length)
      },
      target,
      20,
    )
    expect(length).toBe(40)
    expect(target[20]).toBe(5)
    expect(target[21]).toBe(0)
  })

  it('end with an error when nothing is written any more', () => {
    expect(() => writeFully(() => 0, new Uint8Array(3), 0)).toThrow(/write returned 0 of 3 bytes/)
  })

  it('take views of shared memory, at any place of a file', () => {
    const file = nodeFileSystem.open(join(directory, 'a'), 'readWriteCreate')
    const shared = new Uint8Array(new SharedArrayBuffer(64)).fill(9)
    file.write(shared.subarray(10, 20), 5000)
    file.sync()
    expect(file.size()).toBe(5010)
    const target = new Uint8Array(new SharedArrayBuffer(20))
    expect(file.read(target, 4995)).toBe(15)
    expect([...target.subarray(4, 7)]).toEqual([0, 9, 9])
    file.truncate(3)
    expect(file.read(target, 0)).toBe(3)
    file.close()
    file.close()
  })
})

/** What `node:fs` exports, for all who import it. */
function replaceFdatasync(fdatasync: (descriptor: number, callback: fs.NoParamCallback) => void): void {
  Object.assign(builtin, { fdatasync })
  syncBuiltinESMExports()
}

describe('a sync that is started', () => {
  it('leaves all as it was written, and counts what was written since', async () => {
    const path = join(directory, 'a')
    const file = nodeFileSystem.open(path, 'create')
    const block = new Uint8Array(1 << 20)
    file.write(block.fill(1), 0)
    expect(file.unsyncedBytes).toBe(block.length)
    const started = file.startSync()
    file.write(block.fill(2), block.length)
    expect(file.unsyncedBytes).toBe(block.length)
    await started
    file.sync()
    expect(file.unsyncedBytes).toBe(0)
    file.close()
    const written = fs.readFileSync(path)
    expect(written.length).toBe(2 * block.length)
    expect(written.subarray(block.length).equals(block)).toBe(true)
    expect(written.subarray(0, block.length).equals(block.fill(1))).toBe(true)
  })

  it.runIf(process.platform === 'linux')(
    'and fails is not forgotten: no later sync succeeds, though the system would say so',
    async () => {
      const file = nodeFileSystem.open(join(directory, 'a'), 'create')
      file.write(new Uint8Array(10), 0)
      const real = builtin.fdatasync
      replaceFdatasync((_, callback) => {
        setImmediate(callback, Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))
      })
      const started = file.startSync()
      // How it ends is not known yet.
      expect(() => file.sync()).toThrow(/EBUSY/)
      await started
      replaceFdatasync(real)
      expect(() => file.sync()).toThrow(/EIO/)
      await file.startSync()
      expect(() => file.sync()).toThrow(/EIO/)
      file.close()
    },
  )
})

describe('opening', () => {
  it('refuses what is not a regular file, and does not wait for it', () => {
    expect(() => nodeFileSystem.open(directory, 'read')).toThrow(/EISDIR/)
    const fifo = join(directory, 'fifo')
    execFileSync('mkfifo', [fifo])
    expect(() => nodeFileSystem.open(fifo, 'read')).toThrow(/not a regular file/)
  })

  it('creates only where that is wanted', () => {
    const path = join(directory, 'a')
    expect(() => nodeFileSystem.open(path, 'readWrite')).toThrow(/ENOENT/)
    nodeFileSystem.open(path, 'create').close()
    expect(() => nodeFileSystem.open(path, 'create')).toThrow(/EEXIST/)
    nodeFileSystem.open(path, 'readWriteCreate').close()
    nodeFileSystem.remove(path)
    nodeFileSystem.remove(path)
    expect(nodeFileSystem.exists(path)).toBe(false)
  })
})

describe('a real path', () => {
  it('is found through links, also where the file is still missing', () => {
    const real = fs.realpathSync(directory)
    fs.mkdirSync(join(directory, 'sub'))
    fs.symlinkSync('sub', join(directory, 'link'))
    fs.symlinkSync(join('link', 'db.mill'), join(directory, 'a.mill'))
    expect(nodeFileSystem.realPath(join(directory, 'a.mill'))).toBe(join(real, 'sub', 'db.mill'))
    fs.writeFileSync(join(directory, 'sub', 'db.mill'), '')
    expect(nodeFileSystem.realPath(join(directory, 'a.mill'))).toBe(join(real, 'sub', 'db.mill'))
  })

  it('is refused where links go in a circle', () => {
    fs.symlinkSync('b', join(directory, 'a'))
    fs.symlinkSync('a', join(directory, 'b'))
    expect(() => nodeFileSystem.realPath(join(directory, 'a'))).toThrow(/ELOOP/)
  })
})

describe('an error of the system', () => {
  it('that the disk is full names the file, the bytes needed and those available', () => {
    const file = join(directory, 'x.mill')
    const error = wrapIoError(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }), {
      operation: 'writing',
      file,
      neededBytes: 8192,
    })
    expect(error.code).toBe('MILLRACE_DISK_FULL')
    expect(error.message).toMatch(/x\.mill: 8192 bytes were needed, \d+ are available/)
  })

  it('that the quota is used up is told by its number: Node has no name for it', () => {
    const failure = Object.assign(new Error('UNKNOWN: unknown error, write'), {
      code: 'UNKNOWN',
      errno: -constants.errno.EDQUOT,
    })
    const error = wrapIoError(failure, { operation: 'writing', file: '/x.mill', neededBytes: 4096 })
    expect(error.code).toBe('MILLRACE_DISK_FULL')
    expect(error.message).toMatch(/4096 bytes were needed, as many as the disk quota allows are available/)
  })

  it('of another kind says what was done and what to do', () => {
    const error = wrapIoError(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }), {
      operation: 'opening',
      file: '/x',
    })
    expect(error.message).toBe(
      "opening failed on /x: EACCES: permission denied. Check the file's permissions.",
    )
    expect(wrapIoError(error, { operation: 'again', file: '/y' })).toBe(error)
  })
})
