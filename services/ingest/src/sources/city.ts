import {
  CITY_INPUTS,
  type CityInput,
  type CraneLift,
  type Deposits,
  type Quantity,
  type Uplink,
  type WeighbridgeTicket,
} from '@ronde/contracts';
import { toMs } from './fields.ts';
import { accepted, faultsOf, malformed, type SourceParser } from './parsed.ts';

const REMEDY = 'compare the message with the documented form; only its fields are taken';

/** One value that an entry gives. */
interface Given {
  quantity: Quantity;
  value: number;
  chamber?: string | undefined;
  assetId?: string | undefined;
}

/** Reads the strict JSON of one kind of city input: every entry is an uplink of its own with its own time. */
function cityInput<E extends { deviceId: string; at: string }>(
  source: CityInput,
  valueOf: (entry: E) => Given,
): SourceParser {
  const [one, many] = CITY_INPUTS[source].options;
  return {
    source,
    // these have no network of their own: an integration's credential says what they are
    matches: () => false,
    recognise: () => undefined,
    parse(message) {
      const read = Array.isArray(message) ? many.safeParse(message) : one.safeParse(message);
      if (!read.success) return malformed(faultsOf(read.error, REMEDY));
      return accepted(([read.data].flat() as unknown as E[]).map((entry) => toUplink(source, entry, valueOf(entry))));
    },
  };
}

function toUplink(source: CityInput, { deviceId, at }: { deviceId: string; at: string }, given: Given): Uplink {
  return {
    source,
    device: { deviceId },
    session: '',
    fCnt: null,
    fPort: null,
    bytes: null,
    values: [given],
    atMs: toMs(at) ?? null,
    radio: null,
  };
}

/** Deposit counts of access systems; card numbers never get as far as here. */
export const deposits = cityInput<Deposits>('deposits', ({ count, chamber }) => ({
  quantity: 'deposits',
  value: count,
  chamber,
}));

/** Weights of single lifts; the container that was lifted gets the reading, the crane stays its origin. */
export const crane = cityInput<CraneLift>('crane', ({ massKg, assetId }) => ({
  quantity: 'liftedMass',
  value: massKg,
  assetId,
}));

/** Tickets of weighbridges, by fraction. */
export const weighbridge = cityInput<WeighbridgeTicket>(
  'weighbridge',
  ({ netKg, grossKg = 0, tareKg = 0, fraction }) => ({
    quantity: 'ticketMass',
    value: netKg ?? grossKg - tareKg,
    chamber: fraction,
  }),
);
