/** Results as the benches keep them, with made-up numbers that are easy to follow. */
import type { CgroupRecord } from '../cgroup/index.js'
import type { GenerateRecord } from '../generate/index.js'
import type { GrowthRecord } from '../growth/index.js'
import { type ImportRecord, type ImportRun, medians } from '../import/index.js'
import type { MemoryRecord } from '../memory/index.js'
import type { PeersRecord } from '../peers/index.js'
import { ratiosOf } from '../peers/pairs.js'
import type { ReadRecord, ReadRun } from '../read/index.js'
import { readRatiosOf, sideOf } from '../read/measure.js'
import type { ScalingRecord } from '../scaling/index.js'
import type { TogetherRecord } from '../together/index.js'
import type { MicroRecord, Records } from './figures.js'

const machine = {
  cpu: 'Millwheel 2',
  cores: 2,
  memoryBytes: 8 * 1024 ** 3,
  system: 'Linux 6 x64',
  node: '20.20.2',
  commit: 'abc1234',
}

export function run(importMs: number, more: Partial<ImportRun> = {}): ImportRun {
  return {
    importMs,
    closeMs: 10,
    processMs: importMs + 100,
    peakRssBytes: 150e6,
    databaseBytes: 100e6,
    timings: { readMs: importMs / 10, parseMs: importMs / 2, waitForSlotsMs: 3, blocksReparsed: 4 },
    ...more,
  }
}

export function importRecord(startedAt: string, importMs: number, options = {}): ImportRecord {
  const input = { rows: 5_000_000, inputBytes: 250e6 }
  const runs = [run(importMs)]
  return {
    startedAt,
    machine,
    options: { scale: 1, cold: false, ...options },
    cases: [{ name: 'N2', title: 'nodes', ...input, runs, medians: medians(input, runs) }],
  }
}

export function peersRecord(startedAt: string): PeersRecord {
  const input = { rows: 10_000_000, inputBytes: 200e6 }
  const ours = [run(1000), run(2000), run(1000)]
  const theirs = [run(5000, { timings: {} }), run(14_000, { timings: {} }), run(6000, { timings: {} })]
  const side = (runs: ImportRun[]) => ({ runs, medians: medians(input, runs) })
  const pair = (name: string, title: string) => ({
    rival: { name, title },
    ours: side(ours),
    theirs: side(theirs),
    ratios: ratiosOf(ours, theirs),
  })
  return {
    startedAt,
    machine,
    options: { scale: 1, cold: false },
    unavailable: [],
    cases: [
      {
        name: 'E1',
        title: 'narrow relationships',
        ...input,
        // Not in the order in which they are shown.
        pairs: [pair('disk', 'cp + sync'), pair('duckdb', 'DuckDB'), pair('kuzu', 'Kùzu')],
        failures: [{ rival: 'Polars to Parquet', reason: 'it could not' }],
      },
    ],
  }
}

export function memoryRecord(startedAt: string): MemoryRecord {
  const point = (rows: number, memoryBudget?: number) => {
    const input = { rows, inputBytes: rows * 264 }
    const runs = [run(rows / 1000)]
    const budget = memoryBudget === undefined ? {} : { memoryBudget }
    return { ...input, ...budget, runs, medians: medians(input, runs), peakRssBytesMax: 160e6 }
  }
  return {
    startedAt,
    machine,
    options: { scale: 1, cold: false },
    points: [point(4_000_000, 64 * 1024 ** 2), point(400_000), point(4_000_000)],
  }
}

export function microRecord(startedAt: string, suite: string): MicroRecord {
  const figure = { bytesPerSecond: 1.5e9, valuesPerSecond: 30e6, ofCopy: 0.25, marginPercent: 1 }
  return { startedAt, machine, figures: [{ suite, name: `${suite} something`, ...figure }] }
}

const input = { rows: 5_000_000, inputBytes: 250e6 }
const options = { scale: 1, cold: false }
const nodes = { name: 'N2', title: 'nodes', ...input } as const

export function scalingRecord(startedAt: string): ScalingRecord {
  const several = [run(1000, { cpuMs: 1900 })]
  const one = [run(1800, { cpuMs: 1850 })]
  const pairs = {
    rival: { name: 'one', title: '1 thread' },
    ours: { runs: several, medians: medians(input, several) },
    theirs: { runs: one, medians: medians(input, one) },
    ratios: ratiosOf(several, one),
  }
  return { startedAt, machine, options, cases: [{ ...nodes, by: 'threads', count: 2, pairs }] }
}

export function readRecord(startedAt: string): ReadRecord {
  const readRun = (readMs: number): ReadRun => {
    return { rows: 5_000_000, readMs, processMs: readMs + 100, cpuMs: readMs, peakRssBytes: 160e6 }
  }
  const ours = [readRun(500), readRun(600), readRun(500)]
  const theirs = [readRun(5000), readRun(12_000), readRun(7000)]
  const pair = (name: string, title: string) => ({
    rival: { name, title },
    ours: sideOf(ours),
    theirs: sideOf(theirs),
    ratios: readRatiosOf(ours, theirs),
  })
  const size = (inputBytes: number) => ({
    ...{ rows: inputBytes / 250, inputBytes },
    ...sideOf([readRun(inputBytes / 1e6)]),
    peakRssBytesMax: 165e6,
  })
  const pairs = [pair('csv-parse', 'csv-parse'), pair('csv-parser', 'csv-parser')]
  return {
    startedAt,
    machine,
    options,
    unavailable: [],
    cases: [{ ...nodes, pairs, failures: [] }],
    sizes: [size(1e9), size(1e8)],
  }
}

export function cgroupRecord(startedAt: string): CgroupRecord {
  const runs = [{ ...run(3000), groupPeakBytes: 512 * 1024 ** 2 }]
  const done = { runs, failures: [], medians: medians(input, runs), groupPeakBytesMax: 512 * 1024 ** 2 }
  const killed = { runs: [], failures: ['killed: out of memory'], groupPeakBytesMax: 0 }
  const limit = (mebibytes: number) => ({ ...nodes, limitBytes: mebibytes * 1024 ** 2 })
  return {
    startedAt,
    machine,
    options,
    points: [
      { ...limit(64), ...killed },
      { ...limit(512), ...done },
    ],
  }
}

export function togetherRecord(startedAt: string): TogetherRecord {
  const kept = { elapsedMs: 2500, importMs: [2000, 2200] }
  const runs = [{ ...kept, peakRssBytes: [230e6] }]
  const both = { cases: ['N3', 'N4'], rows: [5_000_000, 5_000_000], inputBytes: 1600e6 } as const
  const point = { ...both, way: 'one process', runs, ...kept, peakRssBytesMax: [230e6] } as const
  return { startedAt, machine, options, points: [point] }
}

export function growthRecord(startedAt: string): GrowthRecord {
  const runs = [run(20_000, { writtenBytes: 300e6 })]
  const step = { runs, medians: medians(input, runs), spilledBytes: 200e6, diskBytesMax: 310e6 }
  return {
    startedAt,
    machine,
    options,
    steps: [{ name: 'G1', title: 'many nodes', ...input, ...step }],
  }
}

export function generateRecord(startedAt: string): GenerateRecord {
  const kept = { elapsedMs: 2000, processMs: 2100, cpuMs: 3900 }
  const runs = [{ ...kept, peakRssBytes: 120e6 }]
  const point = { name: 'csv', title: 'CSV', rows: 5_000_000, bytes: 750e6, runs, ...kept } as const
  return { startedAt, machine, options, points: [{ ...point, peakRssBytesMax: 120e6 }] }
}

export const sampleRecords: Records = {
  imports: [
    importRecord('2026-01-01T10:00:00Z', 500),
    importRecord('2026-01-01T11:00:00Z', 800, { memory: 64 }),
    importRecord('2026-01-01T12:00:00Z', 900, { cold: true }),
  ],
  peers: [peersRecord('2026-01-02T10:00:00Z')],
  reads: [readRecord('2026-01-09T10:00:00Z')],
  scaling: [scalingRecord('2026-01-05T10:00:00Z')],
  memory: [memoryRecord('2026-01-03T10:00:00Z')],
  cgroups: [cgroupRecord('2026-01-06T10:00:00Z')],
  together: [togetherRecord('2026-01-07T10:00:00Z')],
  growth: [growthRecord('2026-01-08T10:00:00Z')],
  generated: [generateRecord('2026-01-09T10:00:00Z')],
  micro: [microRecord('2026-01-04T10:00:00Z', 'scan'), microRecord('2026-01-04T11:00:00Z', 'hash')],
}
