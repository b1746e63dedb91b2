import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
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

describe('a file that is to last', () => {
  it('begins to be synced, leaves no descriptor behind, and is as it was written', async () => {
    const descriptors = () => (fs.existsSync('/proc/self/fd') ? fs.readdirSync('/proc/self/fd').length : 0)
    const before = descriptors()
    const path = join(directory, 'a')
    nodeFileSystem.open(path, 'create').close()
    const file = nodeFileSystem.open(path, 'readWrite')
    const block = new Uint8Array(9 << 20)
    for (let at = 0; at < 4; at++) file.write(block.fill(at + 1), at * block.length)
    file.sync()
    file.close()
    await vi.waitFor(() => expect(descriptors()).toBe(before))
    const written = fs.readFileSync(path)
    expect(written.length).toBe(4 * block.length)
    for (let at = 0; at < 4; at++) {
      const part = written.subarray(at * block.length, (at + 1) * block.length)
      expect(part.equals(block.fill(at + 1))).toBe(true)
    }
  })

  it('can be written to when its name is gone', () => {
    const path = join(directory, 'a')
    nodeFileSystem.open(path, 'create').close()
    const file = nodeFileSystem.open(path, 'readWrite')
    nodeFileSystem.remove(path)
    expect(() => file.write(new Uint8Array(17 << 20), 0)).not.toThrow()
    file.close()
  })
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
