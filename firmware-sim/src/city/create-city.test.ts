import { describe, expect, test } from 'vitest';
import { AssetInput, Calendar, Crew, Depot, DeviceInput, DisposalSite, Vehicle } from '@ronde/contracts';
import { HOUR_MS } from '../clock.ts';
import { createCity } from './create-city.ts';
import { vehiclesOnShift } from './fleet.ts';
import { AIRPORT } from './model.ts';

const city = createCity({ seed: 1 });

describe('createCity', () => {
  test('gives the same city for the same seed, and another one for another seed', () => {
    expect(createCity({ seed: 1 })).toEqual(city);
    expect(createCity({ seed: 2 }).assets).not.toEqual(city.assets);
  });

  test('has about 600 assets of six kinds, every document as the contracts want it', () => {
    expect(city.assets.length).toBeGreaterThan(550);
    expect(new Set(city.assets.map(({ kind }) => kind)).size).toBe(6);
    for (const asset of city.assets) expect(AssetInput.safeParse(asset).error, asset.id).toBeUndefined();
    for (const device of city.devices) expect(DeviceInput.safeParse(device).error, device.id).toBeUndefined();
    for (const [schema, items] of [
      [Vehicle, city.vehicles],
      [Depot, city.depots],
      [DisposalSite, city.disposalSites],
      [Crew, city.crews],
      [Calendar, [city.calendar]],
    ] as const) {
      for (const item of items) expect(schema.safeParse(item).error, item.id).toBeUndefined();
    }
  });

  test('identities are unique and devices hang in chambers that exist', () => {
    for (const ids of [city.assets, city.devices].map((items) => items.map(({ id }) => id)))
      expect(new Set(ids).size).toBe(ids.length);
    const euis = city.devices.flatMap(({ externalIds }) => externalIds?.devEui ?? []);
    expect(new Set(euis).size).toBe(euis.length);
    const chambers = new Set(
      city.assets.flatMap(({ id, chambers: all }) => all.map((chamber) => `${id}/${chamber.id}`)),
    );
    for (const { assetId, chamber } of city.devices) expect(chambers.has(`${assetId}/${chamber}`)).toBe(true);
  });

  test('has at least two vehicles on shift at every hour of the week', () => {
    for (let hour = 0; hour < 168; hour++) {
      const atMs = Date.UTC(2026, 0, 5) + hour * HOUR_MS;
      expect(vehiclesOnShift(city.vehicles, atMs).length, `hour ${hour}`).toBeGreaterThanOrEqual(2);
    }
  });

  test('every bin has a vehicle that may serve it and a site that takes its load by day and night', () => {
    for (const asset of city.assets.filter(({ liftType }) => liftType)) {
      for (const { fraction } of asset.chambers) {
        const able = city.vehicles.filter(
          ({ fractions, liftTypes, areaIds }) =>
            fractions.includes(fraction!) && liftTypes.includes(asset.liftType!) && areaIds!.includes(asset.areaId!),
        );
        expect(able.length, asset.id).toBeGreaterThan(0);
        expect(
          city.disposalSites.some(({ fractions, openingHours }) => fractions.includes(fraction!) && !openingHours),
        ).toBe(true);
      }
    }
  });

  test('has a terminal with indoor bins, two depots, places with opening times and notes for crews', () => {
    expect(city.assets.filter(({ areaId }) => areaId === AIRPORT).every(({ kind }) => kind === 'indoor-bin')).toBe(
      true,
    );
    expect(city.depots).toHaveLength(2);
    expect(city.assets.some(({ timeWindows }) => timeWindows)).toBe(true);
    expect(city.assets.some(({ accessNote }) => accessNote)).toBe(true);
  });
});
