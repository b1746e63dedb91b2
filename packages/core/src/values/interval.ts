/**
 * INTERVAL: months, days and microseconds, kept apart, because a month is not always as many days.
 *
 * 20 bytes, all numbers with the highest byte first:
 *
 * | at | bytes | holds                                                                             |
 * |----|-------|-----------------------------------------------------------------------------------|
 * | 0  | 12    | length in microseconds + 2^95, a month taken for 30 days and a day for 24 hours   |
 * | 12 | 4     | months + 2^31                                                                     |
 * | 16 | 4     | days + 2^31                                                                       |
 *
 * The microseconds are what the length has more than months and days. So intervals sort by their length;
 * those of one length are equal only when they are the same: 30 days and 1 month are not.
 *
 * Texts: amounts with units (`1 year 2 months -3 days`), a clock (`04:05:06.789`), both, or ISO 8601
 * (`P1Y2M3DT4H5M6.789S`). Amounts are whole, those of seconds and less may have a fraction.
 */
import { bigEndian, ofBigEndian } from './bytes-text.js'
import { formatClock } from './calendar.js'

export interface Interval {
  readonly months: number
  readonly days: number
  readonly micros: bigint
}

export const intervalBytes = 20

const lengthBias = 2n ** 95n
const wordBias = 2 ** 31
const microsPerDay = 86_400_000_000n
const microsPerMonth = 30n * microsPerDay
const microsMax = 2n ** 63n

/** Nanoseconds of the units that have any: an amount with a fraction must come out in whole microseconds. */
const nanosOf: Readonly<Record<string, bigint>> = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1000n,
}

/** What the names of units mean: months, days, or nanoseconds as above. */
const units: Readonly<Record<string, { of: 'months' | 'days' | 'micros'; count: bigint }>> =
  Object.fromEntries(
    (
      [
        ['months', 12_000n, 'millennium millennia mil mils'],
        ['months', 1200n, 'century centuries c cent'],
        ['months', 120n, 'decade decades dec decs'],
        ['months', 12n, 'year years yr yrs y'],
        ['months', 3n, 'quarter quarters'],
        ['months', 1n, 'month months mon mons'],
        ['days', 7n, 'week weeks w'],
        ['days', 1n, 'day days d'],
        ['micros', nanosOf.h!, 'hour hours hr hrs h'],
        ['micros', nanosOf.m!, 'minute minutes min mins m'],
        ['micros', nanosOf.s!, 'second seconds sec secs s'],
        ['micros', nanosOf.ms!, 'millisecond milliseconds msec msecs ms'],
        ['micros', nanosOf.us!, 'microsecond microseconds usec usecs us'],
      ] as const
    ).flatMap(([of, count, names]) => names.split(' ').map((name) => [name, { of, count }])),
  )

const part =
  /\s*(?:([+-]?\d{1,19})(?:\.(\d{1,9}))?\s*([a-z]+)|([+-]?)(\d{1,9}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)\s*/iy
const iso =
  /^(-?)P(?:([+-]?\d{1,9})Y)?(?:([+-]?\d{1,9})M)?(?:([+-]?\d{1,9})W)?(?:([+-]?\d{1,9})D)?(?:T(?=[+-\d])(?:([+-]?\d{1,15})H)?(?:([+-]?\d{1,15})M)?(?:([+-]?\d{1,15})(?:\.(\d{1,9}))?S)?)?$/i

/** Sums of what is written, in months, days and nanoseconds. */
class Sum {
  months = 0n
  days = 0n
  nanos = 0n

  add(amount: string, fraction: string, unit: { of: 'months' | 'days' | 'micros'; count: bigint }): boolean {
    const whole = BigInt(amount.replace('+', ''))
    if (unit.of === 'micros') {
      const negative = amount.startsWith('-')
      const billionths = BigInt(fraction.padEnd(9, '0')) * (negative ? -1n : 1n)
      const nanosTimes = (whole * 1_000_000_000n + billionths) * unit.count
      if (nanosTimes % 1_000_000_000n !== 0n) return false
      this.nanos += nanosTimes / 1_000_000_000n
      return true
    }
    if (fraction.replaceAll('0', '') !== '') return false
    if (unit.of === 'months') this.months += whole * unit.count
    else this.days += whole * unit.count
    return true
  }

  finish(sign: bigint): Interval | undefined {
    const [months, days] = [this.months * sign, this.days * sign]
    const inWords = [months, days].every((word) => word >= -wordBias && word < wordBias)
    if (!inWords || this.nanos % 1000n !== 0n) return undefined
    const micros = (this.nanos / 1000n) * sign
    if (micros < -microsMax || micros >= microsMax) return undefined
    return { months: Number(months), days: Number(days), micros }
  }
}

/** The interval that `text` writes, or undefined. */
export function intervalOfText(text: string): Interval | undefined {
  const match = iso.exec(text)
  if (match !== null && text.length > 1 + match[1]!.length) return ofIso(match)
  const sum = new Sum()
  part.lastIndex = 0
  let parts = 0
  while (part.lastIndex < text.length) {
    const found = part.exec(text)
    if (found === null) return undefined
    parts++
    if (found[3] !== undefined) {
      const name = found[3].toLowerCase()
      const unit = Object.hasOwn(units, name) ? units[name]! : undefined
      if (unit === undefined || !sum.add(found[1]!, found[2] ?? '', unit)) return undefined
    } else if (!addClock(sum, found)) return undefined
  }
  return parts === 0 ? undefined : sum.finish(1n)
}

function addClock(sum: Sum, match: RegExpExecArray): boolean {
  const [, , , , sign = '', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match
  if (Number(minutes) > 59 || Number(seconds) > 59) return false
  const amount = (digits: string) => `${sign}${digits}`
  return (
    sum.add(amount(hours), '', units.hour!) &&
    sum.add(amount(minutes), '', units.minute!) &&
    sum.add(amount(seconds), fraction, units.second!)
  )
}

function ofIso(match: RegExpExecArray): Interval | undefined {
  const [, sign, years, months, weeks, days, hours, minutes, seconds, fraction = ''] = match
  const written = { years, months, weeks, days, hours, minutes, seconds }
  const sum = new Sum()
  for (const [unit, amount] of Object.entries(written)) {
    if (amount !== undefined && !sum.add(amount, unit === 'seconds' ? fraction : '', units[unit]!))
      return undefined
  }
  const isEmpty = Object.values(written).every((amount) => amount === undefined)
  return isEmpty ? undefined : sum.finish(sign === '-' ? -1n : 1n)
}

/** The interval as a column holds it. */
export function storedOfInterval({ months, days, micros }: Interval): string {
  const length = BigInt(months) * microsPerMonth + BigInt(days) * microsPerDay + micros
  const words = [months, days].map((word) => bigEndian(BigInt(word + wordBias), 4))
  return bigEndian(length + lengthBias, 12) + words.join('')
}

export function intervalOfStored(stored: string): Interval {
  const months = Number(ofBigEndian(stored, 12, 16)) - wordBias
  const days = Number(ofBigEndian(stored, 16, 20)) - wordBias
  const length = ofBigEndian(stored, 0, 12) - lengthBias
  return { months, days, micros: length - BigInt(months) * microsPerMonth - BigInt(days) * microsPerDay }
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${Math.abs(count) === 1 ? '' : 's'}`
}

/** `1 year 2 months 3 days 04:05:06.789`; `00:00:00` when it is none at all. */
export function textOfInterval({ months, days, micros }: Interval): string {
  const parts: string[] = []
  const years = Math.trunc(months / 12)
  if (years !== 0) parts.push(counted(years, 'year'))
  if (months % 12 !== 0) parts.push(counted(months % 12, 'month'))
  if (days !== 0) parts.push(counted(days, 'day'))
  if (micros !== 0n || parts.length === 0) parts.push(textOfClock(micros))
  return parts.join(' ')
}

function textOfClock(micros: bigint): string {
  const magnitude = micros < 0n ? -micros : micros
  const hours = magnitude / 3_600_000_000n
  const rest = formatClock(Number(magnitude % 3_600_000_000n)).slice(3)
  return `${micros < 0n ? '-' : ''}${String(hours).padStart(2, '0')}:${rest}`
}
