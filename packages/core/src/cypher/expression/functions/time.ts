/**
 * Functions of dates and timestamps. Weeks and days of the week follow ISO 8601, except `dayofweek` (0 is
 * Sunday).
 */

import {
  civilFromDays,
  daysFromCivil,
  microsecondsPerDay,
  parseDate,
  parseTimestamp,
  writtenAs,
} from '../../../values/index.js'
import { nullVector, numberVector, type WorkVector } from '../../vectors/vector.js'
import { laneOf } from '../constants.js'
import {
  type Compiled,
  type Evaluate,
  expectCount,
  expectType,
  type FunctionDefinition,
  type Site,
} from '../definition.js'
import { isOpen } from '../types.js'
import type { NumericVector } from './arithmetic.js'
import { castEvaluate } from './conversion.js'

interface Moment {
  /** Days since 1970-01-01. */
  readonly days: number
  /** Microseconds since midnight. */
  readonly micros: number
}

const parts: Readonly<Record<string, (moment: Moment) => number>> = {
  year: ({ days }) => civilFromDays(days).year,
  quarter: ({ days }) => Math.floor((civilFromDays(days).month + 2) / 3),
  month: ({ days }) => civilFromDays(days).month,
  day: ({ days }) => civilFromDays(days).day,
  dayofweek: ({ days }) => (((days + 4) % 7) + 7) % 7,
  dayofyear: ({ days }) => days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1,
  week: ({ days }) => isoWeek(days),
  hour: ({ micros }) => Math.floor(micros / 3_600_000_000),
  minute: ({ micros }) => Math.floor(micros / 60_000_000) % 60,
  second: ({ micros }) => Math.floor(micros / 1_000_000) % 60,
  millisecond: ({ micros }) => Math.floor(micros / 1000) % 60_000,
  microsecond: ({ micros }) => micros % 60_000_000,
}

/** The week of the year that holds most of the week's days. */
function isoWeek(days: number): number {
  const weekday = (((days + 3) % 7) + 7) % 7
  const thursday = days - weekday + 3
  return Math.floor((thursday - daysFromCivil(civilFromDays(thursday).year, 1, 1)) / 7) + 1
}

function momentAt(vector: NumericVector, row: number, isDate: boolean): Moment {
  const lane = vector.values[row]!
  if (isDate) return { days: Number(lane), micros: 0 }
  if (typeof lane === 'number') {
    const days = Math.floor(lane / microsecondsPerDay)
    return { days, micros: lane - days * microsecondsPerDay }
  }
  const perDay = BigInt(microsecondsPerDay)
  const micros = ((lane % perDay) + perDay) % perDay
  return { days: Number((lane - micros) / perDay), micros: Number(micros) }
}

function extract(operand: Compiled, part: (moment: Moment) => number): Evaluate {
  const isDate = operand.type === 'DATE'
  return (batch) => {
    const vector = operand.evaluate(batch)
    if (vector.kind === 'string' || vector.kind === 'list') return nullVector(batch.rows)
    const values = new Float64Array(batch.rows)
    for (let row = 0; row < batch.rows; row++) {
      if (vector.nulls?.[row] !== 1) values[row] = part(momentAt(vector, row, isDate))
    }
    return numberVector('INT64', values, vector.nulls)
  }
}

function partFunction(name: string): FunctionDefinition {
  return {
    resolve(args, site) {
      expectCount(args, 1, 1, site)
      expectType(args, 0, ['DATE', 'TIMESTAMP'], site)
      return 'INT64'
    },
    compile: ([operand]) => extract(operand!, parts[name]!),
  }
}

/** The part named by a constant string; plural names count too. */
function namedPart(argument: { constant?: unknown } | undefined, site: Site): string {
  const name = String(argument?.constant ?? '').toLowerCase()
  for (const candidate of [name, name.replace(/s$/, '')])
    if (Object.hasOwn(parts, candidate)) return candidate
  return site.fail(`${site.name} knows no part '${name}'`, `The parts are: ${Object.keys(parts).join(', ')}.`)
}

const datePart: FunctionDefinition = {
  resolve(args, site) {
    expectCount(args, 2, 2, site)
    if (!isOpen(args[0]!.type)) namedPart(args[0], site)
    expectType(args, 1, ['DATE', 'TIMESTAMP'], site)
    return 'INT64'
  },
  compile: ([part, operand], site) => extract(operand!, parts[namedPart(part, site)]!),
}

/** `date('2001-02-03')`, `date(timestamp)`: a cast. */
function conversion(type: 'DATE' | 'TIMESTAMP'): FunctionDefinition {
  return {
    resolve(args, site) {
      expectCount(args, 1, 1, site)
      expectType(args, 0, ['STRING', 'DATE', 'TIMESTAMP'], site)
      const text = args[0]!.constant
      // A constant that is no date is noticed before the query runs.
      if (args[0]!.type === 'STRING' && typeof text === 'string') {
        if (
          (type === 'DATE' ? (parseDate(text) ?? parseTimestamp(text)) : parseTimestamp(text)) === undefined
        ) {
          site.fail(`'${text}' is not a ${type}`, writtenAs(type))
        }
      }
      return type
    },
    compile: ([operand], site) => castEvaluate(operand!, type, site),
  }
}

/** Days of the first day of the year, quarter, month or week. */
const truncations: Readonly<Record<string, (days: number) => number>> = {
  year: (days) => daysFromCivil(civilFromDays(days).year, 1, 1),
  quarter: (days) => {
    const { year, month } = civilFromDays(days)
    return daysFromCivil(year, month - ((month - 1) % 3), 1)
  },
  month: (days) => {
    const { year, month } = civilFromDays(days)
    return daysFromCivil(year, month, 1)
  },
  week: (days) => days - ((((days + 3) % 7) + 7) % 7),
  day: (days) => days,
}

/** `date_trunc('month', x)`: the date on which x's month began. */
const dateTrunc: FunctionDefinition = {
  resolve(args, site) {
    expectCount(args, 2, 2, site)
    const name = laneOf(args[0]!.constant)
    if (
      !isOpen(args[0]!.type) &&
      (typeof name !== 'string' || !Object.hasOwn(truncations, name.toLowerCase()))
    ) {
      site.fail(
        `${site.name} cannot cut at '${String(name)}'`,
        `It cuts at: ${Object.keys(truncations).join(', ')}.`,
      )
    }
    expectType(args, 1, ['DATE', 'TIMESTAMP'], site)
    return 'DATE'
  },
  compile(args, site) {
    dateTrunc.resolve(args, site)
    const truncate = truncations[String(args[0]!.constant).toLowerCase()]!
    const days = extract(args[1]!, (moment) => truncate(moment.days))
    return (batch) => ({ ...days(batch), type: 'DATE' }) as WorkVector
  },
}

export const timeFunctions: Readonly<Record<string, FunctionDefinition>> = {
  date: conversion('DATE'),
  timestamp: conversion('TIMESTAMP'),
  date_part: datePart,
  datepart: datePart,
  date_trunc: dateTrunc,
  datetrunc: dateTrunc,
  year: partFunction('year'),
  quarter: partFunction('quarter'),
  month: partFunction('month'),
  day: partFunction('day'),
  dayofweek: partFunction('dayofweek'),
  dayofyear: partFunction('dayofyear'),
  week: partFunction('week'),
  hour: partFunction('hour'),
  minute: partFunction('minute'),
  second: partFunction('second'),
}
