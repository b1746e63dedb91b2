/** What the cells of several tables have in common. */
import { type Machine, machineLine, times } from '../report/index.js'

export function megabytesPerSecond(bytesPerSecond: number): string {
  return (bytesPerSecond / 1e6).toFixed(0)
}

export function budgetCell(memoryBudget: number | undefined): string {
  return memoryBudget === undefined ? 'default' : `${memoryBudget / 1024 ** 2} MiB`
}

/** A ratio with the range that it was found in. */
export function ratioCell(ratios: {
  readonly importTime: number
  readonly importTimeMin: number
  readonly importTimeMax: number
}): string {
  return `**${times(ratios.importTime)}** (${times(ratios.importTimeMin)}–${times(ratios.importTimeMax)})`
}

/** All machines that the figures stem from, one line each, with the days and commits. */
export function machines(
  measured: readonly { readonly machine: Machine; readonly measuredAt: string }[],
): string {
  const occasions = new Map<string, Set<string>>()
  for (const { machine, measuredAt } of measured) {
    const { commit, ...rest } = machine
    const line = machineLine(rest)
    const occasion = `${measuredAt.slice(0, 10)}${commit === undefined ? '' : ` at ${commit}`}`
    occasions.set(line, (occasions.get(line) ?? new Set()).add(occasion))
  }
  return [...occasions].map(([line, set]) => `${line} (${[...set].sort().join(', ')})`).join('  \n')
}
