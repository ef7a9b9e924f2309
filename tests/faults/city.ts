import { expect, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Round } from '@ronde/contracts';
import { connectDevice } from './load.ts';
import { ADMIN_TOKEN, type RondeProcess } from './platform-process.ts';

const ASSETS = 80;

/** One connection to a channel that notes what comes, and can stop reading. */
export async function follow(
  running: Pick<RondeProcess, 'url'>,
  path: string,
  messages: object[],
  token = ADMIN_TOKEN,
) {
  const socket = new WebSocket(`${running.url.replace('http', 'ws')}${path}`, { perMessageDeflate: false });
  let deltas = 0;
  let closeCode: number | undefined;
  const kinds = new Map<string, number>();
  socket.on('message', (data: Buffer) => {
    const { type } = JSON.parse(String(data)) as { type: string };
    kinds.set(type, (kinds.get(type) ?? 0) + 1);
    deltas += type === 'delta' || type === 'round' ? 1 : 0;
  });
  socket.on('close', (code) => (closeCode = code));
  socket.on('error', () => undefined);
  onTestFinished(() => socket.terminate());
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  for (const message of [{ type: 'auth', token }, ...messages]) socket.send(JSON.stringify(message));
  await vi.waitFor(() => expect(kinds.get('snap')).toBeGreaterThan(0), 60_000);
  return {
    freeze: () => socket.pause(),
    thaw: () => socket.resume(),
    snaps: () => kinds.get('snap') ?? 0,
    deltas: () => deltas,
    closeCode: () => closeCode,
  };
}

/** A shift that began an hour or so ago and lasts half a day, whatever the hour: one that ends at midnight would be short in the evening. */
export function shiftNow(): { from: string; to: string } {
  const local = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Amsterdam', hour: 'numeric', hourCycle: 'h23' });
  const hour = Number(local.format(Date.now()));
  const [from, to] = [hour + 23, hour + 35].map((one) => `${String(one % 24).padStart(2, '0')}:00`);
  return { from: from!, to: to! };
}

/** A city of full bins and one lorry on a shift that lasts all day: gives the round that is planned for it. */
export async function planRound(running: RondeProcess): Promise<Round> {
  const put = (path: string, body: object): Promise<object> => running.call('POST', path, body);
  await put('/v1/depots', { id: 'yard', name: 'Yard', position: { lat: 52.07, lon: 5.09 } });
  await put('/v1/disposal-sites', {
    id: 'tip',
    name: 'Tip',
    position: { lat: 52.1, lon: 5.15 },
    fractions: ['residual'],
  });
  await put('/v1/crews', { id: 'crew-1', name: 'Crew 1' });
  for (let index = 0; index < ASSETS; index++) {
    const coordinates = [5.1 + (index % 10) * 0.004, 52.08 + Math.floor(index / 10) * 0.003];
    await put('/v1/assets', {
      id: `asset-${index}`,
      kind: 'litter-bin',
      name: `Bin ${index}`,
      geometry: { type: 'Point', coordinates },
      chambers: [{ id: '1', fraction: 'residual', volumeL: 100 }],
    });
    const { id, secret } = await running.call<{ id: string; secret: string }>('POST', '/v1/devices', {
      id: `dev-${index}`,
      typeId: 'plain',
      assetId: `asset-${index}`,
      chamber: '1',
    });
    const client = await connectDevice(running.mqttPort, { id, secret });
    await client.publishAsync(`v1/default/${id}/up`, '{"fill":0.97}', { qos: 1 });
    await client.endAsync();
  }
  await put('/v1/vehicles', {
    id: 'truck-1',
    name: 'Truck 1',
    depotId: 'yard',
    crewId: 'crew-1',
    fractions: ['residual'],
    liftTypes: ['hand'],
    capacityKg: 9_000,
    shifts: [shiftNow()],
  });
  const window = { from: new Date().toISOString(), to: new Date(Date.now() + 10 * 3_600_000).toISOString() };
  await put('/v1/plans', { ...window, vehicleIds: ['truck-1'] });
  return vi.waitFor(
    async () => {
      const { items } = await running.call<{ items: Round[] }>('GET', '/v1/rounds?limit=10');
      const round = items.find(({ stops }) => stops.length > 10);
      expect(round).toBeDefined();
      return round!;
    },
    { timeout: 120_000, interval: 250 },
  );
}
