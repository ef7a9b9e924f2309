import type { DeviceRecord, Mount, MountInput } from './device.ts';
import type { Fault, Result } from './errors.ts';
import { MAX_MOUNTS } from './device.ts';

/**
 * Start of a stay that was registered rather than seen to begin: whoever registers a device with its asset says that it
 * hangs there, also for history that arrives later.
 */
export const SINCE_EVER = '1970-01-01T00:00:00.000Z';

/** Where a device hangs: the part of a record that follows its last stay. */
export type Place = Pick<MountInput, 'assetId' | 'chamber' | 'mounting'>;
type Stays = Pick<DeviceRecord, 'assetId' | 'chamber' | 'mounting' | 'mounts'>;

/** Gives the stays of a device, oldest first. Records of before stays were kept have one, since ever. */
export function mountsOf(device: Stays): Mount[] {
  const place = placeOf(device);
  if (!device.mounts) return place ? [{ ...place, from: SINCE_EVER, to: null }] : [];
  const last = device.mounts.at(-1);
  // of the stay that lasts, chamber and distances are what the record says: a correction there holds for the whole stay
  if (!last || last.to !== null || last.assetId !== place?.assetId) return device.mounts;
  return [...device.mounts.slice(0, -1), { ...place, from: last.from, to: null }];
}

/** Finds the stay that covers a moment; undefined between stays. The end of a stay is the first moment not in it. */
export function mountAt(device: Stays, atMs: number): Mount | undefined {
  return mountsOf(device).findLast(
    ({ from, to }) => Date.parse(from) <= atMs && (to === null || atMs < Date.parse(to)),
  );
}

/** Gives the place a device hangs at now. */
export function placeOf({ assetId, chamber, mounting }: Stays): Place | undefined {
  if (assetId === undefined) return undefined;
  return { assetId, ...(chamber !== undefined && { chamber }), ...(mounting && { mounting }) };
}

/**
 * Moves a device at a moment: ends the stay that lasts, and begins one at `place` unless that is undefined. The record
 * that comes out keeps all else. Refused when the moment lies within or before a stay that has already begun.
 */
export function moved<D extends Stays>(device: D, place: Place | undefined, at: string): Result<D> {
  const stays = mountsOf(device);
  const last = stays.at(-1);
  if (last && last.to === null && Date.parse(at) <= Date.parse(last.from)) return refused(last, `after ${last.from}`);
  if (last && last.to !== null && Date.parse(at) < Date.parse(last.to)) return refused(last, `from ${last.to} on`);
  const ended = last?.to === null ? [...stays.slice(0, -1), { ...last, to: at }] : stays;
  const mounts = place ? [...ended, { ...place, from: at, to: null }] : ended;
  const { assetId: _asset, chamber: _chamber, mounting: _mounting, ...rest } = device;
  return { ok: true, value: { ...rest, ...place, mounts: mounts.slice(-MAX_MOUNTS) } as unknown as D };
}

function refused({ assetId, from, to }: Mount, when: string): { ok: false; faults: Fault[] } {
  return {
    ok: false,
    faults: [
      {
        field: 'at',
        code: 'INPUT_INVALID',
        message: `overlaps the stay on "${assetId}" from ${from} to ${to ?? 'now'}`,
        remedy: `choose a moment ${when}`,
      },
    ],
  };
}
