/** Runs the built `millrace` command as a user would: in a process of its own, through its streams. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Database } from 'millrace'

const binPath = fileURLToPath(new URL('../bin/millrace.js', import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly stdin?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Called with the process as soon as it runs. */
  readonly started?: (child: ChildProcess) => void
}

/** Runs `millrace …parameters` in `folder` to its end. */
export function millrace(
  folder: string,
  parameters: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [binPath, ...parameters], {
      cwd: folder,
      env: { ...process.env, MILLRACE_HISTORY: join(folder, 'history'), ...options.environment },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
    // A command that ends without reading its stdin closes the pipe; that is its right.
    child.stdin.on('error', () => undefined)
    if (options.started === undefined || options.stdin !== undefined) child.stdin.end(options.stdin ?? '')
    options.started?.(child)
  })
}

/** A folder with small CSV files, removed by `dispose`. */
export interface Workplace {
  readonly folder: string
  readonly path: (name: string) => string
  readonly dispose: () => void
}

const files = {
  'towns.csv':
    'id,name,inhabitants,height,founded,coastal\n' +
    '1,Rotterdam,655468,0.5,1340-07-07,true\n' +
    '2,"Aix, en Provence",,173.25,,false\n' +
    '3,"The ""old"" town",12,1e3,0986-01-01,\n',
  'roads.csv': 'from,to,length\n1,2,1100.5\n2,3,20\n3,1,1200\n1,3,7\n',
  'towns-twice.csv': 'id,name,inhabitants,height,founded,coastal\n4,Delft,1,1,,\n1,Rotterdam,2,2,,\n',
  'broken.csv':
    'id,name,inhabitants,height,founded,coastal\n5,Gouda,1,1,,\n6,Leiden,many,1,,\n7,Breda,3,3,,\n',
}

export function createWorkplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-command-'))
  const path = (name: string) => join(folder, name)
  for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text)
  return { folder, path, dispose: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Loads the towns and the roads between them into `towns.mill`. */
export async function loadTowns({ path }: Workplace): Promise<void> {
  const db = await Database.open(path('towns.mill'), { threads: 1 })
  try {
    await db.run(
      'CREATE NODE TABLE Town(id INT64, name STRING, inhabitants INT64, height DOUBLE, founded DATE, ' +
        'coastal BOOL, PRIMARY KEY(id))',
    )
    await db.run('CREATE REL TABLE Road(FROM Town TO Town, length DOUBLE)')
    await db.copyFrom('Town', path('towns.csv'))
    await db.copyFrom('Road', path('roads.csv'))
  } finally {
    await db.close()
  }
}

/** What `statement` returns, a row as an array of its values. */
export async function ask(databasePath: string, statement: string): Promise<unknown[][]> {
  const db = await Database.open(databasePath, { readOnly: true })
  try {
    return (await db.query(statement).toArray()).map((row) => Object.values(row))
  } finally {
    await db.close()
  }
}
