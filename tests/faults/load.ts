import { connectAsync, type MqttClient } from 'mqtt';
import type { Page, Reading } from '@ronde/contracts';
import type { RondeProcess } from './platform-process.ts';

/** Devices that publish, with their secrets. */
export type Fleet = { id: string; secret: string }[];

const PAGE = 1000;
const ADDED_AT_ONCE = 100;
const KEEPALIVE_S = 60;
const DAY_MS = 86_400_000;

/** Registers plain devices `bin-0` … through the API. */
export async function addFleet(ronde: RondeProcess, count: number): Promise<Fleet> {
  const add = async (index: number): Promise<Fleet[number]> => {
    const { id, secret } = await ronde.call<{ id: string; secret: string }>('POST', '/v1/devices', {
      id: `bin-${index}`,
      typeId: 'plain',
    });
    return { id, secret };
  };
  const fleet: Fleet = [];
  // a server takes so many connections at once
  while (fleet.length < count) {
    const from = fleet.length;
    const length = Math.min(ADDED_AT_ONCE, count - from);
    fleet.push(...(await Promise.all(Array.from({ length }, (_, index) => add(from + index)))));
  }
  return fleet;
}

/** Logs a device in, without reconnecting. */
export async function connectDevice(
  port: number,
  { id, secret }: Fleet[number],
  keepaliveS = KEEPALIVE_S,
): Promise<MqttClient> {
  const options = { clientId: id, username: id, password: secret, reconnectPeriod: 0, keepalive: keepaliveS };
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, options, false);
  client.on('error', () => undefined);
  return client;
}

/** Every message has a number of its own, which is its value: what became of it can be looked up in the store. */
export interface LoadOptions {
  fleet: Fleet;
  window: number;
  keepaliveS?: number;
  nextNumber(): number;
  onAck(number: number, deviceId: string): void;
}
/** A load that goes on until it is ended or the platform is gone. */
export interface Load {
  end(): void;
  /** Resolves when every connection has ended. */
  over: Promise<void>;
}

/** Publishes at QoS 1 with a window of messages under way on each connection. */
export async function startLoad(ronde: RondeProcess, options: LoadOptions): Promise<Load> {
  const clients = await Promise.all(
    options.fleet.map((device) => connectDevice(ronde.mqttPort, device, options.keepaliveS)),
  );
  let going = true;
  const drive = async (client: MqttClient, id: string): Promise<void> => {
    const lane = async (): Promise<void> => {
      while (going && client.connected) {
        const number = options.nextNumber();
        // a counter on every second message: with and without the help of the duplicate check
        const message = number % 2 === 0 ? { count: number } : { seq: number, count: number };
        const acked = await client.publishAsync(`v1/default/${id}/up`, JSON.stringify(message), { qos: 1 }).then(
          () => true,
          () => false,
        );
        if (!acked) return;
        options.onAck(number, id);
      }
    };
    const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
    await Promise.race([Promise.all(Array.from({ length: options.window }, lane)), gone]);
    client.end(true);
  };
  const over = Promise.all(clients.map((client, index) => drive(client, options.fleet[index]!.id))).then(
    () => undefined,
  );
  return { end: () => void (going = false), over };
}

/** Reads a device's whole series through the API. */
export async function readingsOf(ronde: RondeProcess, deviceId: string, quantity: string): Promise<Reading[]> {
  const items: Reading[] = [];
  // messages without a time of their own that come faster than one a millisecond are placed ahead of now, and clocks may be ahead
  const [from, to] = [-3, 3].map((days) => encodeURIComponent(new Date(Date.now() + days * DAY_MS).toISOString()));
  let cursor = '';
  for (;;) {
    const path = `/v1/devices/${deviceId}/readings?quantity=${quantity}&from=${from}&to=${to}&limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = await ronde.call<Page<Reading>>('GET', path);
    items.push(...page.items);
    if (page.next === undefined) return items;
    cursor = page.next;
  }
}

/** The verdict of the common oracle. */
export interface Verdict {
  stored: number;
  /** Acknowledged and not in the store. */
  lost: number[];
  /** In the store more than once. */
  doubled: number[];
}

/** Waits until ingest has handled everything, then holds what was acknowledged against the store. */
export async function judge(ronde: RondeProcess, fleet: Fleet, acked: readonly number[]): Promise<Verdict> {
  await caughtUp(ronde);
  const copies = new Map<number, number>();
  for (const { id } of fleet) {
    for (const { value } of await readingsOf(ronde, id, 'count')) copies.set(value!, (copies.get(value!) ?? 0) + 1);
  }
  const doubled = [...copies].filter(([, count]) => count > 1).map(([number]) => number);
  return { stored: copies.size, lost: acked.filter((number) => !copies.has(number)), doubled };
}

const CATCH_UP_MS = 60_000;

/** Waits until the inbox holds nothing that was not handled. */
export async function caughtUp(ronde: RondeProcess): Promise<void> {
  const endMs = performance.now() + CATCH_UP_MS;
  while ((await ronde.metric('ronde_ingest_lag_frames')) > 0) {
    if (performance.now() > endMs) throw new Error('ingest did not catch up within a minute');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
