import type { StoredFrame } from '@ronde/contracts';
import type { Breath } from '@ronde/kit';
import { PAYLOAD_LIMIT_BYTES } from '../bridge/framing.ts';
import { TOO_LARGE_TOPIC } from '../bridge/route-message.ts';
import { BACKFILL_TOPIC } from '../gaps/backfill.ts';
import { readFrame } from '../sources/index.ts';
import type { Parsed } from '../sources/parsed.ts';
import type { Announcement, Opened } from './item.ts';
import { keep, noteIgnored, refusalOf, refusalOfThrown, refuse, type Ledger } from './ledger.ts';
import type { Recollection } from './memory.ts';

export interface OpenedBatch {
  uplinks: Opened[];
  events: Announcement[];
}

/** Takes the uplinks and events out of their network's envelope, in the order of the frames. */
export async function openEnvelopes(
  frames: readonly StoredFrame[],
  ledger: Ledger,
  { recollection, isReplay, breathe }: { recollection: Recollection; isReplay: boolean; breathe: Breath },
): Promise<OpenedBatch> {
  const batch: OpenedBatch = { uplinks: [], events: [] };
  for (const frame of frames) {
    await breathe();
    if (frame.topic.startsWith(TOO_LARGE_TOPIC)) {
      refuseTooLarge(frame, ledger);
      continue;
    }
    const read = readFrame(frame);
    // mostly nothing, and then not even a turn of the event loop
    if (read.recalls.length > 0) await recollection.load(read.recalls);
    try {
      openOne(frame, read.parse({ recall: recollection, isReplay }), { ledger, batch });
    } catch (thrown) {
      refuse(ledger, frame, refusalOfThrown('envelope', 'PAYLOAD_MALFORMED', thrown));
    }
  }
  return batch;
}

function openOne(frame: StoredFrame, parsed: Parsed, { ledger, batch }: { ledger: Ledger; batch: OpenedBatch }): void {
  if (parsed.kind === 'ignored') return noteIgnored(ledger, frame);
  const deviceId = frame.origin.kind === 'device' ? frame.origin.id : undefined;
  if (parsed.kind === 'refused')
    return refuse(ledger, frame, { ...refusalOf('envelope', parsed.code, parsed.faults), deviceId });
  if (parsed.warnings.length > 0)
    keep(ledger, frame, { ...refusalOf('envelope', 'PAYLOAD_MALFORMED', parsed.warnings), deviceId });
  const idAt = (index: number): string => (index === 0 ? String(frame.seq) : `${frame.seq}-${index}`);
  const { uplinks, events } = parsed;
  if (uplinks.length + events.length === 0) noteIgnored(ledger, frame);
  const isBackfill = frame.topic.startsWith(BACKFILL_TOPIC);
  batch.uplinks.push(
    ...uplinks.map((uplink, index) => ({
      frame,
      uplink: isBackfill ? { ...uplink, late: true } : uplink,
      uplinkId: idAt(index),
    })),
  );
  batch.events.push(
    ...events.map((event, index) => ({
      frame,
      event,
      uplinkId: idAt(uplinks.length + index),
      isAlone: uplinks.length === 0,
    })),
  );
}

/** An outside broker's message that was too long: its start is kept, and it must not come again for ever. */
function refuseTooLarge(frame: StoredFrame, ledger: Ledger): void {
  const bytes = frame.topic.slice(TOO_LARGE_TOPIC.length).split('/', 1)[0];
  const deviceId = frame.origin.kind === 'device' ? frame.origin.id : undefined;
  refuse(ledger, frame, {
    stage: 'envelope',
    code: 'PAYLOAD_MALFORMED',
    reason: `the message has ${bytes} bytes, ${PAYLOAD_LIMIT_BYTES} are taken; its first ${frame.payload.length} are kept`,
    remedy: 'send smaller messages, or leave this topic out of what is followed',
    deviceId,
  });
}
