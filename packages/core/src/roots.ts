/**
 * The two superblocks as the root of the file: which of them rules, and how the next one replaces them.
 *
 * Invariants
 * - Outside a checkpoint both are equal. So damage to one of them loses nothing, whichever it is.
 * - A page is written only while the other one is durable. So after a crash at any point one of them is
 *   whole, and they differ by at most one checkpoint; until page 1 is durable, the log still holds what the
 *   older one lacks.
 * - What was read from a file may be in the page cache alone: a sync that fails leaves pages clean that never
 *   reached the disk, for as long as the machine runs. So a page that could be one of those is written again
 *   before the other one is.
 */
import { MillraceError } from './errors/index.js'
import {
  type DecodedSuperblock,
  decodeSuperblock,
  encodeSuperblock,
  formatVersion,
  type Superblock,
  superblockPages,
} from './format/index.js'
import { type File, withIoErrors, wrapIoError } from './io/index.js'
import { pageBytes } from './limits.js'
import { inDoubt, syncOrDoubt } from './wal/index.js'

export interface Roots {
  readonly ruling: Superblock
  /** False when one of the two has to be written again. */
  readonly areEqual: boolean
  /** The page of a superblock that is damaged, while the other one rules; null when both are whole. */
  readonly damagedPage: number | null
}

function readSlot(file: File, page: number): DecodedSuperblock {
  const bytes = new Uint8Array(pageBytes)
  withIoErrors({ operation: 'reading', file: file.path }, () => file.read(bytes, page * pageBytes))
  return decodeSuperblock(bytes, { file: file.path, what: `the superblock in page ${page}` })
}

function notOpenable(file: File, slots: readonly DecodedSuperblock[]): MillraceError {
  const size = file.size()
  if (size === 0)
    return new MillraceError('MILLRACE_NOT_A_DATABASE', { file: file.path, reason: 'it is empty' })
  const [first, second] = slots
  if (slots.every((slot) => slot.kind === 'foreign')) {
    const reason = 'it does not begin as one does'
    return new MillraceError('MILLRACE_NOT_A_DATABASE', { file: file.path, reason })
  }
  const reasonOf = (slot: DecodedSuperblock | undefined) =>
    slot?.kind === 'damaged' ? slot.reason : 'it does not begin as one does'
  const what = `both superblocks: page 0 (${reasonOf(first)}) and page 1 (${reasonOf(second)})`
  return new MillraceError('MILLRACE_CORRUPT', { file: file.path, what })
}

function otherVersionOf(slots: readonly DecodedSuperblock[]): number | undefined {
  for (const slot of slots) if (slot.kind === 'otherVersion') return slot.version
  // Another version may keep its checksum elsewhere: both pages saying so is no accident.
  const versions = slots.map((slot) => (slot.kind === 'damaged' ? slot.version : formatVersion))
  return versions[0] === versions[1] && versions[0] !== formatVersion ? versions[0] : undefined
}

/**
 * Reads both superblocks and decides which rules: the valid one with the higher checkpoint number.
 * @throws MillraceError `MILLRACE_NOT_A_DATABASE`, `MILLRACE_VERSION`, or `MILLRACE_CORRUPT` when neither is
 * whole or when they cannot belong together
 */
export function readRoots(file: File): Roots {
  const slots = Array.from({ length: superblockPages }, (_, page) => readSlot(file, page))
  const version = otherVersionOf(slots)
  if (version !== undefined) {
    throw new MillraceError('MILLRACE_VERSION', { file: file.path, found: version, expected: formatVersion })
  }
  const valid = slots.flatMap((slot) => (slot.kind === 'valid' ? [slot.superblock] : []))
  const [first, second] = valid
  if (first === undefined) throw notOpenable(file, slots)
  if (second === undefined) {
    const damagedPage = slots.findIndex((slot) => slot.kind !== 'valid')
    return { ruling: first, areEqual: false, damagedPage }
  }
  const distance = first.checkpointNumber - second.checkpointNumber
  const sameDatabase = Buffer.compare(first.uuid, second.uuid) === 0
  const areEqual = Buffer.compare(encodeSuperblock(first), encodeSuperblock(second)) === 0
  if (!sameDatabase || Math.abs(distance) > 1 || (distance === 0 && !areEqual)) {
    const numbers = `${first.checkpointNumber} and ${second.checkpointNumber}`
    const what = `the superblocks in pages 0 and 1 (checkpoints ${numbers}) do not belong together`
    throw new MillraceError('MILLRACE_CORRUPT', { file: file.path, what })
  }
  return { ruling: distance >= 0 ? first : second, areEqual, damagedPage: null }
}

/** False when another superblock rules by now. A file that cannot be read says nothing. */
export function rules({ checkpointNumber }: Superblock, file: File): boolean {
  try {
    return readRoots(file).ruling.checkpointNumber === checkpointNumber
  } catch {
    return true
  }
}

function writeSlot(file: File, page: number, superblock: Superblock): void {
  const context = { operation: 'writing', file: file.path, neededBytes: pageBytes }
  withIoErrors(context, () => file.write(encodeSuperblock(superblock), page * pageBytes))
}

/**
 * Writes and syncs one superblock, when nothing can be in doubt: the other one rules, or nobody knows yet.
 */
function putSlot(file: File, page: number, superblock: Superblock): void {
  writeSlot(file, page, superblock)
  try {
    file.sync()
  } catch (error) {
    forgetSlot(file, page)
    throw wrapIoError(error, { operation: 'syncing', file: file.path })
  }
}

/** Has the next open take the superblock for damaged: what is read of it now may never reach the disk. */
function forgetSlot(file: File, page: number): void {
  try {
    file.write(new Uint8Array(pageBytes), page * pageBytes)
  } catch {
    // Then it stays: it is lost only if the power is, too, while the other one is written.
  }
}

/** Makes both superblocks of a new file. */
export function writeRoots(file: File, superblock: Superblock): void {
  for (let page = 0; page < superblockPages; page++) putSlot(file, page, superblock)
}

/**
 * Makes both superblocks `ruling` again, as after a crash in a checkpoint, or damage. Does nothing when both
 * are, and are durable.
 * @param isCheckpointed false when the log that the last checkpoint should have cut is still there: it may
 * have ended before page 1 was durable
 */
export function repairRoots(
  file: File,
  { ruling, areEqual, damagedPage }: Roots,
  isCheckpointed: boolean,
): void {
  if (areEqual && isCheckpointed) return
  if (!areEqual && damagedPage !== 1) putSlot(file, 0, ruling)
  if (damagedPage !== 0) putSlot(file, 1, ruling)
}

/**
 * Replaces the superblock `current` by `next`.
 * @throws MillraceError `MILLRACE_IO` or `MILLRACE_DISK_FULL` when `current` still rules; `MILLRACE_IN_DOUBT`
 * when it is not known which does
 */
export function replaceRoots(file: File, current: Superblock, next: Superblock): void {
  try {
    writeSlot(file, 0, next)
  } catch (error) {
    // Part of it may be in the file. Were it left, it could rule after a crash, without the log written
    // since.
    try {
      writeSlot(file, 0, current)
      file.sync()
    } catch (restoring) {
      throw inDoubt(file.path, restoring)
    }
    throw error
  }
  syncOrDoubt(file)
  try {
    writeSlot(file, 1, next)
  } catch (error) {
    throw inDoubt(file.path, error)
  }
  syncOrDoubt(file)
}
