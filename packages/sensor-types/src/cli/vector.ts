import type { DecodeOnceReport } from './decode-once.ts';

/** Writes what a payload gave as an example for `examples.yaml`, to be checked against the data sheet and kept. */
export function toVector(input: { fPort: number; hex: string }, report: DecodeOnceReport): string {
  const { data, errors, readings } = report;
  // JSON is YAML too; a reading a line is easy to compare with the data sheet.
  const lines = [
    '- description: ',
    `  input: ${JSON.stringify(input)}`,
    `  output: ${JSON.stringify(data === null ? { errors } : { data })}`,
  ];
  if (data !== null) lines.push(readings.length === 0 ? '  canonical: []' : '  canonical:');
  return [...lines, ...readings.map((reading) => `    - ${JSON.stringify(reading)}`)].join('\n');
}
