/**
 * Quantities as people write and read them. Pure functions.
 *
 * - Bytes are printed in powers of 1000 (kB, MB, GB), as disks and networks are.
 * - What is read accepts both: `160MB` is 160,000,000 bytes, `160MiB` is 167,772,160.
 */

const bytesByUnit: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/**
 * The bytes that `text` names (`160MB`, `64 MiB`, `4096`), or undefined when it names none. Units in any
 * case.
 */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim())
  const unitBytes = match === null ? undefined : bytesByUnit[match[2]!.toLowerCase()]
  if (match === null || unitBytes === undefined) return undefined
  const bytes = Math.round(Number(match[1]) * unitBytes)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** `105.8 MB` */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB', 'PB']
  let value = bytes / 1000
  let unit = 0
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value.toFixed(1)} ${units[unit]}`
}

/** `3,000,000` */
export function formatCount(count: number | bigint): string {
  return count.toLocaleString('en-US')
}

/** `3,376 rows`, `1 row` */
export function formatRows(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'row' : 'rows'}`
}

/** `12 ms`, `3.1 s`, `2 min 05 s` */
export function formatDuration(elapsedMs: number): string {
  if (elapsedMs < 1000) return `${Math.round(elapsedMs)} ms`
  if (elapsedMs < 99_950) return `${(elapsedMs / 1000).toFixed(1)} s`
  const seconds = Math.round(elapsedMs / 1000)
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}

/** How many of something a second, given how many in how long. */
export function perSecond(amount: number, elapsedMs: number): number {
  return elapsedMs <= 0 ? 0 : (amount * 1000) / elapsedMs
}

/** `1,234,567 rows/s` */
export function formatRowRate(rows: number, elapsedMs: number): string {
  return `${formatCount(Math.round(perSecond(rows, elapsedMs)))} rows/s`
}

/** `98.7 MB/s` */
export function formatByteRate(bytes: number, elapsedMs: number): string {
  return `${formatBytes(Math.round(perSecond(bytes, elapsedMs)))}/s`
}
