import type { IntegrationRecord } from '@ronde/contracts';
import { vehiclesOnShift, type City, type SimCredentials } from '@ronde/firmware-sim';
import { hashSecret, newSecret } from '@ronde/registry';
import type { DemoDeps } from './demo.ts';
import { renewToken } from './secrets.ts';

const INTEGRATIONS = [
  ['things-stack', 'demo-tts'],
  ['chirpstack', 'demo-chirpstack'],
] as const;

/** Secrets live in memory only: each start makes new ones and keeps their hashes. */
export async function renewSecrets({ registry, tenant, clock }: DemoDeps, city: City): Promise<SimCredentials> {
  const credentials: SimCredentials = { integrations: {}, devices: {} };
  const native = new Set(city.devices.filter(({ link }) => link.startsWith('native')).map(({ id }) => id));
  const known = (await registry.devices.all(tenant)).filter(({ id }) => native.has(id));
  await registry.devices.putAll(
    tenant,
    known.map((device) => {
      const secret = newSecret();
      credentials.devices[device.id] = secret;
      return { ...device, secretHash: hashSecret(secret) };
    }),
  );
  for (const [source, id] of INTEGRATIONS) {
    const secret = newSecret();
    const record: IntegrationRecord = { id, source, createdAt: clock.iso(), secretHash: hashSecret(secret) };
    await registry.integrations.put(tenant, record);
    credentials.integrations[source] = { id, secret };
  }
  return credentials;
}

/** Gives each simulated tablet its token. */
export async function crewTokensOf({ registry, clock, tenant }: DemoDeps, city: City): Promise<Record<string, string>> {
  const tokens: Record<string, string> = {};
  for (const { id: crewId, name } of city.crews) {
    const made = await renewToken(registry, clock, {
      tenant,
      id: `demo-sim-${crewId}`,
      role: 'crew',
      crewId,
      label: `simulated tablet of ${name}`,
    });
    tokens[crewId] = made.token;
  }
  return tokens;
}

/** Gives people a way in: operations, console, and the tablet of a crew that is on shift. */
export async function linksOf(
  { registry, clock, tenant }: DemoDeps,
  city: City,
): Promise<{ label: string; path: string; token: string }[]> {
  const driving = vehiclesOnShift(city.vehicles, clock.nowMs())[0] ?? city.vehicles[0];
  const wanted = [
    { label: 'Operations', path: '/ops', id: 'demo-ops', role: 'operator' },
    { label: 'Crew', path: '/crew', id: 'demo-crew', role: 'crew', crewId: driving?.crewId },
    { label: 'Console', path: '/console', id: 'demo-console', role: 'engineer' },
  ] as const;
  const links: { label: string; path: string; token: string }[] = [];
  for (const { label, path, ...token } of wanted) {
    const made = await renewToken(registry, clock, { tenant, ...token, label: `demo link: ${label}` });
    links.push({ label, path, token: made.token });
  }
  return links;
}
