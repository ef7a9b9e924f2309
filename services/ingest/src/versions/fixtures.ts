import type { SensorTypeFiles } from '@ronde/contracts';
import { LORA, NOW, thingsStackUplink, type World } from '../fixtures.ts';

const MANIFEST = `
id: acme-lid
version: VERSION
vendor: Acme
model: Lid
description: Distance in centimetres in one byte.
codec: codec.js
fPorts: [1]
expectedInterval: PT15M
measurements:
  distance: { from: cm, unit: cm }
settings:
  interval: { description: Time between messages., fPort: 1, data: { s: '{s}' }, parameters: { s: { min: 60, max: 3600, description: seconds } } }
source: made up for tests
licence: EUPL-1.2
`;
export const CODEC = `
function decodeUplink(input) {
  if (input.fPort !== 1) return { errors: ['unknown port'] };
  return { data: { cm: input.bytes[0] } };
}
function encodeDownlink(input) { return { fPort: 1, bytes: [1] }; }
`;
const EXAMPLES = `
- description: one metre
  input: { fPort: 1, hex: '64' }
  output: { data: { cm: 100 } }
`;

/** Files of a type of one byte; a version that does otherwise gives its own codec or mapping. */
export function lidFiles(
  version: string,
  changed: { codec?: string; from?: string; to?: string } = {},
): SensorTypeFiles {
  const sensorYaml = MANIFEST.replace('VERSION', version);
  return {
    sensorYaml: changed.from === undefined ? sensorYaml : sensorYaml.replace(changed.from, changed.to ?? ''),
    codecJs: changed.codec ?? CODEC,
    examplesYaml: EXAMPLES,
  };
}

export const euiOf = (n: number): string => `70b3d5e75e00${n.toString(16).padStart(4, '0')}`;

/** Registers lids that hang in bins two metres deep. */
export async function addLids(world: World, count: number, typeId = 'acme-lid'): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `lid-${n}`);
  for (const [n, id] of ids.entries()) {
    const mounting = { emptyDistanceM: 2, fullDistanceM: 0 };
    await world.addDevice(id, typeId, { externalIds: { devEui: euiOf(n) }, assetId: `bin-${n}`, mounting });
  }
  return ids;
}

/** Sends one uplink of one byte. */
export function sendLid(
  world: World,
  n: number,
  byte: number,
  more: { fCnt: number; fPort?: number; atMs?: number },
): Promise<number> {
  const { fCnt, fPort = 1, atMs } = more;
  const hex = byte.toString(16).padStart(2, '0');
  const receivedAtMs = atMs ?? world.clock.nowMs();
  const body = thingsStackUplink(euiOf(n), { hex, fPort, fCnt, atMs: receivedAtMs });
  return world.send(body, { ...LORA, receivedAtMs });
}

/** Calls the API of a world with a role's token. */
export function caller(world: World, role = 'engineer') {
  return async (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    payload?: object,
    headers: Record<string, string> = {},
  ) => {
    const answer = await world.http.inject({
      method,
      url,
      headers: { authorization: `Bearer ${role}`, ...headers },
      ...(payload && { payload }),
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: (answer.body === '' ? {} : answer.json()) as Record<string, unknown>,
    };
  };
}

export { NOW };
