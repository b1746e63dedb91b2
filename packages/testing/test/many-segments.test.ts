import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const child = fileURLToPath(new URL('children/many-segments.mjs', import.meta.url))

/** Bytes by which the peak memory of a process has grown after each step. */
interface Grown {
  /** Of the descriptors themselves. */
  readonly bytes: number
  readonly commit: number
  readonly checkpoint: number
  readonly open: number
}

function grownBy(groups: number, columns: number): Grown {
  const directory = fs.mkdtempSync(join(tmpdir(), 'millrace-'))
  try {
    const args = [child, join(directory, 'graph.mill'), String(groups), String(columns)]
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Grown
  } finally {
    fs.rmSync(directory, { recursive: true })
  }
}

describe('a wide table of many row groups', () => {
  it('is committed, checkpointed and opened in little more memory than its descriptors have bytes', () => {
    const { bytes, commit, checkpoint, open } = grownBy(400, 1000)
    expect(bytes).toBeGreaterThan(12 << 20)
    // What short-lived objects leave behind.
    const room = 12 << 20
    // Once more, in memory that threads share.
    expect(commit).toBeLessThan(bytes + room)
    expect(checkpoint).toBeLessThan(bytes + room)
    // And as read, while the store that was closed still has its own.
    expect(open).toBeLessThan(2 * bytes + room)
  })
})
