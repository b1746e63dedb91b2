/** What the system refuses is told with what to do about it. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { FileTarget, outputError, StreamTarget } from './target.js'

const folder = mkdtempSync(join(tmpdir(), 'millrace-target-'))
afterAll(() => rmSync(folder, { recursive: true }))

function systemError(code: string, errno: number): Error {
  return Object.assign(new Error(`${code}: write`), { code, errno })
}

describe('a target that fails', () => {
  it('names the disk quota, for which Node.js has no name', () => {
    const error = outputError('out.csv', systemError('UNKNOWN', -constants.errno.EDQUOT))
    expect(error.code).toBe('MILLRACE_DATAGEN_OUTPUT')
    expect(error.message).toBe(
      'out.csv cannot be written: the disk quota is used up. Raise the disk quota, remove files, or write packed with --gzip.',
    )
  })

  it('says what else can be done by cause, as databases do', () => {
    const hintOf = (code: string) => outputError('x', systemError(code, -1)).message
    expect(hintOf('ENOSPC')).toContain('--gzip')
    expect(hintOf('EROFS')).toContain('Choose a place that may be written.')
    expect(hintOf('EFBIG')).toContain('ulimit -f')
    expect(hintOf('EIO')).toContain('The device reported a failure')
    expect(hintOf('ESTRANGE')).toContain('Check the path.')
  })

  it('is a stream: what the system refuses is told so, that the reader has gone is left as it is', async () => {
    const failing = (error: Error) => {
      const stream = new Writable({ write: (_chunk, _encoding, done) => done(error) })
      return new StreamTarget(stream).write(Buffer.from('x'))
    }
    await expect(failing(systemError('ENOSPC', -28))).rejects.toThrow(
      /The output stream cannot be written.*--gzip/,
    )
    await expect(failing(systemError('EPIPE', -32))).rejects.toThrow(/^EPIPE: write$/)
    await expect(failing(new Error('its own'))).rejects.toThrow(/^its own$/)
  })

  it('leaves nothing when it is discarded, and nothing under a name that is a file already', async () => {
    const target = await FileTarget.create(join(folder, 'a.csv'))
    await target.write(Buffer.from('x'))
    await target.discard()
    const inNewFolders = await FileTarget.create(join(folder, 'b/c/d.csv'))
    await inNewFolders.discard()
    writeFileSync(join(folder, 'file'), '')
    await expect(FileTarget.create(join(folder, 'file', 'b.csv'))).rejects.toThrow(
      /A part of the path is a file/,
    )
    expect(readdirSync(folder)).toEqual(['file'])
  })
})
