import type { LoadControl } from '../batch/index.js'
import type { ParseColumn } from '../csv/index.js'
import type { ResolvedOptions } from '../import/index.js'
import { errorsKeptMax } from '../limits.js'
import type { ParseJob } from '../threads/index.js'
import type { ReadPlan } from './read-plan.js'

/** What parsing into plain columns is made for. */
export interface ColumnsJobParts {
  readonly options: ResolvedOptions
  readonly fieldCount: number
  readonly columns: readonly ParseColumn[]
  readonly plan: ReadPlan
  readonly control: LoadControl
}

/** The job of whoever parses into plain columns, for workers that have no other. */
export function columnsJob({ options, fieldCount, columns, plan, control }: ColumnsJobParts): ParseJob {
  const { dialect, maxRowBytes, ignoreErrors } = options
  const { rowsMax, blockBytes, slotBytes, workerBytes } = plan
  return {
    id: 1,
    stretch: 0,
    control: control.words,
    ...{ dialect, columns, fieldCount, maxRowBytes, ignoreErrors, errorsKeptMax },
    encode: null,
    notesPlaces: false,
    ...{ rowsMax, blockBytes, slotBytes, workerBytes, textBytes: 0 },
    slots: null,
    refusedBytes: 0,
    // Nothing is looked up in a database.
    pool: new SharedArrayBuffer(0),
    keyBytes: 0,
    keyMaps: [],
  }
}
