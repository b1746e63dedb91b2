import { closeSync, copyFileSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkplace, loadTowns, millrace, type Workplace } from './command.js'

let place: Workplace
beforeAll(async () => {
  place = createWorkplace()
  await loadTowns(place)
})
afterAll(() => place.dispose())

/** Flips a bit in every page of `path` that is no superblock. */
function damage(path: string): void {
  const bytes = readFileSync(path)
  const file = openSync(path, 'r+')
  for (let page = 2; page * 4096 < bytes.length; page++) {
    writeSync(file, Uint8Array.of(bytes[page * 4096]! ^ 1), 0, 1, page * 4096)
  }
  closeSync(file)
}

describe('millrace inspect', () => {
  it('shows tables, rows, encodings and sizes', async () => {
    const { code, stdout, stderr } = await millrace(place.folder, ['inspect', 'towns.mill'])
    expect(stdout).toMatch(/Town.*node.*3/)
    expect(stdout).toMatch(/Road.*rel.*4/)
    for (const column of ['id', 'name', 'inhabitants', 'height', 'founded', 'coastal', 'length']) {
      expect(stdout).toContain(column)
    }
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  it('tells a program the same as JSON', async () => {
    const { stdout } = await millrace(place.folder, ['inspect', 'towns.mill', '--format', 'json'])
    const report = JSON.parse(stdout)
    expect(report.fileBytes).toBe(statSync(place.path('towns.mill')).size)
    expect(report.fileBytes).toBe(report.pages * 4096)
    expect(report.freePages).toBeGreaterThanOrEqual(0)
    expect(report.tables.map(({ name, kind, rows }: never) => [name, kind, rows])).toEqual([
      ['Town', 'node', 3],
      ['Road', 'rel', 4],
    ])
    const segments = report.tables[0].columns.map(({ name, segments }: never) => [name, segments])
    expect(segments).toHaveLength(6)
    for (const [, byEncoding] of segments) expect(Object.values(byEncoding as object)).toEqual([1])
  })

  it('counts what is deleted apart', async () => {
    const path = place.path('fewer.mill')
    copyFileSync(place.path('towns.mill'), path)
    await millrace(place.folder, ['query', 'fewer.mill', 'MATCH (t:Town {id: 1}) DETACH DELETE t'])
    const { stdout } = await millrace(place.folder, ['inspect', 'fewer.mill', '--check'])
    expect(stdout).toMatch(/Town.*2 rows and 1 deleted/)
    // Most of the run was deleted: the checkpoint has made it anew.
    expect(stdout).toMatch(/Road.*, 1 row, /)
    expect(stdout).toContain('no problem found')
  })

  it('finds nothing wrong with a sound file', async () => {
    const { code, stdout } = await millrace(place.folder, ['inspect', 'towns.mill', '--check'])
    expect(stdout).toMatch(/checked/i)
    expect(code).toBe(0)
  })

  it('names table, column and page of what is damaged and exits 1', async () => {
    const path = place.path('damaged.mill')
    copyFileSync(place.path('towns.mill'), path)
    damage(path)
    const { code, stdout, stderr } = await millrace(place.folder, ['inspect', 'damaged.mill', '--check'])
    expect(code).toBe(1)
    expect(stdout + stderr).toMatch(/MILLRACE_CORRUPT/)
  })

  it('refuses what is no database', async () => {
    const { code, stderr } = await millrace(place.folder, ['inspect', 'towns.csv'])
    expect(code).toBe(1)
    expect(stderr).toContain('error [MILLRACE_NOT_A_DATABASE]')
  })

  it('makes no file of a wrong name', async () => {
    const { code } = await millrace(place.folder, ['inspect', 'absent.mill'])
    expect(code).toBe(1)
    expect(() => statSync(place.path('absent.mill'))).toThrow()
  })
})
