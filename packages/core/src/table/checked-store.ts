import type { RelStore } from './rel-load.js'

/**
 * `store`, for a load that can be stopped: `check` is asked before pages are taken, written or read, and what
 * it throws ends the load. Giving back is never refused.
 * @param allocate takes pages in place of the store
 */
export function checkedStore(
  store: RelStore,
  check: () => void,
  allocate = (pages: number) => store.allocate(pages),
): RelStore {
  return {
    path: store.path,
    fileSystem: store.fileSystem,
    reader: store.reader.checking(check),
    catalog: store.catalog,
    allocate: (pages) => {
      check()
      return allocate(pages)
    },
    free: (firstPage, pages) => store.free(firstPage, pages),
    writePages: (firstPage, bytes) => {
      check()
      store.writePages(firstPage, bytes)
    },
  }
}
