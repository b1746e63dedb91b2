/**
 * The workloads of the import bench: what their rows look like, and what a database that loaded them must
 * answer.
 *
 * | case | rows | shape                                                                                  |
 * |------|------|----------------------------------------------------------------------------------------|
 * | N1   | 10 M | narrow nodes: `id,name,age`                                                              |
 * | N2   |  5 M | nodes: key, name, integer, decimal, date, boolean                                        |
 * | N3   |  5 M | N2 and a quoted text with commas, doubled quotes and newlines                            |
 * | N4   |  5 M | N2 with string keys in random order                                                      |
 * | N5   |  5 M | N2 with its rows in random order                                                         |
 * | E1   | 10 M | narrow relationships between the nodes of N2: `from,to,since`                            |
 * | E2   | 10 M | E1 and more properties                                                                   |
 * | E3   | 10 M | E1 between the nodes of N4                                                               |
 * | A1   | 3376 | airports: a small file, where starting is what takes the time                            |
 * | G1   | 50 M | N1 with its rows in random order: on demand only                                         |
 * | G2   | 100 M | E1 between the nodes of G1: on demand only                                              |
 *
 * A row is a function of its number and the seed, so files are the same everywhere and samples can be told
 * without reading them.
 */
import { edgeShape } from './edge-shapes.js'
import { airports, narrowNodeShape, nodeShape } from './node-shapes.js'
import type { Shape, ShapeName } from './shape.js'

export const shapes: Readonly<Record<ShapeName, Shape>> = {
  N1: narrowNodeShape('N1', 'narrow nodes', { rows: 10_000_000 }),
  N2: nodeShape('N2', 'nodes', {}),
  N3: nodeShape('N3', 'wide nodes, quoted newlines', { note: true }),
  N4: nodeShape('N4', 'string keys', { key: 'STRING' }),
  N5: nodeShape('N5', 'shuffled keys', { shuffled: true }),
  E1: edgeShape('E1', 'narrow relationships', { nodes: 'N2' }),
  E2: edgeShape('E2', 'wide relationships', { nodes: 'N2', wide: true }),
  E3: edgeShape('E3', 'string-key relationships', { nodes: 'N4' }),
  A1: airports,
  G1: narrowNodeShape('G1', 'many nodes, shuffled keys', { rows: 50_000_000, shuffled: true }),
  G2: edgeShape('G2', 'many relationships', { nodes: 'G1', rows: 100_000_000 }),
}
