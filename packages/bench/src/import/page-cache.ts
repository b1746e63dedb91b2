/** Brings the machine into the state that a run starts from: input cached or not, earlier writes done. */
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs'

const dropCachesPath = '/proc/sys/vm/drop_caches'

/** Reads a file from end to end, so that it is in the page cache. */
function warm(path: string): void {
  const buffer = Buffer.allocUnsafe(4 * 1024 * 1024)
  const file = openSync(path, 'r')
  while (readSync(file, buffer) > 0);
  closeSync(file)
}

/**
 * Drops one file from the page cache. GNU dd advises the kernel so (`posix_fadvise`), which needs no rights.
 * Without GNU dd the whole page cache is dropped, which the superuser may. Throws where neither works.
 */
function cool(path: string): void {
  try {
    execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'], { stdio: 'pipe' })
  } catch {
    try {
      writeFileSync(dropCachesPath, '1')
    } catch {
      throw new Error('the page cache cannot be dropped here: it takes GNU dd, or the superuser on Linux')
    }
  }
}

/** What earlier runs wrote and removed is not paid for by the next one. */
export function settle(csvPath: string, cold: boolean): void {
  if (process.platform !== 'win32') execFileSync('sync')
  if (cold) cool(csvPath)
  else warm(csvPath)
}

/** A read-ahead may have been under way, and parts of the file are skipped by nobody. */
const coldShareMin = 0.9

/** Throws when the input of a cold run came from the page cache after all. */
export function requireCold(inputBytes: number, readBytes: number | undefined): void {
  if (readBytes === undefined || readBytes >= inputBytes * coldShareMin) return
  throw new Error(
    `of the input's ${inputBytes} bytes only ${readBytes} came from the disk: it was still cached`,
  )
}
