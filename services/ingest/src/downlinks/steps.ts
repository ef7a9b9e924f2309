import type { Downlink, DownlinkStatus, NetworkEvent } from '@ronde/contracts';

type DownlinkEvent = Extract<NetworkEvent, { kind: 'downlink' }>;

/** From which status a downlink may go where; an acknowledgement may still come after a failed try. */
const NEXT: Record<DownlinkStatus, readonly DownlinkStatus[]> = {
  queued: ['sent', 'acknowledged', 'failed', 'superseded', 'cancelled'],
  sent: ['acknowledged', 'failed', 'superseded'],
  failed: ['acknowledged', 'sent'],
  acknowledged: [],
  superseded: [],
  cancelled: [],
};
const HISTORY_KEPT = 50;
/** One that the device never fetched, or never answered, is given up after this long. */
export const GIVE_UP_MS = 7 * 86_400_000;

/** Tells whether a downlink still waits for something to happen. */
export function isOpen({ status, confirmed }: Pick<Downlink, 'status' | 'confirmed'>): boolean {
  return status === 'queued' || (status === 'sent' && confirmed);
}

/** Gives a downlink one step further, with the step in its history; unchanged when the step makes no sense. */
export function stepTo(downlink: Downlink, status: DownlinkStatus, at: string, detail?: string): Downlink {
  const isSame = status === downlink.status;
  if (isSame && detail === downlink.history.at(-1)?.detail) return downlink;
  if (!isSame && !NEXT[downlink.status].includes(status)) return downlink;
  const entry = { at, status, ...(detail !== undefined && { detail: detail.slice(0, 300) }) };
  return { ...downlink, status, updatedAt: at, history: [...downlink.history, entry].slice(-HISTORY_KEPT) };
}

/** Finds the downlink that a network's event is about: by our id or the network's, else the oldest that fits. */
export function findFor(event: DownlinkEvent, ofDevice: readonly Downlink[]): Downlink | undefined {
  const { correlationId } = event;
  if (correlationId !== null) {
    const named = ofDevice.find(({ id, networkRef }) => correlationId === networkRef || correlationId.endsWith(id));
    if (named) return named;
    // an id that is not ours belongs to somebody else's downlink
    if (ofDevice.every(({ networkRef }) => networkRef !== undefined)) return undefined;
  }
  const open = ofDevice.filter((downlink) => isOpen(downlink) && downlink.handedOverAt !== undefined);
  const oldestFirst = open.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  return oldestFirst.find(({ status }) => (event.status === 'sent' ? status === 'queued' : true));
}
