/** What a query needs of the store: a catalog and readers of its tables. `Snapshot` is one. */
import type { Catalog, NodeTable, RelTable } from '../catalog/index.js'
import type { NodeReader } from './node-reader.js'
import type { RelReader } from './rel-reader.js'

export interface GraphReader {
  readonly catalog: Catalog
  nodes(table: NodeTable): NodeReader
  rels(table: RelTable): RelReader
}
