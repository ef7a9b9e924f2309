import type { DeadLetter } from '@ronde/contracts';
import type { Refusal } from '@ronde/readings';
import type { Finished } from './item.ts';
import { keep, type Ledger } from './ledger.ts';

/** What the store itself will never take: a letter for each frame, with what the store says against it. */
export function lettersOf(finished: readonly Finished[], refusals: readonly Refusal[], ledger: Ledger): DeadLetter[] {
  const items = new Map(finished.map((item) => [item.uplinkId, item]));
  const frames = new Set<number>();
  for (const [uplinkId, of] of Map.groupBy(refusals, ({ reading }) => reading.uplinkId)) {
    const item = items.get(uplinkId);
    if (!item) continue;
    const what = of.map(({ reading }) => `${reading.quantity} at ${reading.at}`).join(', ');
    const reason = `the readings store refuses ${what}: ${of[0]!.reason}`.slice(0, 2000);
    keep(ledger, item, {
      stage: 'store',
      code: 'PAYLOAD_MALFORMED',
      reason,
      remedy: STORE_REMEDY,
      deviceId: item.device.id,
    });
    frames.add(item.frame.seq);
  }
  return [...frames].flatMap((seq) => ledger.deadLetters.get(seq) ?? []);
}

const STORE_REMEDY =
  'a time before the bucket’s retention or a field of another type in the same bucket; mend the bucket, then replay';
