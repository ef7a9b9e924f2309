import { randomUUID } from 'node:crypto';
import type { AssetInput, DeviceInput, Source } from '@ronde/contracts';
import { deviceInputOf, openNetworks, type LoadFleet, type SimCredentials } from '@ronde/firmware-sim';
import { EXIT, Exit } from '../exit.ts';
import { defaultToken } from '../api-client.ts';
import type { SimFlags } from './sim.ts';

const AT_ONCE = 16;
const TELL_EVERY = 5_000;

interface Api {
  url: string;
  token: string;
}

/** Gives every device and network server what it signs in with, and says what had to be shared. */
export async function credentialsOf(
  fleet: LoadFleet,
  flags: SimFlags,
): Promise<{ credentials: SimCredentials; notes: string[] }> {
  if (flags.out !== undefined) return { credentials: { integrations: {}, devices: {} }, notes: [] };
  const notes: string[] = [];
  const networks = openNetworks(flags.tenant);
  const own = fleet.devices.filter(({ link }) => networks[link].source === 'native');
  const sources = new Set<Source>(
    fleet.devices.map(({ link }) => networks[link].source).filter((source) => source !== 'native'),
  );
  const sharing = Math.max(0, own.length - flags.connections);
  if (sharing > 0) {
    sources.add('native');
    const alone = own.length - sharing;
    notes.push(
      `${own.length} native devices: ${alone} have a connection of their own (--connections), ${sharing} share one native integration`,
    );
  }
  const withConnection = new Set(own.slice(0, own.length - sharing).map(({ id }) => id));
  const integrations = [...sources].map((source) => ({ id: `sim-${source}`, source }));
  if (!flags.provision) {
    const secret = flags.secret ?? '';
    return {
      notes,
      credentials: {
        integrations: Object.fromEntries(integrations.map(({ id, source }) => [source, { id, secret }])),
        devices: Object.fromEntries([...withConnection].map((id) => [id, secret])),
      },
    };
  }
  const api = { url: flags.api, token: flags.token ?? defaultToken() };
  const assets = fleet.devices.flatMap((_, device) => fleet.assetOf(device) ?? []);
  const devices = fleet.devices.map(deviceInputOf);
  const made = await provision(api, { assets, devices, integrations });
  const secrets = Object.fromEntries(Object.entries(made.devices).filter(([id]) => withConnection.has(id)));
  return { notes, credentials: { integrations: made.integrations, devices: secrets } };
}

/** Registers what is wanted on a running Ronde over REST; what exists keeps what it is, and gets a new secret. */
export async function provision(
  api: Api,
  wanted: {
    assets: AssetInput[];
    devices: DeviceInput[];
    integrations?: { id: string; source: Source }[];
  },
): Promise<SimCredentials> {
  const made: SimCredentials = { integrations: {}, devices: {} };
  await forEach(wanted.assets, 'assets', async (asset) => void (await post(api, '/v1/assets', asset)));
  await forEach(wanted.devices, 'devices', async (device) => {
    const answer = (await post(api, '/v1/devices', device)) ?? (await post(api, `/v1/devices/${device.id}/secret`));
    made.devices[device.id] = String(answer?.['secret']);
  });
  for (const { id, source } of wanted.integrations ?? [])
    made.integrations[source] = { id, secret: await integrate(api, { id, source }) };
  return made;
}

/** An integration's secret cannot be renewed: one that is left from an earlier run is made anew. */
async function integrate(api: Api, integration: { id: string; source: Source }): Promise<string> {
  const first = await post(api, '/v1/integrations', integration);
  if (first) return String(first['secret']);
  await call(api, 'DELETE', `/v1/integrations/${integration.id}`);
  const second = await post(api, '/v1/integrations', integration);
  return String(second?.['secret']);
}

async function forEach<T>(items: T[], name: string, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  let done = 0;
  const takeAll = async (): Promise<void> => {
    for (const item of queue) {
      await work(item);
      done += 1;
      if (done % TELL_EVERY === 0) process.stderr.write(`registered ${done} ${name} of ${items.length}\n`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, takeAll));
}

/** Gives the answer, or undefined when the resource exists already. */
async function post(api: Api, path: string, body?: object): Promise<Record<string, unknown> | undefined> {
  const { status, answer } = await call(api, 'POST', path, body);
  if (status === 409 && answer['code'] === 'RESOURCE_EXISTS') return undefined;
  if (status < 200 || status > 299)
    throw new Exit(
      EXIT.MISMATCH,
      `${path}: ${String(answer['detail'])} (${String(answer['code'])}): ${String(answer['remedy'])}`,
    );
  return answer;
}

async function call(
  { url, token }: Api,
  method: 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<{ status: number; answer: Record<string, unknown> }> {
  const headers = {
    authorization: `Bearer ${token}`,
    'idempotency-key': randomUUID(),
    ...(body && { 'content-type': 'application/json' }),
  };
  const response = await fetch(new URL(path, url), {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new Exit(
      EXIT.MISMATCH,
      `no Ronde answers at ${url}: ${(error as Error).message}; start it, or give --api, or --no-provision`,
    );
  });
  const text = await response.text();
  return { status: response.status, answer: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}
