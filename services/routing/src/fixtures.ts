import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import {
  AssetInput,
  Calendar,
  type CrewServerMessage,
  type Principal,
  type Reading,
  type Vehicle,
} from '@ronde/contracts';
import { createClock, createHealth, createHttp, openMetrics, silentLog, type Clock } from '@ronde/kit';
import { openBus } from '@ronde/bus';
import { openReadings } from '@ronde/readings';
import { openRegistry } from '@ronde/registry';
import { openTravel } from '@ronde/travel';
import { RoutingConfig } from './config.ts';
import { createRouting } from './service.ts';

/** A Monday morning at which the fixture's shift has just begun. */
export const START_MS = Date.parse('2026-01-05T06:00:00Z');
const HOUR_MS = 3_600_000;
const TENANT = 'default';
const PRINCIPALS: Record<string, Principal> = {
  'operator-token': { tenant: TENANT, role: 'operator', tokenId: 'o' },
  'crew-token': { tenant: TENANT, role: 'crew', tokenId: 'c', crewId: 'crew-1' },
  'other-crew-token': { tenant: TENANT, role: 'crew', tokenId: 'd', crewId: 'crew-2' },
  'stranger-token': { tenant: 'elsewhere', role: 'operator', tokenId: 's' },
  'viewer-token': { tenant: TENANT, role: 'viewer', tokenId: 'v' },
};

export function asset(index: number): AssetInput {
  return AssetInput.parse({
    id: `bin-${index}`,
    kind: 'container',
    name: `Bin ${index}`,
    chambers: [{ id: '1', fraction: 'residual', volumeL: 1100 }],
    geometry: { type: 'Point', coordinates: [5.1 + (index % 4) * 0.006, 52.08 + Math.floor(index / 4) * 0.005] },
  });
}

/** Fourteen days of hourly fill, rising at a steady rate and emptied when full, that ends at `fill`. */
export function history(assetId: string, fill: number, options: { ratePerHour: number; nowMs: number }): Reading[] {
  return Array.from({ length: 14 * 24 }, (_, index): Reading => {
    const hoursAgo = 14 * 24 - 1 - index;
    const raw = fill - hoursAgo * options.ratePerHour;
    const value = ((raw % 0.9) + 0.9) % 0.9;
    const at = new Date(options.nowMs - hoursAgo * HOUR_MS - 60_000).toISOString();
    return {
      at,
      receivedAt: at,
      deviceId: `dev-${assetId}`,
      assetId,
      chamber: '1',
      quantity: 'fill',
      value: hoursAgo * options.ratePerHour < fill ? raw : value,
      unit: '1',
      quality: 'ok',
      flags: [],
      typeVersion: 'plain@1',
      uplinkId: `u${index}`,
    };
  });
}

export const VEHICLE: Vehicle = {
  id: 'truck-1',
  name: 'Truck 1',
  depotId: 'yard',
  crewId: 'crew-1',
  fractions: ['residual'],
  liftTypes: ['hand'],
  capacityKg: 400,
  shifts: [{ from: '06:30', to: '15:00' }],
  speedKmh: 28,
  available: true,
};

/** Brings up the routing role on real stores, with bins filled as given. */
export async function openFixture(
  fills: number[],
  options: { clock?: Clock; config?: Record<string, unknown>; vehicles?: Vehicle[] } = {},
) {
  const log = silentLog();
  const clock = options.clock ?? createClock({ startMs: START_MS });
  const registry = await openRegistry('sqlite::memory:', { dataDir: '.', log });
  const readings = await openReadings('sqlite::memory:', { dataDir: '.', log });
  const bus = await openBus('memory:', log);
  const travel = await openTravel('straight-line:');
  const authenticate = async (token: string): Promise<Principal | undefined> => PRINCIPALS[token];
  const http = await createHttp({ authenticate, version: '0.0.0' });
  await registry.depots.put(TENANT, { id: 'yard', name: 'Yard', position: { lat: 52.07, lon: 5.09 } });
  await registry.disposalSites.put(TENANT, {
    id: 'tip',
    name: 'Tip',
    position: { lat: 52.1, lon: 5.15 },
    fractions: ['residual'],
    tippingTimeS: 600,
  });
  await registry.vehicles.putAll(TENANT, options.vehicles ?? [VEHICLE]);
  await registry.crews.put(TENANT, { id: 'crew-1', name: 'Crew 1' });
  await registry.calendars.put(TENANT, Calendar.parse({ id: 'calendar' }));
  await registry.assets.putAll(
    TENANT,
    fills.map((_, index) => asset(index)),
  );
  for (const [index, fill] of fills.entries()) {
    await readings.append({
      tenant: TENANT,
      readings: history(`bin-${index}`, fill, { ratePerHour: 0.01, nowMs: clock.nowMs() }),
    });
  }
  const config = RoutingConfig.parse({ SOLVE_S: 0.3, ...options.config });
  const service = createRouting(config, {
    registry,
    readings,
    bus,
    travel,
    http,
    clock,
    log,
    metrics: openMetrics(),
    health: createHealth(),
    authenticate,
  });
  await service.start();
  const address = await http.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await service.stop();
    await http.close();
    for (const store of [bus, travel, readings, registry]) await store.close();
  });
  return { registry, readings, bus, http, clock, service, address, tenant: TENANT };
}

/** A tablet that collects what it is sent. */
export async function openTablet(address: string, token: string, since?: { epoch: string; offset: number }) {
  const socket = new WebSocket(`${address.replace('http', 'ws')}/v1/crew`);
  const messages: CrewServerMessage[] = [];
  let closeCode: number | undefined;
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as CrewServerMessage));
  socket.on('close', (code) => (closeCode = code));
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  onTestFinished(() => socket.terminate());
  const send = (message: object): void => socket.send(JSON.stringify(message));
  send({ type: 'auth', token });
  send({ type: 'sub', topic: 'rounds', ...(since && { since }) });
  const of = <T extends CrewServerMessage['type']>(type: T) =>
    messages.filter((message) => message.type === type) as Extract<CrewServerMessage, { type: T }>[];
  return { socket, messages, send, of, closeCode: () => closeCode };
}
