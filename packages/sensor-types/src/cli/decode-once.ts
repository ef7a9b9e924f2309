import { RondeError } from '@ronde/contracts';
import type { CanonicalValue } from '@ronde/contracts';
import { normaliseRecord } from '../normalise.ts';
import { fromNormalized } from '../normalized-payload.ts';
import { openSensorTypes } from '../open-sensor-types.ts';
import { openSandbox } from '../sandbox.ts';
import type { CodecInput } from '../sandbox.ts';
import { fromHex } from './bytes.ts';
import { DEFAULT_RECV_TIME } from './example-line.ts';

export interface DecodeOnceOptions {
  /** A sensor type's id, or the source text of a codec script: exactly one of both. */
  type?: string;
  script?: string;
  fPort: number;
  hex: string;
  /** Absent: a fixed time, so that the answer repeats. */
  recvTime?: string;
  dirs?: readonly string[];
}

/** What `ronde decode --json` prints. */
export interface DecodeOnceReport {
  data: Record<string, unknown> | null;
  errors: string[];
  warnings: string[];
  /** `atMs` stands where a value has a time of its own, as what a device kept. */
  readings: Pick<CanonicalValue, 'quantity' | 'value' | 'unit' | 'quality' | 'flags' | 'chamber' | 'atMs'>[];
}

/**
 * Decodes one payload with a sensor type (with canonical readings) or with a bare codec script.
 * @throws RondeError INPUT_INVALID for hex that is none, SENSOR_TYPE_UNKNOWN for an unknown type
 */
export async function decodeOnce(options: DecodeOnceOptions): Promise<DecodeOnceReport> {
  const bytes = fromHex(options.hex);
  if (!bytes) throw new RondeError('INPUT_INVALID', '--hex must be an even number of hexadecimal digits');
  const input = { bytes, fPort: options.fPort, recvTime: options.recvTime ?? DEFAULT_RECV_TIME };
  if (options.script !== undefined) return decodeWithScript(options.script, input);
  const types = await openSensorTypes({ dirs: options.dirs ?? [] });
  try {
    const id = options.type ?? '';
    if (!types.get(id)) throw new RondeError('SENSOR_TYPE_UNKNOWN', `no sensor type "${id}"`);
    const result = await types.decode(id, input);
    if (!result.ok) return { data: null, errors: result.errors, warnings: [], readings: [] };
    return { data: result.data, errors: [], warnings: result.warnings, readings: result.values };
  } finally {
    await types.close();
  }
}

/** A bare codec says nothing of a geometry. */
const BARE = { geometry: { prefer: 'geometry' as const } };

/** Readings come of the codec's own normalizeUplink; without one there is no mapping. */
async function decodeWithScript(source: string, input: CodecInput): Promise<DecodeOnceReport> {
  const sandbox = await openSandbox();
  try {
    sandbox.add('script', source);
    const result = await sandbox.decode('script', input);
    if (!result.ok) return { data: null, errors: result.errors, warnings: [], readings: [] };
    const meaning = result.normalized ? normaliseRecord(BARE, fromNormalized(result.normalized)) : undefined;
    const warnings = [...result.warnings, ...(meaning?.warnings ?? [])];
    return { data: result.data, errors: [], warnings, readings: meaning?.values ?? [] };
  } finally {
    await sandbox.close();
  }
}
