/** LadybugDB, which goes on from Kùzu. */
import ladybug from '@ladybugdb/core'
import { serveGraph } from './graph-engine.mjs'

await serveGraph(ladybug)
