/** The one catalogue of this package's errors, the class they share, and production assertions. */
export { assert } from './assert.js'
export { catalogue, type ErrorCode } from './catalogue.js'
export {
  type ErrorDetails,
  fillTemplate,
  isHarmless,
  isMillraceError,
  MillraceError,
} from './millrace-error.js'
export { nearestName } from './nearest-name.js'
