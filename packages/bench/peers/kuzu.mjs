/** Kùzu, whose last release this is. */
import kuzu from 'kuzu'
import { serveGraph } from './graph-engine.mjs'

await serveGraph(kuzu)
