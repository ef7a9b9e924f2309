import { randomUUID } from 'node:crypto';
import type { AssetInput, DeviceInput } from '@ronde/contracts';
import { EXIT, Exit } from '../exit.ts';

const AT_ONCE = 8;

/** Registers assets and devices on a running Ronde over REST; those that exist keep what they are, and get a new secret. */
export async function provision(
  api: { url: string; token: string },
  wanted: { assets: AssetInput[]; devices: DeviceInput[] },
): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  await forEach(wanted.assets, async (asset) => void (await post(api, '/v1/assets', asset)));
  await forEach(wanted.devices, async (device) => {
    const made = (await post(api, '/v1/devices', device)) ?? (await post(api, `/v1/devices/${device.id}/secret`));
    secrets[device.id] = String(made?.['secret']);
  });
  return secrets;
}

async function forEach<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}

/** Gives the answer, or undefined when the resource exists already. */
async function post(
  { url, token }: { url: string; token: string },
  path: string,
  body?: object,
): Promise<Record<string, unknown> | undefined> {
  const headers = {
    authorization: `Bearer ${token}`,
    'idempotency-key': randomUUID(),
    ...(body && { 'content-type': 'application/json' }),
  };
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers,
    ...(body && { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new Exit(
      EXIT.MISMATCH,
      `no Ronde answers at ${url}: ${(error as Error).message}; start it, or give --api, or --no-provision`,
    );
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (response.status === 409 && answer['code'] === 'RESOURCE_EXISTS') return undefined;
  if (!response.ok)
    throw new Exit(
      EXIT.MISMATCH,
      `${path}: ${String(answer['detail'])} (${String(answer['code'])}): ${String(answer['remedy'])}`,
    );
  return answer;
}
