import { beforeAll, describe, expect, test } from 'vitest';
import { AssetInput, DeviceInput } from '@ronde/contracts';
import { openEncoders } from '@ronde/sensor-types';
import { deviceInputOf } from '../city/model.ts';
import { NETWORK_IDS, type NetworkId } from '../networks/model.ts';
import { openTypeBook, type TypeBook } from '../type-book.ts';
import { createLoadFleet, USUAL_TYPES, type LoadFleet, type LoadFleetOptions } from './load-fleet.ts';

let types: TypeBook;
beforeAll(async () => {
  types = await openTypeBook(await openEncoders());
});

function fleet(given: Partial<LoadFleetOptions> = {}): LoadFleet {
  const made = createLoadFleet({ seed: 1, devices: 960, intervalMs: 60_000, networks: NETWORK_IDS, ...given }, types);
  if (!made.ok) throw new Error(JSON.stringify(made.faults));
  return made.value;
}

describe('createLoadFleet', () => {
  test('gives every network in turn, every document as the contracts want it, and no name twice', () => {
    const made = fleet();
    expect(Object.values(Object.groupBy(made.devices, ({ link }) => link)).map((some) => some!.length)).toEqual(
      NETWORK_IDS.map(() => 60),
    );
    const names: string[] = [];
    made.devices.forEach((device, place) => {
      const input = deviceInputOf(device);
      expect(DeviceInput.strict().safeParse(input).error, device.id).toBeUndefined();
      expect(AssetInput.safeParse(made.assetOf(place)).error, device.id).toBeUndefined();
      names.push(device.id, ...Object.values(device.externalIds ?? {}));
    });
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(made.demand.map(({ assetId }) => assetId)).size).toBe(made.devices.length);
  });

  test('two seeds share no name in any network', () => {
    const namesOf = (seed: number): string[] =>
      fleet({ seed }).devices.flatMap(({ id, externalIds }) => [id, ...Object.values(externalIds ?? {})]);
    const first = new Set(namesOf(1));
    expect(namesOf(2).some((name) => first.has(name))).toBe(false);
  });

  test('uses all types where they fit: no long payload on Sigfox, only port 85 on Milesight NB-IoT', () => {
    const wanted = types.ids().filter((id) => id !== 'plain');
    const made = fleet({ types: wanted, devices: 16 * wanted.length });
    const typesOn = (link: NetworkId): Set<string> =>
      new Set(made.devices.filter((one) => one.link === link).map(({ typeId, standsFor }) => standsFor ?? typeId));
    expect(typesOn('things-stack').size).toBeGreaterThan(0.9 * wanted.length);
    expect(typesOn('senml')).toEqual(new Set(wanted));
    expect([...typesOn('milesight-nb')].every((id) => types.of(id).firstPort === 85)).toBe(true);
    expect(typesOn('sigfox').has('decentlab-dl-lid')).toBe(false);
    // what the platform knows as plain values still measures what its type measures
    expect(made.devices.filter(({ link }) => link === 'senml').every(({ typeId }) => typeId === 'plain')).toBe(true);
    const parking = made.devices.findIndex(({ typeId }) => typeId === 'bosch-tps110');
    expect(made.assetOf(parking)).toBeUndefined();
  });

  test('hangs short-sighted sensors in deep containers, within what they can see', () => {
    for (const { typeId, mounting } of fleet({ networks: ['native'] }).devices) {
      const { blindM, maxM } = types.of(typeId);
      expect(mounting!.emptyDistanceM).toBeLessThanOrEqual(maxM);
      expect(mounting!.fullDistanceM).toBeLessThan(mounting!.emptyDistanceM);
      if (blindM > 0.15) expect(mounting!.emptyDistanceM).toBeGreaterThan(1.1);
    }
    expect(new Set(fleet({ networks: ['native'] }).devices.map(({ typeId }) => typeId))).toEqual(new Set(USUAL_TYPES));
  });

  test('says which networks no type fits', () => {
    const options = { seed: 1, devices: 5, intervalMs: 1_000, types: ['decentlab-dl-lid'] };
    const made = createLoadFleet({ ...options, networks: ['native', 'sigfox', 'milesight-nb'] }, types);
    expect(made.ok ? [] : made.faults.map(({ message }) => message)).toEqual([
      expect.stringContaining('sigfox carries payloads of at most 12 bytes'),
      expect.stringContaining('milesight-nb carries payloads of port 85 only'),
    ]);
  });
});
