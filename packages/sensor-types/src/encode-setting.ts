import type { Fault, Result, SettingSummary } from '@ronde/contracts';
import { z } from 'zod';
import type { Downlinks } from './manifest.ts';
import type { LoadedType } from './read-type.ts';
import type { CodecAnswer } from './codec-output.ts';

/** A setting as bytes for the device. */
export interface EncodedSetting {
  fPort: number;
  bytes: Uint8Array;
}

type Setting = Downlinks[string];
type Parameters = Record<string, number | string | boolean>;

const Answer = z.object({
  fPort: z.number().int().min(1).max(223).optional(),
  bytes: z.array(z.number().int().min(0).max(255)).optional(),
  errors: z.array(z.string()).nullish(),
});

/** Lists what can be set on a type's devices. */
export function settingsOf(type: LoadedType): SettingSummary[] {
  return Object.entries(type.downlinks).map(([name, { description, fPort, parameters }]) => ({
    name,
    description,
    fPort,
    parameters,
  }));
}

/**
 * Checks a setting's parameters against the type's ranges and lets its codec write the bytes.
 * @param run the codec's encodeDownlink in the sandbox
 * @returns every fault at once: an unknown setting, parameters missing, out of range or unknown, a codec that refuses
 */
export async function encodeSetting(
  type: LoadedType,
  wanted: { setting: string; parameters: Parameters },
  run: (input: Record<string, unknown>) => Promise<CodecAnswer>,
): Promise<Result<EncodedSetting>> {
  const setting = Object.hasOwn(type.downlinks, wanted.setting) ? type.downlinks[wanted.setting] : undefined;
  if (!setting) return refuse([unknownSetting(type, wanted.setting)]);
  const faults = parameterFaults(setting, wanted.parameters);
  if (faults.length > 0) return refuse(faults);
  const answer = await run({ data: fill(setting.data, wanted.parameters), fPort: setting.fPort });
  if (!answer.ok) return refuse([fault('setting', `the codec refused it: ${answer.errors.join('; ')}`)]);
  const read = Answer.safeParse(answer.output);
  if (!read.success || (!read.data.bytes && !read.data.errors?.length))
    return refuse([fault('setting', 'the codec did not answer {fPort, bytes}')]);
  const { fPort = setting.fPort, bytes = [], errors } = read.data;
  if (errors?.length) return refuse([fault('setting', `the codec refused it: ${errors.join('; ')}`)]);
  return { ok: true, value: { fPort, bytes: Uint8Array.from(bytes) } };
}

function parameterFaults({ parameters }: Setting, given: Parameters): Fault[] {
  const missing = Object.keys(parameters).filter((name) => given[name] === undefined);
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(parameters, name));
  return [
    ...missing.map((name) => fault(`parameters.${name}`, `is missing: ${parameters[name]!.description}`)),
    ...unknown.map((name) =>
      fault(`parameters.${name}`, `is none of this setting; it takes ${Object.keys(parameters).join(', ') || 'none'}`),
    ),
    ...Object.entries(parameters).flatMap(([name, { min, max, unit }]) => {
      const value = given[name];
      if (value === undefined || (typeof value === 'number' && value >= min && value <= max)) return [];
      return fault(
        `parameters.${name}`,
        `must be a number from ${min} to ${max}${unit === undefined ? '' : ` ${unit}`}`,
      );
    }),
  ];
}

/** Puts parameters into places such as '{seconds}'; a place alone keeps the number, one inside a text becomes text. */
function fill(data: Setting['data'], parameters: Parameters): Record<string, unknown> {
  const place = (text: string): unknown => {
    const alone = /^\{(\w+)\}$/.exec(text)?.[1];
    if (alone !== undefined && Object.hasOwn(parameters, alone)) return parameters[alone];
    return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
      Object.hasOwn(parameters, name) ? String(parameters[name]) : whole,
    );
  };
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, typeof value === 'string' ? place(value) : value]),
  );
}

function unknownSetting(type: LoadedType, name: string): Fault {
  const known = Object.keys(type.downlinks).join(', ');
  return fault(
    'setting',
    known === '' ? `the type ${type.manifest.id} takes no settings` : `"${name}" is no setting; known: ${known}`,
  );
}

function fault(field: string, message: string): Fault {
  return { field, code: 'DOWNLINK_IMPOSSIBLE', message };
}

function refuse(faults: Fault[]): { ok: false; faults: Fault[] } {
  return { ok: false, faults };
}
