/** Patterns narrowed to a number of characters: every text that is made still matches. Pure. */
import { lengthOf, type Node, type Pattern } from './pattern.js'

/** Characters of the shortest text. */
export function shortestOf(node: Node): number {
  switch (node.kind) {
    case 'set':
      return 1
    case 'sequence':
      return node.items.reduce((sum, item) => sum + shortestOf(item), 0)
    case 'choice':
      return Math.min(...node.options.map(shortestOf))
    case 'repeat':
      return node.min * shortestOf(node.item)
  }
}

/** The part of a pattern whose texts have at most `room` characters; undefined when none is that short. */
export function fitPattern({ root }: Pattern, room: number): Pattern | undefined {
  const fitted = fit(root, room)
  return fitted === undefined ? undefined : { root: fitted, lengthMax: lengthOf(fitted) }
}

function fit(node: Node, room: number): Node | undefined {
  if (lengthOf(node) <= room) return node
  if (shortestOf(node) > room) return undefined
  switch (node.kind) {
    case 'set':
      return undefined
    case 'choice':
      return { kind: 'choice', options: node.options.flatMap((option) => fit(option, room) ?? []) }
    case 'repeat': {
      const times = Math.max(1, node.min)
      const max = Math.floor(room / lengthOf(node.item))
      if (max >= times) return { ...node, max }
      const item = fit(node.item, Math.floor(room / times))
      return item === undefined ? { ...node, max: node.min } : { ...node, item, max: times }
    }
    case 'sequence': {
      let spare = room - shortestOf(node)
      const items = node.items.map((item) => {
        const shortest = shortestOf(item)
        const fitted = fit(item, shortest + spare) as Node
        spare -= lengthOf(fitted) - shortest
        return fitted
      })
      return { kind: 'sequence', items }
    }
  }
}
