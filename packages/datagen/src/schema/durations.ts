/** Moments and spans of time as people write them, in microseconds. Pure. */

export const microsPerSecond = 1_000_000
export const microsPerDay = 86_400 * microsPerSecond

const unitMicros: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1000,
  s: microsPerSecond,
  sec: microsPerSecond,
  second: microsPerSecond,
  m: 60 * microsPerSecond,
  min: 60 * microsPerSecond,
  minute: 60 * microsPerSecond,
  h: 3600 * microsPerSecond,
  hour: 3600 * microsPerSecond,
  d: microsPerDay,
  day: microsPerDay,
  w: 7 * microsPerDay,
  week: 7 * microsPerDay,
  month: 30 * microsPerDay,
  y: 365 * microsPerDay,
  year: 365 * microsPerDay,
}

/** The microseconds of `90m`, `1h30m`, `7 days`, `-1d`; undefined when `text` is no span. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase()
  const sign = trimmed.startsWith('-') ? -1 : 1
  const body = trimmed.replace(/^[-+]/, '')
  if (!/^(?:\d+(?:\.\d+)?\s*[a-z]+\s*)+$/.test(body)) return undefined
  let total = 0
  for (const [, digits = '', word = ''] of body.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const unit = unitMicros[word] ?? unitMicros[word.replace(/s$/, '')]
    if (unit === undefined) return undefined
    total += Number(digits) * unit
  }
  return sign * Math.round(total)
}

/** The microseconds of a time of day (`09:30`, `09:30:15`), or of a span: `90m`, `1 day`, `30` seconds. */
export function parseSpan(text: string): number | undefined {
  const trimmed = text.trim()
  const clock = /^(\d\d?):(\d\d)(?::(\d\d(?:\.\d{1,6})?))?$/.exec(trimmed)
  if (clock === null) return parseDuration(/^\d+$/.test(trimmed) ? `${trimmed}s` : trimmed)
  const seconds = Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0)
  return Math.round(seconds * microsPerSecond)
}

/**
 * The moment that `text` names, in microseconds since 1970, UTC unless it says otherwise: `2024-01-31`,
 * `2024-01-31 12:00:00`, `2024-01-31T12:00:00.5Z`. `now`, `now-30d` are taken from `nowMicros`.
 */
export function parseMoment(text: string, nowMicros: number): number | undefined {
  const trimmed = text.trim()
  const relative = /^now(?:\(\))?\s*([-+].*)?$/i.exec(trimmed)
  if (relative !== null) {
    const offset = relative[1] === undefined ? 0 : parseDuration(relative[1].replaceAll(' ', ''))
    return offset === undefined ? undefined : nowMicros + offset
  }
  if (/^[-+]\s*\d/.test(trimmed)) {
    const offset = parseDuration(trimmed)
    return offset === undefined ? undefined : nowMicros + offset
  }
  const match =
    /^(\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?\s*(Z|[-+]\d\d(?::?\d\d)?)?$/i.exec(
      trimmed,
    )
  if (match === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', digits = '', zone = 'Z'] = match
  const date = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  )
  const isReal = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
  if (!isReal || Number(month) > 12 || Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60)
    return undefined
  const offset = /^z$/i.test(zone) ? 0 : zoneMinutes(zone)
  return (date - offset * 60_000) * 1000 + Number(digits.padEnd(6, '0'))
}

function zoneMinutes(zone: string): number {
  const sign = zone.startsWith('-') ? -1 : 1
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0))
}
