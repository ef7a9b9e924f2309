import { differenceOf } from './cli/deep-equal.ts';
import type { Example } from './examples.ts';
import { normaliseRecord } from './normalise.ts';
import type { LoadedType } from './read-type.ts';
import { openSandbox } from './sandbox.ts';
import type { SandboxOptions } from './sandbox.ts';
import { createTypeDecoder } from './type-decoder.ts';
import type { TypeDecodeResult, TypeDecoder } from './type-decoder.ts';

/** How one vector of `examples.yaml` came out. */
export interface ExampleOutcome {
  description: string;
  ok: boolean;
  /** What differs from the example. */
  why?: string;
}

/** A sandbox of its own for versions nobody trusts yet: what they do there holds up no uplink of a live device. */
export interface Trial extends Pick<TypeDecoder, 'decodeBatch'> {
  /** Runs a type's examples; each must come out as written. */
  examples(type: LoadedType): Promise<ExampleOutcome[]>;
  close(): Promise<void>;
}

const FAULTS_TO_PAUSE = 10;
const RECV_TIME = '2026-01-01T12:00:00.000Z';

/** Opens a trial; it must be closed. */
export async function openTrial(options: SandboxOptions = {}): Promise<Trial> {
  // an example may provoke a fault on purpose, so that a few are no reason to pause; an endless row of them is
  const sandbox = await openSandbox({ faultsToOpen: FAULTS_TO_PAUSE, ...options });
  const { decodeBatch } = createTypeDecoder(sandbox);
  return {
    decodeBatch,
    async examples(type) {
      const inputs = type.examples.flatMap(({ input }) => ('hex' in input ? [input] : []));
      const results = await decodeBatch(
        inputs.map(({ hex, fPort, recvTime = RECV_TIME }) => ({
          type,
          input: { bytes: Uint8Array.from(Buffer.from(hex, 'hex')), fPort, recvTime },
        })),
      );
      let next = 0;
      return type.examples.map((example) => judge(type, example, 'hex' in example.input ? results[next++] : undefined));
    },
    close: () => sandbox.close(),
  };
}

function judge(type: LoadedType, example: Example, result: TypeDecodeResult | undefined): ExampleOutcome {
  const why = whyNot(type, example, result);
  return { description: example.description, ok: why === undefined, ...(why !== undefined && { why }) };
}

function whyNot(
  type: LoadedType,
  { input, output, canonical }: Example,
  result: TypeDecodeResult | undefined,
): string | undefined {
  if ('record' in input)
    return differenceOf(canonical, normaliseRecord(type.manifest, input.record).values, 'canonical');
  if (!result) return 'the sandbox gave no answer';
  if (!result.ok)
    return output?.errors
      ? differenceOf(output.errors, result.errors, 'errors')
      : `refused: ${result.errors.join('; ')}`;
  if (output?.errors) return 'was to be refused, and was read';
  return (
    (output?.data && differenceOf(output.data, result.data, 'data')) ??
    (canonical && differenceOf(canonical, result.values, 'canonical'))
  );
}
