/**
 * Installs the peers apart from the workspace, with npm, and finds out which of them this machine can load.
 * All are optional to npm: one that cannot be installed does not keep the others away.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Peer, peersFolder } from './peers.js'

const modulesFolder = join(peersFolder, 'node_modules')
const stampPath = join(modulesFolder, '.installed')

/** Says what was installed, and for which Node: native modules are built for one. */
function stamp(): string {
  const manifest = readFileSync(join(peersFolder, 'package.json'), 'utf8')
  const platform = `${process.platform} ${process.arch} ${process.versions.modules}`
  return createHash('sha256').update(`${platform}\n${manifest}`).digest('hex')
}

/** Does nothing when it was done before. */
export function installPeers(onStep: (text: string) => void): void {
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp()) return
  onStep(`installing the peers into ${peersFolder} (compiling takes a minute where nothing is prebuilt)`)
  const parameters = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  const options = { cwd: peersFolder, stdio: ['ignore', 2, 2] as const, shell: process.platform === 'win32' }
  const { status, error } = spawnSync('npm', parameters, { ...options, stdio: [...options.stdio] })
  if (error !== undefined || status !== 0) {
    onStep(`npm ended with ${error?.message ?? `exit code ${status}`}`)
    return
  }
  mkdirSync(modulesFolder, { recursive: true })
  writeFileSync(stampPath, stamp())
}

/** Why a peer cannot be loaded here, in a process of its own; undefined when it can. */
export function whyUnavailable(peer: Peer): string | undefined {
  const imports = peer.packages.map((name) => `await import('${name}')`).join('\n')
  const parameters = ['--input-type=module', '--eval', imports]
  const { status, signal, stderr } = spawnSync(process.execPath, parameters, {
    cwd: peersFolder,
    encoding: 'utf8',
  })
  if (status === 0) return undefined
  const line = stderr.split('\n').find((text) => /error/i.test(text))
  return line?.trim() ?? `loading it ended with ${signal ?? `exit code ${status}`}`
}
