import type { VersionComparison } from '@ronde/contracts';
import type { ChosenVersion, Trial } from '@ronde/sensor-types';
import { inputOf, isFailure, isForType } from '../steps/decode.ts';
import type { Identified } from '../steps/item.ts';
import { describe, interpret, isSameOutcome } from './interpret.ts';

const BATCH = 100;
const EXAMPLES_EACH = 15;

type LoadedType = ChosenVersion['type'];
type Outcome = 'same' | 'changed' | 'newlyFailing' | 'newlyReadable';

/** Reads real uplinks with two versions of their type, and counts and shows what differs; `before` absent: a new type. */
export async function compareVersions(
  items: readonly Identified[],
  versions: { before: LoadedType | undefined; after: LoadedType },
  trial: Pick<Trial, 'decodeBatch'>,
): Promise<VersionComparison> {
  const comparison: VersionComparison = {
    frames: 0,
    same: 0,
    changed: 0,
    newlyFailing: 0,
    newlyReadable: 0,
    examples: [],
  };
  const coded = items.filter((item) => isForType(item, versions.after));
  for (let from = 0; from < coded.length; from += BATCH) {
    const batch = coded.slice(from, from + BATCH);
    const pairs = await trial.decodeBatch(
      batch.flatMap((item) => {
        const { before = versions.after, after } = versions;
        return [
          { type: versions.before, input: inputOf(item, before) },
          { type: after, input: inputOf(item, after) },
        ];
      }),
    );
    batch.forEach((item, index) =>
      note(comparison, item, { versions, results: pairs.slice(2 * index, 2 * index + 2) }),
    );
  }
  return comparison;
}

function note(
  comparison: VersionComparison,
  item: Identified,
  {
    versions,
    results,
  }: {
    versions: { before: LoadedType | undefined; after: LoadedType };
    results: Awaited<ReturnType<Trial['decodeBatch']>>;
  },
): void {
  const [was, is] = [results[0]!, results[1]!];
  const before = interpret(item, versions.before ?? versions.after, was);
  const after = interpret(item, versions.after, is);
  const outcome = outcomeOf({
    failedBefore: isFailure(was),
    failsNow: isFailure(is),
    same: isSameOutcome(before, after),
  });
  const shown = comparison[outcome];
  comparison.frames += 1;
  comparison[outcome] += 1;
  if (outcome === 'same' || shown >= EXAMPLES_EACH) return;
  comparison.examples.push({
    uplinkId: item.uplinkId,
    deviceId: item.device.id,
    at: new Date(item.uplink.atMs ?? item.frame.receivedAtMs).toISOString(),
    fPort: item.uplink.fPort,
    hex: Buffer.from(item.uplink.bytes ?? [])
      .toString('hex')
      .slice(0, 1024),
    before: describe(before),
    after: describe(after),
  });
}

function outcomeOf(found: { failedBefore: boolean; failsNow: boolean; same: boolean }): Outcome {
  if (found.same) return 'same';
  if (found.failsNow === found.failedBefore) return 'changed';
  return found.failsNow ? 'newlyFailing' : 'newlyReadable';
}
