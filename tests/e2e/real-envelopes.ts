import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedData } from '../shared-data.ts';

/** A real message of a network server, as its integration would publish it. */
export interface RealMessage {
  source: 'things-stack' | 'chirpstack';
  topic: string;
  body: Record<string, unknown>;
  /** EUI as our registry writes it. */
  devEui: string;
}

/** Reads every captured uplink of The Things Stack and ChirpStack; empty where the data set is absent. */
export function realMessages(): RealMessage[] {
  const folder = sharedData('sensors/envelopes');
  const pairs = sharedData('sensors/envelope-pairs.jsonl');
  if (!folder || !pairs) return [];
  const single = readdirSync(folder)
    .filter((name) => /^real-(chirpstack|thingsstack)/.test(name))
    .map((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { body: Record<string, unknown> }).body);
  const paired = readFileSync(pairs, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { integration: string; payload: Record<string, unknown> })
    .filter(({ integration }) => /^(ChirpStack|ThingsStack)/.test(integration))
    .map(({ payload }) => payload);
  return [...single, ...paired].map(toMessage);
}

function toMessage(body: Record<string, unknown>): RealMessage {
  const ids = body['end_device_ids'] as
    { dev_eui: string; device_id: string; application_ids: { application_id: string } } | undefined;
  if (ids) {
    const topic = `v3/${ids.application_ids.application_id}@ttn/devices/${ids.device_id}/up`;
    return { source: 'things-stack', topic, body, devEui: ids.dev_eui.toLowerCase() };
  }
  const info = body['deviceInfo'] as { devEui: string; applicationId: string } | undefined;
  const written = info?.devEui ?? String(body['devEUI']);
  // ChirpStack v3 writes the EUI in base64
  const devEui = /^[0-9a-f]{16}$/i.test(written)
    ? written.toLowerCase()
    : Buffer.from(written, 'base64').toString('hex');
  const application = info?.applicationId ?? String(body['applicationID'] ?? '1');
  return { source: 'chirpstack', topic: `application/${application}/device/${devEui}/event/up`, body, devEui };
}

/** A real payload of a fill sensor from the public device repository, by codec and example number. */
export function realPayload(
  codec: string,
): { fPort: number; bytes: Buffer; expected: Record<string, { value: number }> } | undefined {
  const file = sharedData('sensors/payload-examples.jsonl');
  if (!file) return undefined;
  const found = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(
      (line) =>
        JSON.parse(line) as {
          codec: string;
          routine: string;
          fPort: number;
          bytesHex: string;
          expected: { data: Record<string, { value: number }> };
        },
    )
    .find((example) => example.codec === codec && example.routine === 'decodeUplink');
  return found && { fPort: found.fPort, bytes: Buffer.from(found.bytesHex, 'hex'), expected: found.expected.data };
}
