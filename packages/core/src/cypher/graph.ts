/**
 * What a query needs of the store: a catalog and readers of its tables. `Snapshot` of the table room is one.
 */
import type { Catalog, NodeTable, RelTable } from '../catalog/index.js'
import type { CsrGroupReader, NodeReader, RelReader } from '../table/index.js'

export type { CsrGroupReader, NodeReader, RelReader }

export interface GraphReader {
  readonly catalog: Catalog
  nodes(table: NodeTable): NodeReader
  rels(table: RelTable): RelReader
}
