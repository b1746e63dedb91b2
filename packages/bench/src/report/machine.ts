/** The machine and the release a figure belongs to. A figure without them says nothing. */
import { execFileSync } from 'node:child_process'
import os from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly node: string
  /** Commit of the sources, with `+` when they differ from it; absent outside a clone. */
  readonly commit?: string
}

function commit(): string | undefined {
  try {
    const git = (...parameters: string[]) =>
      execFileSync('git', parameters, { encoding: 'utf8', stdio: 'pipe' }).trim()
    const dirty = git('status', '--porcelain', '--untracked-files=no') !== ''
    return `${git('rev-parse', '--short', 'HEAD')}${dirty ? '+' : ''}`
  } catch {
    return undefined
  }
}

export function describeMachine(): Machine {
  const sources = commit()
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    ...(sources === undefined ? {} : { commit: sources }),
  }
}

export function machineLine(machine: Machine): string {
  const gib = (machine.memoryBytes / 1024 ** 3).toFixed(0)
  const sources = machine.commit === undefined ? '' : `, commit ${machine.commit}`
  return `${machine.cpu}, ${machine.cores} cores, ${gib} GiB, ${machine.system}, Node ${machine.node}${sources}`
}
