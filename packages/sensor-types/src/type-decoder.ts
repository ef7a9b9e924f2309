import { createHash } from 'node:crypto';
import type { CanonicalValue } from '@ronde/contracts';
import { normalise, normaliseRecord } from './normalise.ts';
import type { Normalised } from './normalise.ts';
import { fromNormalized } from './normalized-payload.ts';
import type { CodecAnswer, Decoded, Refusal } from './codec-output.ts';
import type { LoadedType } from './read-type.ts';
import type { CodecInput, DecodeResult, Sandbox } from './sandbox.ts';

export type TypeDecodeResult =
  | {
      ok: true;
      values: CanonicalValue[];
      data: Record<string, unknown>;
      warnings: string[];
      /** The device's own message counter, where its type says where it stands. */
      counter?: number;
    }
  | Refusal;

/** Bytes for the type's codec, or a record that needs none: what a vendor's cloud has decoded already. */
export type TypeInput = CodecInput | { data: Record<string, unknown> };

/** Decodes with given types, whichever version of them; codecs are handed to the sandbox when they are first needed. */
export interface TypeDecoder {
  /** Results in the order of the items; an absent type and a codec's refusal are values, not throws. */
  decodeBatch(items: readonly { type: LoadedType | undefined; input: TypeInput }[]): Promise<TypeDecodeResult[]>;
  /** Runs the type's encodeDownlink. */
  encodeDownlink(type: LoadedType, input: Record<string, unknown>): Promise<CodecAnswer>;
}

/** Creates a decoder over a sandbox, which stays its owner's to close. */
export function createTypeDecoder(sandbox: Pick<Sandbox, 'add' | 'decodeBatch' | 'call'>): TypeDecoder {
  const keys = new WeakMap<LoadedType, string>();
  const keyOf = (type: LoadedType): string => {
    const known = keys.get(type);
    if (known !== undefined) return known;
    const codec = type.codec ?? '';
    // a version that was thrown away as a draft may come again with other files: the key follows the text
    const digest = createHash('sha256').update(codec).digest('hex').slice(0, 8);
    const key = `${type.manifest.id}@${type.manifest.version}#${digest}`;
    if (type.codec !== null) sandbox.add(key, codec);
    keys.set(type, key);
    return key;
  };
  return {
    encodeDownlink: (type, input) => sandbox.call(keyOf(type), 'encodeDownlink', input),
    async decodeBatch(items) {
      const coded = items.flatMap((item) => {
        const { type, input } = item;
        return type !== undefined && type.codec !== null && !('data' in input) ? [{ item, type, input }] : [];
      });
      const answers = await sandbox.decodeBatch(coded.map(({ type, input }) => ({ key: keyOf(type), input })));
      const byItem = new Map(coded.map(({ item }, index) => [item, answers[index]]));
      return items.map((item) => toResult(item, byItem.get(item)));
    },
  };
}

function toResult(
  { type, input }: { type: LoadedType | undefined; input: TypeInput },
  result: DecodeResult | undefined,
): TypeDecodeResult {
  if (!type) return { ok: false, errors: ['no such sensor type'] };
  if ('data' in input) return { ok: true, data: input.data, ...normalise(type.manifest, input.data) };
  if (type.codec === null)
    return { ok: false, errors: [`"${type.manifest.id}" has no codec: it sends values, not bytes`] };
  if (!result) return { ok: false, errors: ['the sandbox gave no answer'] };
  if (!result.ok) return result;
  const { warnings, ...read } = meaningOf(type, result, input.fPort);
  return { ok: true, data: result.data, warnings: [...result.warnings, ...warnings], ...read };
}

/** A type without lines of its own takes the meaning that its codec's normalizeUplink gives. */
function meaningOf({ manifest }: LoadedType, { data, normalized }: Decoded, fPort: number): Normalised {
  if (manifest.measurements === 'catalogue' && normalized) return normaliseRecord(manifest, fromNormalized(normalized));
  return normalise(manifest, data, fPort);
}
