/**
 * The repository's own sources, as the tidy test sees them: files, their lines, and who imports whom.
 *
 * Imports are found in the text with comments removed and
 * strings kept, so that an import named in a comment counts for nothing.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** One reference from a module to another, by a specifier or by a URL (threads, WebAssembly). */
export interface Reference {
  readonly specifier: string
  readonly line: number
  /** `url`: `new URL(…, import.meta.url)`, which is how threads and kernels are named. */
  readonly kind: 'static' | 'dynamic' | 'url'
}

export interface SourceFile {
  /** Path from the root, with forward slashes. */
  readonly path: string
  readonly text: string
  /** The text with comments blanked out; line numbers are the same. */
  readonly code: string
  readonly references: readonly Reference[]
}

/** Folders that are made, not written. */
const madeFolders = new Set(['node_modules', 'dist', 'wasm', '.turbo', '.git', 'coverage', 'data', 'results'])

/** Every written file of the repository, by path from the root, with forward slashes. */
export function listFiles(folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) return madeFolders.has(entry.name) ? [] : listFiles(path)
    // Of a linked working tree, .git is a file.
    if (entry.name === '.git') return []
    return entry.isFile() && /^\.|\.(?:ts|js|mjs|json|md|yaml|yml)$|^[^.]+$/.test(entry.name) ? [path] : []
  })
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

export function readSource(path: string): SourceFile {
  const text = readText(path)
  const code = withoutComments(text)
  return { path, text, code, references: findReferences(code) }
}

/** 1-based line of a position in a text. */
export function lineAt(text: string, position: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

/**
 * The path that a relative specifier means, in sources: `./x.js` is `x.ts` where that exists.
 * undefined for packages and for files that are not there.
 */
export function resolveReference(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const joined = posix.join(posix.dirname(from), specifier)
  // What a bin imports is compiled: its source is what counts here.
  const target = joined.replace(/^(packages\/[\w-]+)\/dist\//, '$1/src/')
  const candidates = [target.replace(/\.js$/, '.ts'), target]
  return candidates.find((path) => existsSync(join(root, path)))
}

/** Blanks out comments. Strings, templates and regular expressions are left as they are. */
export function withoutComments(text: string): string {
  const tokens =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[=(,:;!&|?{}[\n]\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/g
  return text.replace(tokens, (token) =>
    token.startsWith('//') || token.startsWith('/*') ? token.replace(/[^\n]/g, ' ') : token,
  )
}

function findReferences(code: string): Reference[] {
  const forms: { kind: Reference['kind']; pattern: RegExp }[] = [
    { kind: 'static', pattern: /^\s*(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]/gm },
    { kind: 'static', pattern: /^\s*import\s*['"]([^'"]+)['"]/gm },
    { kind: 'dynamic', pattern: /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g },
    { kind: 'url', pattern: /new URL\(\s*['"](\.[^'"]+)['"]\s*,\s*import\.meta\.url/g },
  ]
  const found: Reference[] = []
  for (const { kind, pattern } of forms) {
    for (const match of code.matchAll(pattern)) {
      const at = match.index + match[0].lastIndexOf(match[1] ?? '')
      found.push({ specifier: match[1] ?? '', line: lineAt(code, at), kind })
    }
  }
  return found
}
