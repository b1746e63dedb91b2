/** Settings: `.datagen.yaml`, the environment, and what they may say. */
export { type FoundSettings, readSettings, type Settings, settingsFileName } from './settings.js'
