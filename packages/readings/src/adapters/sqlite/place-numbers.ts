import type { Reading } from '@ronde/contracts';

/** Places that the other side does not know yet: tenant, deviceId, assetId, chamber and quantity, line by line. */
export interface NewPlaces {
  /** Number of the first. */
  from: number;
  texts: string[];
}

/**
 * Numbers places, so that each text crosses the thread and is looked up there once: devices report the same few
 * quantities over and over.
 */
export interface PlaceNumbers {
  of(tenant: string, reading: PlacedBy): number;
  /** Gives what is to be told before numbers are used; told again until `arrived` says that it was sent. */
  untold(): NewPlaces;
  arrived(told: NewPlaces): void;
}

export type PlacedBy = Pick<Reading, 'deviceId' | 'assetId' | 'chamber' | 'quantity'>;

interface Known {
  assetId: string | null;
  chamber: string | undefined;
  quantity: string;
  number: number;
}

/** Creates the numbers of one connection. */
export function createPlaceNumbers(): PlaceNumbers {
  const tenants = new Map<string, Map<string, Known[]>>();
  let count = 0;
  let untold: string[] = [];
  let tenant: string | undefined;
  let devices = new Map<string, Known[]>();
  let deviceId: string | undefined;
  let known: Known[] = [];
  let turn = 0;
  const turnTo = (ofTenant: string, ofDevice: string): void => {
    if (ofTenant !== tenant) {
      devices = tenants.get(ofTenant) ?? new Map<string, Known[]>();
      tenants.set((tenant = ofTenant), devices);
    }
    known = devices.get(ofDevice) ?? [];
    devices.set((deviceId = ofDevice), known);
    turn = 0;
  };
  const isAt = (one: Known | undefined, { assetId, chamber, quantity }: PlacedBy): boolean =>
    one !== undefined && one.quantity === quantity && one.assetId === assetId && one.chamber === chamber;
  return {
    of(ofTenant, reading) {
      if (reading.deviceId !== deviceId || ofTenant !== tenant) turnTo(ofTenant, reading.deviceId);
      // a device tells its quantities in the same order each time
      if (!isAt(known[turn], reading)) turn = known.findIndex((one) => isAt(one, reading));
      if (turn >= 0) return known[turn++]!.number;
      const { assetId, chamber, quantity } = reading;
      turn = known.push({ assetId, chamber, quantity, number: count });
      untold.push(`${ofTenant}\n${reading.deviceId}\n${assetId ?? ''}\n${chamber ?? ''}\n${quantity}`);
      return count++;
    },
    untold: () => ({ from: count - untold.length, texts: untold }),
    arrived({ texts }) {
      untold = untold.slice(texts.length);
    },
  };
}
