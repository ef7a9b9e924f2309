import { basename, resolve } from 'node:path';
import type { Fault } from '@ronde/contracts';
import { loadTypes } from '../load-types.ts';
import { BUILT_IN_TYPES } from '../open-encoders.ts';
import type { LoadedType } from '../read-type.ts';
import { openSandbox } from '../sandbox.ts';
import { createTypeDecoder } from '../type-decoder.ts';
import type { TypeDecoder } from '../type-decoder.ts';
import { fromHex } from './bytes.ts';
import { compareCanonical } from './compare-canonical.ts';
import { compareOwn } from './compare-own.ts';
import { DEFAULT_RECV_TIME, readLine } from './example-line.ts';
import type { ExampleLine } from './example-line.ts';
import { wrong } from './outcome.ts';
import type { Outcome } from './outcome.ts';

/** What `ronde normalise check --json` prints; `invalid` = the value was recognised as no valid value. */
export interface NormaliseReport {
  total: number;
  right: number;
  invalid: number;
  wrong: number;
  unmapped: number;
  /** Every line that is not right, and why. */
  failures: { id: string; why: string }[];
  /** Faults of the given folders; their types take no part. */
  faults: Fault[];
}

/**
 * Decodes the examples' uplinks with the sensor types and compares the canonical values.
 * Lines of other routines are left out. Without `canonical` a line's own expected distance or fill counts.
 * @param dirs further folders; a type of theirs replaces a built-in one of the same id
 */
export async function checkNormalise(
  lines: readonly unknown[],
  dirs: readonly string[] = [],
): Promise<NormaliseReport> {
  const { types, faults } = await loadTypes([BUILT_IN_TYPES, ...dirs], { override: true });
  const report: NormaliseReport = { total: 0, right: 0, invalid: 0, wrong: 0, unmapped: 0, failures: [], faults };
  // A check must judge every line by itself: no codec is paused for the faults of earlier lines.
  const sandbox = await openSandbox({ faultsToOpen: Infinity });
  const check = { types, decoder: createTypeDecoder(sandbox) };
  try {
    for (const [index, given] of lines.entries()) {
      if (given === '') continue;
      const read = readLine(given, index + 1);
      if (!read.ok) count(report, read.id, wrong(read.why));
      else if (read.line.routine === 'decodeUplink') count(report, read.line.id, await checkLine(check, read.line));
    }
    return report;
  } finally {
    await sandbox.close();
  }
}

function count(report: NormaliseReport, id: string, outcome: Outcome): void {
  report.total++;
  report[outcome.kind]++;
  if (outcome.kind !== 'right') report.failures.push({ id, why: `${outcome.kind}: ${outcome.why}` });
}

async function checkLine(
  { types, decoder }: { types: readonly LoadedType[]; decoder: TypeDecoder },
  line: ExampleLine,
): Promise<Outcome> {
  const type = typeOf(types, line);
  if (!type) return { kind: 'unmapped', why: 'no sensor type for this device' };
  const bytes = fromHex(line.bytesHex ?? '');
  if (!bytes) return wrong('bytesHex is not hexadecimal');
  const input = { bytes, fPort: line.fPort ?? 1, recvTime: line.recvTime ?? DEFAULT_RECV_TIME };
  const [result = { ok: false as const, errors: ['the sandbox gave no answer'] }] = await decoder.decodeBatch([
    { type, input },
  ]);
  const outcome = line.canonical ? compareCanonical(line.canonical, result) : compareOwn(line, result, type);
  if (outcome.kind !== 'wrong' || !result.ok) return outcome;
  return wrong(`${outcome.why} (decoded: ${JSON.stringify(result.data).slice(0, 300)})`);
}

/** Finds the line's type among those of the given folders first, which come last of all that were read. */
function typeOf(types: readonly LoadedType[], line: ExampleLine): LoadedType | undefined {
  if (line.type !== undefined) return types.find(({ manifest }) => manifest.id === line.type);
  const isOwn = ({ dir }: LoadedType) => !dir.startsWith(BUILT_IN_TYPES);
  return namedBy(types.filter(isOwn), line) ?? namedBy(types, line);
}

/** How a line can name its type, most telling first; the first that finds one counts. */
function namedBy(types: readonly LoadedType[], line: ExampleLine): LoadedType | undefined {
  const { script = '', vendor = '', devices = [] } = line;
  const fromId = line.id.replace(/#.*$/, '').replace(/-codec$/, '');
  const tests: ((type: LoadedType) => boolean)[] = [
    (type) => namesOf(type).includes(fromId),
    (type) => devices.some((device) => namesOf(type).includes(`${vendor}/${device}`)),
    (type) => script !== '' && isScript(type, script),
    (type) => namesOf(type).includes(script.replace(/\.js$/, '').split('/').slice(-2).join('/')),
    (type) => namesOf(type).includes(fromId.replaceAll('/', '-')),
    (type) => script !== '' && type.manifest.id === basename(script, '.js'),
  ];
  for (const test of tests) {
    const found = types.find(test);
    if (found) return found;
  }
  return undefined;
}

function namesOf({ manifest: { id, aliases } }: LoadedType): string[] {
  return [id, id.replace('-', '/'), ...aliases];
}

/** The type's codec is the line's own script, under whatever root. */
function isScript({ dir, manifest: { codec } }: LoadedType, script: string): boolean {
  return (
    codec !== undefined &&
    resolve(dir, codec)
      .replaceAll('\\', '/')
      .endsWith(`/${script.replace(/^\.?\//, '')}`)
  );
}
