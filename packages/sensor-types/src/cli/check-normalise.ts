import { convertUnit, isQuantity, quantityOf } from '@ronde/contracts';
import type { CanonicalValue, UcumCode } from '@ronde/contracts';
import { openSensorTypes } from '../open-sensor-types.ts';
import type { SensorTypes } from '../open-sensor-types.ts';
import type { TypeDecodeResult } from '../type-decoder.ts';
import { fromHex } from './bytes.ts';
import { DEFAULT_RECV_TIME, readLine } from './example-line.ts';
import type { ExampleLine } from './example-line.ts';
import { expectedLevel } from './expected-level.ts';

/** What `ronde normalise check --json` prints; `invalid` = the value was recognised as no valid value. */
export interface NormaliseReport {
  total: number;
  right: number;
  invalid: number;
  wrong: number;
  unmapped: number;
  failures: { id: string; why: string }[];
}

type Outcome = { kind: 'right' | 'invalid' } | { kind: 'wrong' | 'unmapped'; why: string };

/**
 * Decodes the examples' uplinks with the sensor types and compares the canonical values.
 * Lines of other routines are left out. Without `canonical` a line's own expected distance or fill counts.
 */
export async function checkNormalise(
  lines: readonly unknown[],
  dirs: readonly string[] = [],
): Promise<NormaliseReport> {
  const types = await openSensorTypes({ dirs, sandbox: { faultsToOpen: Infinity } });
  const report: NormaliseReport = { total: 0, right: 0, invalid: 0, wrong: 0, unmapped: 0, failures: [] };
  try {
    for (const [index, given] of lines.entries()) {
      if (given === '') continue;
      const read = readLine(given, index + 1);
      if (!read.ok) count(report, read.id, { kind: 'wrong', why: read.why });
      else if (read.line.routine === 'decodeUplink') count(report, read.line.id, await checkLine(types, read.line));
    }
    return report;
  } finally {
    await types.close();
  }
}

function count(report: NormaliseReport, id: string, outcome: Outcome): void {
  report.total++;
  report[outcome.kind]++;
  if ('why' in outcome) report.failures.push({ id, why: outcome.why });
}

async function checkLine(types: SensorTypes, line: ExampleLine): Promise<Outcome> {
  const id = typeOf(types, line);
  if (id === undefined) return { kind: 'unmapped', why: 'no sensor type for this device' };
  const bytes = fromHex(line.bytesHex ?? '');
  if (!bytes) return { kind: 'wrong', why: 'bytesHex is not hexadecimal' };
  const recvTime = line.recvTime ?? DEFAULT_RECV_TIME;
  const result = await types.decode(id, { bytes, fPort: line.fPort ?? 1, recvTime });
  return line.canonical ? compareCanonical(line, result) : compareOwn(line, result);
}

/** Finds the sensor type by explicit id, or by the device repository's names in id, devices and script. */
function typeOf(types: SensorTypes, line: ExampleLine): string | undefined {
  if (line.type !== undefined) return types.get(line.type) ? line.type : undefined;
  const names = namesOf(line);
  for (const { id } of types.list()) {
    const known = [id, id.replace('-', '/'), ...(types.get(id)?.manifest.aliases ?? [])];
    if (names.some((name) => known.includes(name))) return id;
  }
  return undefined;
}

function namesOf(line: ExampleLine): string[] {
  const fromId = line.id.replace(/#.*$/, '').replace(/-codec$/, '');
  const fromDevices = (line.devices ?? []).map((device) => `${line.vendor ?? ''}/${device}`);
  const fromScript = (line.script ?? '').replace(/\.js$/, '').split('/').slice(-2).join('/');
  return [fromId, ...fromDevices, fromScript];
}

function compareOwn(line: ExampleLine, result: TypeDecodeResult): Outcome {
  const { data, errors } = line.expected;
  if (errors?.length) return result.ok ? { kind: 'wrong', why: 'decoded what the example refuses' } : { kind: 'right' };
  if (!result.ok) return { kind: 'wrong', why: result.errors.join('; ') };
  const level = expectedLevel(data, namesOf(line).join(' '));
  const ours = levelOf(result.values, level?.quantity ?? 'distance');
  if (ours?.quality === 'invalid') return { kind: 'invalid' };
  if (!level) return ours ? { kind: 'wrong', why: `${ours.quantity} out of nothing` } : { kind: 'right' };
  if (!ours) return { kind: 'wrong', why: `no ${level.quantity}` };
  if (near(level.value, ours.value)) return { kind: 'right' };
  return { kind: 'wrong', why: `${level.quantity}: expected ${level.value}, got ${ours.value}` };
}

/** Decoders call the height of a liquid a "distance" or "level" too; its quantity here is waterLevel. */
function levelOf(values: readonly CanonicalValue[], wanted: 'distance' | 'fill'): CanonicalValue | undefined {
  const found = values.find(({ quantity }) => quantity === wanted);
  if (found || wanted === 'fill') return found;
  return values.find(({ quantity }) => quantity === 'waterLevel');
}

function compareCanonical(line: ExampleLine, result: TypeDecodeResult): Outcome {
  const wanted = line.canonical ?? [];
  if (!result.ok) return wanted.length === 0 ? { kind: 'right' } : { kind: 'wrong', why: result.errors.join('; ') };
  for (const want of wanted) {
    const ours = result.values.find(({ quantity }) => quantity === want.quantity);
    const why = ours ? differs(want, ours) : 'missing';
    if (why) return { kind: 'wrong', why: `${want.quantity}: ${why}` };
  }
  return { kind: 'right' };
}

type Wanted = NonNullable<ExampleLine['canonical']>[number];

function differs(want: Wanted, ours: CanonicalValue): string | undefined {
  const value = inCatalogueUnit(want);
  if (!near(value, ours.value)) return `expected ${value}, got ${ours.value}`;
  if (want.quality !== undefined && want.quality !== ours.quality)
    return `expected quality ${want.quality}, got ${ours.quality}`;
  return undefined;
}

function inCatalogueUnit({ quantity, value, unit }: Wanted): number | null {
  if (value === null || unit === undefined || !isQuantity(quantity)) return value;
  return convertUnit(value, unit as UcumCode, quantityOf(quantity).unit) ?? value;
}

function near(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a));
}
