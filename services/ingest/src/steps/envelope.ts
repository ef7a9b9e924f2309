import type { StoredFrame } from '@ronde/contracts';
import { parseFrame } from '../sources/index.ts';
import type { Opened } from './item.ts';
import { keep, noteIgnored, refusalOf, refusalOfThrown, refuse, type Ledger } from './ledger.ts';

/** Takes the uplinks out of their network's envelope. */
export function openEnvelopes(frames: readonly StoredFrame[], ledger: Ledger): Opened[] {
  return frames.flatMap((frame) => {
    try {
      return openOne(frame, ledger);
    } catch (thrown) {
      refuse(ledger, frame, refusalOfThrown('envelope', 'PAYLOAD_MALFORMED', thrown));
      return [];
    }
  });
}

function openOne(frame: StoredFrame, ledger: Ledger): Opened[] {
  const parsed = parseFrame(frame);
  if (parsed.kind === 'ignored') {
    noteIgnored(ledger, frame);
    return [];
  }
  if (parsed.kind === 'refused') {
    const deviceId = frame.origin.kind === 'device' ? frame.origin.id : undefined;
    refuse(ledger, frame, { ...refusalOf('envelope', parsed.code, parsed.faults), deviceId });
    return [];
  }
  if (parsed.warnings.length > 0) {
    const deviceId = frame.origin.kind === 'device' ? frame.origin.id : undefined;
    keep(ledger, frame, { ...refusalOf('envelope', 'PAYLOAD_MALFORMED', parsed.warnings), deviceId });
  }
  return parsed.uplinks.map((uplink, index) => ({
    frame,
    uplink,
    uplinkId: index === 0 ? String(frame.seq) : `${frame.seq}-${index}`,
  }));
}
