/** Brings the machine into the state that a run starts from: input cached or not, earlier writes done. */
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readSync } from 'node:fs'

/** Reads a file from end to end, so that it is in the page cache. */
function warm(path: string): void {
  const buffer = Buffer.allocUnsafe(4 * 1024 * 1024)
  const file = openSync(path, 'r')
  while (readSync(file, buffer) > 0);
  closeSync(file)
}

/** Drops one file from the page cache. GNU dd advises the kernel so; no rights are needed. */
function cool(path: string): void {
  execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'])
}

/** What earlier runs wrote and removed is not paid for by the next one. */
export function settle(csvPath: string, cold: boolean): void {
  if (process.platform !== 'win32') execFileSync('sync')
  if (cold) cool(csvPath)
  else warm(csvPath)
}
