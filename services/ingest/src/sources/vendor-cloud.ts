import { Poll, type Fault, type Uplink } from '@ronde/contracts';
import { z } from 'zod';
import { toMs } from './fields.ts';
import { accepted, fault, faultsOf, isRecord, malformed, type SourceParser } from './parsed.ts';

const REMEDY = 'compare the paths of the integration\'s "poll" with an item of the vendor\'s answer';
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** What the poller puts into the inbox: items as the vendor gave them, and how they are to be read. */
export const PolledItems = z.object({
  poll: Poll.pick({ device: true, at: true, atUnit: true }),
  items: z.array(z.unknown()),
});
export type PolledItems = z.infer<typeof PolledItems>;

/** Reads items of a vendor's cloud: device and time by the integration's paths, the meaning by the device's type. */
export const vendorCloud: SourceParser = {
  source: 'vendor-cloud',
  matches: () => false,
  recognise: () => undefined,
  parse(message) {
    const read = PolledItems.safeParse(message);
    if (!read.success) return malformed(faultsOf(read.error, REMEDY));
    const { poll, items } = read.data;
    const uplinks: Uplink[] = [];
    const warnings: Fault[] = [];
    for (const [index, item] of items.entries()) {
      const uplink = toUplink(item, poll, `items.${index}`);
      if ('code' in uplink) warnings.push(uplink);
      else uplinks.push(uplink);
    }
    return uplinks.length === 0 && warnings.length > 0 ? malformed(warnings) : accepted(uplinks, warnings);
  },
};

function toUplink(item: unknown, poll: PolledItems['poll'], field: string): Uplink | Fault {
  if (!isRecord(item)) return fault(field, 'is no object', REMEDY);
  const name = valueAt(item, poll.device);
  if (typeof name !== 'string' && typeof name !== 'number')
    return fault(`${field}.${poll.device}`, 'names no device', REMEDY);
  const atMs = poll.at === undefined ? null : timeOf(valueAt(item, poll.at), poll.atUnit);
  if (atMs === undefined) return fault(`${field}.${poll.at}`, `is no time in ${poll.atUnit}`, REMEDY);
  const networkId = String(name).slice(0, 128);
  return {
    source: 'vendor-cloud',
    device: { networkId, ...(ID.test(networkId) && { orDeviceId: networkId }) },
    session: '',
    fCnt: null,
    fPort: null,
    bytes: null,
    values: [],
    data: item,
    atMs,
    radio: null,
  };
}

/** Reads the time of an item, in the unit that the integration names. */
export function timeOf(value: unknown, unit: Poll['atUnit']): number | undefined {
  if (unit === 'iso') return typeof value === 'string' ? toMs(value) : undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  return Math.round(unit === 's' ? number * 1000 : number);
}

/** Follows a dotted path; the empty path is the value itself. */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value;
  let at = value;
  for (const key of path.split('.')) {
    if (!isRecord(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}
