import type { AssetInput, DeviceInput, Source } from '@ronde/contracts';
import { deviceInputOf, openNetworks, type LoadFleet, type SimCredentials } from '@ronde/firmware-sim';
import { callApi, callJson, type ApiFlags } from '../api-client.ts';
import type { SimFlags } from './sim.ts';
import { importPlaces } from './sim-import.ts';

const AT_ONCE = 16;

/** Gives every device and network server what it signs in with, and says what had to be shared. */
export async function credentialsOf(
  fleet: LoadFleet,
  flags: SimFlags,
): Promise<{ credentials: SimCredentials; notes: string[] }> {
  if (flags.out !== undefined) return { credentials: { integrations: {}, devices: {} }, notes: [] };
  const networks = openNetworks(flags.tenant);
  const own = fleet.devices.filter(({ link }) => networks[link].source === 'native').map(({ id }) => id);
  const alone = own.slice(0, flags.connections);
  const sources = new Set<Source>(fleet.devices.map(({ link }) => networks[link].source));
  const notes: string[] = [];
  if (alone.length === own.length) sources.delete('native');
  else
    notes.push(
      `${own.length} native devices: ${alone.length} have a connection of their own (--connections), ${own.length - alone.length} share one native integration`,
    );
  const integrations = [...sources].map((source) => ({ id: `sim-${source}`, source }));
  if (!flags.provision) {
    const secret = flags.secret ?? '';
    const credentials = {
      integrations: Object.fromEntries(integrations.map(({ id, source }) => [source, { id, secret }])),
      devices: Object.fromEntries(alone.map((id) => [id, secret])),
    };
    return { credentials, notes };
  }
  const assets = fleet.devices.flatMap((_, device) => fleet.assetOf(device) ?? []);
  const devices = fleet.devices.map(deviceInputOf);
  return { credentials: await provision(flags, { assets, devices, integrations, withSecret: alone }), notes };
}

/** Registers what is wanted on a running Ronde; what exists keeps what it is, and gets a new secret where one is needed. */
export async function provision(
  { api: url, token }: Pick<SimFlags, 'api' | 'token'>,
  wanted: {
    assets: AssetInput[];
    devices: DeviceInput[];
    integrations: { id: string; source: Source }[];
    /** Devices that sign in themselves. */
    withSecret: string[];
  },
): Promise<SimCredentials> {
  const api: ApiFlags = { url, ...(token !== undefined && { token }) };
  const secrets = await importPlaces(api, wanted);
  const made: SimCredentials = { integrations: {}, devices: {} };
  const queue = wanted.withSecret.values();
  const takeAll = async (): Promise<void> => {
    for (const id of queue) made.devices[id] = secrets[id] ?? (await secretOf(api, `/v1/devices/${id}/secret`));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, takeAll));
  for (const { id, source } of wanted.integrations)
    made.integrations[source] = { id, secret: await integrate(api, { id, source }) };
  return made;
}

/** An integration's secret cannot be renewed: one that is left from an earlier run is made anew. */
async function integrate(api: ApiFlags, integration: { id: string; source: Source }): Promise<string> {
  const path = `/v1/integrations/${integration.id}`;
  await callApi(api, path, { method: 'DELETE', expected: [404] });
  return secretOf(api, '/v1/integrations', integration);
}

async function secretOf(api: ApiFlags, path: string, body?: object): Promise<string> {
  const { secret } = await callJson<{ secret: string }>(api, path, {
    method: 'POST',
    ...(body && { body: Buffer.from(JSON.stringify(body)), headers: { 'content-type': 'application/json' } }),
  });
  return secret;
}
