/** Writes the catalog to pages of its own, a page at a time: that of a wide table has tens of megabytes. */
import { type Catalog, writeCatalog } from './catalog/index.js'
import { MillraceError } from './errors/index.js'
import { ByteWriter, bytesWritten, type PageRun } from './format/index.js'
import { PageRunWriter, type PageStore } from './index/index.js'
import { catalogBytesMax, pageBytes } from './limits.js'

/**
 * Writes `catalog`. Where that fails, its pages are given back.
 * @throws MillraceError `MILLRACE_LIMIT`, `MILLRACE_IO`, `MILLRACE_DISK_FULL`
 */
export function writeCatalogRun(store: PageStore, catalog: Catalog): PageRun {
  const contentBytes = bytesWritten((measuring) => writeCatalog(measuring, catalog))
  if (contentBytes > catalogBytesMax) {
    const limit = `${catalogBytesMax} bytes`
    throw new MillraceError('MILLRACE_LIMIT', { what: 'The catalog', value: `${contentBytes} bytes`, limit })
  }
  const pages = new PageRunWriter(store, contentBytes)
  try {
    const writer = new ByteWriter(pageBytes, (page) => pages.push(page))
    writeCatalog(writer, catalog)
    pages.push(writer.finish())
    return pages.finish()
  } catch (error) {
    pages.abandon()
    throw error
  }
}
