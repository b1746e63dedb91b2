/** What a query needs of the store, gathered at this room's door. */
export type { CsrGroupReader, GraphReader, NodeReader, RelReader } from '../table/index.js'
export type { WritableGraph } from '../transaction/index.js'
