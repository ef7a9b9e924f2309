import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DeviceHealth, DeviceLink, Incident, InstallTest } from '@ronde/contracts';
import { openSensorTypes, type SensorTypes } from '@ronde/sensor-types';
import {
  LORA,
  NOW,
  TENANT,
  openWorld,
  storeInTrouble,
  temporaryDir,
  thingsStackUplink,
  type World,
} from '../fixtures.ts';

const HOUR_MS = 3_600_000;
const SOON = { timeout: 20_000 };
const EUI = 'a84041b2c1d2e3f4';
let types: SensorTypes;
beforeAll(async () => {
  types = await openSensorTypes();
});
afterAll(() => types.close());

async function call<T>(world: World, url: string, body?: object): Promise<T> {
  const answer = await world.http.inject({
    method: body ? 'POST' : 'GET',
    url,
    headers: { authorization: 'Bearer engineer' },
    ...(body && { payload: body }),
  });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
  return answer.json() as T;
}

/** Lets minutes of platform time pass until the devices were judged so: a sweep under way swallows the next one's turn. */
async function judged(world: World, check: () => Promise<void>): Promise<void> {
  await vi.waitFor(
    async () => {
      world.clock.advance(60_000);
      await check();
    },
    { timeout: 10_000, interval: 100 },
  );
}
/** Lets bin-1 send every hour, until its rhythm is known. */
async function learnHourly(world: World): Promise<void> {
  await world.addDevice('bin-1', 'plain');
  await world.start();
  for (let i = 0; i < 30; i++) {
    await world.send({ fill: 0.1 + i / 100 });
    world.clock.advance(HOUR_MS);
    await world.settled();
  }
}
const incidentsOf = (world: World): Promise<Incident[]> =>
  world.registry.incidents.all(TENANT, { kind: ['device-health', 'fire'] });

test('a sensor that sends every hour and then no more gets silent, with its odds, and well again by its next uplink', async () => {
  const world = await openWorld({ types });
  await learnHourly(world);
  await judged(world, async () =>
    expect(await call<DeviceHealth>(world, '/v1/devices/bin-1/health')).toMatchObject({
      status: 'ok',
      intervalS: 3600,
    }),
  );
  world.clock.advance(9 * HOUR_MS);
  await judged(world, async () => {
    const health = await call<DeviceHealth>(world, '/v1/devices/bin-1/health');
    expect(health).toMatchObject({ status: 'bad', issues: [{ kind: 'silent' }] });
    expect(health.silenceProbability).toBeLessThan(0.001);
  });
  expect(await call(world, '/v1/device-health?status=bad')).toMatchObject({ items: [{ id: 'bin-1' }] });
  expect(await incidentsOf(world)).toMatchObject([{ issue: 'silent', status: 'open', deviceId: 'bin-1' }]);
  await world.send({ fill: 0.5 });
  await world.settled();
  await judged(world, async () => expect(await incidentsOf(world)).toMatchObject([{ status: 'resolved' }]));
});

test('a sensor whose uplinks wait for a store in trouble is not called silent', async () => {
  const { trouble, wrapReadings } = storeInTrouble(false);
  const world = await openWorld({ types, wrapReadings });
  await learnHourly(world);
  trouble.isBroken = true;
  for (let i = 0; i < 9; i++) {
    await world.send({ fill: 0.4 + i / 100 });
    world.clock.advance(HOUR_MS);
    // a turn of the event loop, and with it a sweep
    await call(world, '/v1/devices/bin-1/health');
  }
  trouble.isBroken = false;
  await vi.waitFor(async () => {
    world.clock.advance(30_000);
    expect(await world.stored()).toHaveLength(39);
  }, SOON);
  expect(await incidentsOf(world)).toEqual([]);
});

test('missing counters are listed as gaps, a late uplink fills its own, and all of it survives a kill', async () => {
  const dir = await temporaryDir();
  const world = await openWorld({ types, dir });
  await world.addDevice('bin-1', 'dragino-ldds75', { externalIds: { devEui: EUI } });
  await world.start();
  const uplink = async (to: World, fCnt: number): Promise<void> => {
    await to.send(thingsStackUplink(EUI, { hex: `0d3b0${fCnt % 10}ef00000001`, fPort: 2, fCnt, rssi: -100 }), LORA);
    // all of them within the two minutes after which a gap is asked for
    to.clock.advance(20_000);
  };
  for (const fCnt of [5, 6, 10, 11, 8]) await uplink(world, fCnt);
  await world.settled();
  const link = await call<DeviceLink>(world, '/v1/devices/bin-1/link');
  expect(link).toMatchObject({ lastCounter: 11, received: 5, missed: 3, recovered: 1, resets: 0 });
  expect(link.gaps).toMatchObject([{ from: 7, to: 9, status: 'open', recovered: 1 }]);

  // what a kill leaves: the stores as they are, memories not written
  await world.registry.deviceMemories.delete(TENANT, 'bin-1');
  await world.inbox.close();
  const again = await openWorld({ types, dir: world.dataDir });
  again.clock.advance(10 * 60_000);
  await again.start();
  await uplink(again, 12);
  await again.settled();
  expect(await call<DeviceLink>(again, '/v1/devices/bin-1/link')).toMatchObject({ lastCounter: 12, missed: 3 });
});

test('a fire is told at once, not at the next round of judging', async () => {
  const world = await openWorld({ types });
  await world.addDevice('bin-1', 'plain');
  await world.start();
  for (const temperature of [21, 24, 55]) {
    await world.send({ fill: 0.5, temperature });
    world.clock.advance(5 * 60_000 - 59_000);
  }
  await world.settled();
  await vi.waitFor(async () =>
    expect(await incidentsOf(world)).toMatchObject([{ kind: 'fire', issue: 'fire', status: 'open' }]),
  );
});

test('two sensors whose bins were swapped are named by the visits of the crew', async () => {
  const world = await openWorld({ types });
  await world.addDevice('s-a', 'plain', { assetId: 'bin-a' });
  await world.addDevice('s-b', 'plain', { assetId: 'bin-b' });
  await world.start();
  const speak = async (device: string, fill: number): Promise<void> => {
    await world.send({ fill }, { origin: { kind: 'device', id: device } });
  };
  // each hour both speak; a visit to bin-a empties what sensor s-b sees, six hours later the other way round
  for (let hour = 0; hour < 44; hour++) {
    if (hour % 12 === 6) await world.bus.publish('readings.accepted', visit('bin-a', world.clock.iso()));
    if (hour % 12 === 0 && hour > 0) await world.bus.publish('readings.accepted', visit('bin-b', world.clock.iso()));
    world.clock.advance(600_000);
    await speak('s-a', (hour % 12) / 14);
    await speak('s-b', ((hour + 6) % 12) / 14);
    world.clock.advance(HOUR_MS - 600_000);
  }
  await world.settled();
  world.clock.advance(6 * HOUR_MS);
  await judged(world, async () => {
    const textOf = async (id: string): Promise<string | undefined> => {
      const { issues } = await call<DeviceHealth>(world, `/v1/devices/${id}/health`);
      return issues.find(({ kind }) => kind === 'cross-mounted')?.text;
    };
    expect(await textOf('s-a')).toBe('its level falls when bin-b is emptied, not bin-a, swapped with s-b');
    expect(await textOf('s-b')).toContain('swapped with s-a');
    expect((await incidentsOf(world)).filter(({ issue }) => issue === 'cross-mounted')).toHaveLength(2);
  });
});

test('an installation test waits for its uplinks and judges signal and distance', async () => {
  const world = await openWorld({ types });
  const mounting = { emptyDistanceM: 3, fullDistanceM: 0.3 };
  await world.addDevice('bin-1', 'dragino-ldds75', { externalIds: { devEui: EUI }, mounting });
  await world.start();
  const begun = await call<InstallTest>(world, '/v1/devices/bin-1/install-tests', { uplinks: 2 });
  expect(begun).toMatchObject({ status: 'waiting', uplinks: [] });
  for (const fCnt of [1, 2]) {
    await world.send(thingsStackUplink(EUI, { hex: '0d3b0aef00000001', fPort: 2, fCnt, rssi: -104 }), LORA);
    world.clock.advance(60_000);
  }
  await world.settled();
  await vi.waitFor(async () => {
    const test = await call<InstallTest>(world, `/v1/install-tests/${begun.id}`);
    expect(test).toMatchObject({ status: 'passed', worstRateMarginDb: 25 });
    expect(test.uplinks).toMatchObject([{ distanceM: 2.799, rssi: -104, gateways: 1 }, { distanceM: 2.799 }]);
    expect(test.checks.map(({ name }) => name)).toEqual(['uplinks', 'signal', 'gateways', 'payload', 'distance']);
  });
  expect(await call(world, '/v1/devices/bin-1/install-tests')).toMatchObject({ items: [{ id: begun.id }] });
});

test('an installation test that nothing answers expires', async () => {
  const world = await openWorld({ types });
  await world.addDevice('bin-1');
  await world.start();
  const begun = await call<InstallTest>(world, '/v1/devices/bin-1/install-tests', {});
  world.clock.advance(3 * HOUR_MS + 60_000);
  await vi.waitFor(async () =>
    expect(await call<InstallTest>(world, `/v1/install-tests/${begun.id}`)).toMatchObject({ status: 'expired' }),
  );
  expect(NOW).toBeLessThan(Date.parse(begun.startedAt) + 1);
});

function visit(assetId: string, at: string) {
  return {
    tenant: TENANT,
    readings: [
      {
        at,
        receivedAt: at,
        deviceId: 'crew-v1',
        assetId,
        quantity: 'fill' as const,
        value: 0,
        unit: '1' as const,
        quality: 'ok' as const,
        flags: ['CREW_EMPTIED' as const],
        typeVersion: 'crew@1.0.0',
        uplinkId: `crew-${at}`,
      },
    ],
  };
}
