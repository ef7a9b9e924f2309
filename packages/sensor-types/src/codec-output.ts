import { z } from 'zod';
import type { EngineAnswer } from './sandbox-engine.ts';

const MAX_OUTPUT_CHARS = 65_536;
export const MAX_DEPTH = 16;

/** No answer: the codec said so itself, it was stopped at a limit (`fault`), or it was not asked (`paused`). */
export interface Refusal {
  ok: false;
  errors: string[];
  stopped?: 'fault' | 'paused';
}

/** What came out of a codec: its parsed answer, or why there is none. */
export type CodecAnswer = { ok: true; output: unknown; warnings: string[] } | Refusal;

const Messages = z
  .array(z.unknown())
  .nullish()
  .transform((list) => (list ?? []).map((m) => (typeof m === 'string' ? m : JSON.stringify(m)).slice(0, 300)));

const Data = z.record(z.string(), z.unknown());
const Measurements = z.union([Data.transform((one) => [one]), z.array(Data)]);

const UplinkOutput = z.object({
  // Some drivers give a list; a mapping reads it by its indexes, as it reads an object by its names.
  data: z.union([Data, z.array(z.unknown()).transform((list) => list as unknown as Record<string, unknown>)]).nullish(),
  errors: Messages,
  warnings: Messages,
  normalized: z
    .object({ data: Measurements.nullish(), errors: Messages, warnings: Messages })
    .nullish()
    .catch(undefined),
});

/** Parses an engine's answer, keeping size and depth within bounds before anything looks inside. */
export function readAnswer(answer: EngineAnswer): CodecAnswer {
  if (answer.kind === 'error') return refuse(answer.text);
  if (answer.kind === 'fault' || answer.kind === 'paused') return refuse(answer.text, answer.kind);
  if (answer.text.length > MAX_OUTPUT_CHARS) return refuse('the codec answered more than 64 KiB', 'fault');
  const cut = answer.kind === 'nonFinite' ? answer.text.indexOf('\n') : -1;
  const warnings = cut < 0 ? [] : [`not a number, taken as missing: ${answer.text.slice(0, cut).slice(1, -1)}`];
  try {
    const output: unknown = JSON.parse(answer.text.slice(cut + 1));
    if (isDeeper(output, MAX_DEPTH)) return refuse(`the codec's answer is deeper than ${MAX_DEPTH} levels`, 'fault');
    return { ok: true, output, warnings };
  } catch {
    // A codec can forge the text of its answer (it owns its globals); it must still be JSON.
    return refuse("the codec's answer is not JSON", 'fault');
  }
}

export interface Decoded {
  ok: true;
  data: Record<string, unknown>;
  warnings: string[];
  /** The measurements of the codec's normalizeUplink, in The Things Stack's vocabulary, where it has one. */
  normalized?: Record<string, unknown>[];
}

export type UplinkAnswer = Decoded | Refusal;

/** Checks that an answer has the form of the LoRaWAN payload codec API: {data, errors, warnings}. */
export function readUplinkAnswer(answer: EngineAnswer): UplinkAnswer {
  const read = readAnswer(answer);
  if (!read.ok) return read;
  const parsed = UplinkOutput.safeParse(read.output);
  if (!parsed.success) return refuse('the codec did not answer {data, errors, warnings}');
  const { data, errors, normalized } = parsed.data;
  if (errors.length > 0) return { ok: false, errors };
  if (!data) return refuse('the codec gave neither data nor errors');
  const warnings = [...parsed.data.warnings, ...read.warnings];
  if (!normalized) return { ok: true, data, warnings };
  const failed = normalized.errors.map((error) => `normalizeUplink: ${error}`);
  return { ok: true, data, warnings: [...warnings, ...failed], normalized: normalized.data ?? [] };
}

function refuse(text: string, stopped?: Refusal['stopped']): Refusal {
  return { ok: false, errors: [text], ...(stopped && { stopped }) };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (levels === 0) return true;
  for (const key in value) if (isDeeper((value as Record<string, unknown>)[key], levels - 1)) return true;
  return false;
}
