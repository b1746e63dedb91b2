/** The package has no types of its own. */
declare module 'csv-spectrum' {
  export default function csvSpectrum(
    done: (error: Error | null, items: { name: string; csv: Buffer; json: Buffer }[]) => void,
  ): void
}
