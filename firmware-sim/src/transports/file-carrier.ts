import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { once } from 'node:events';
import type { CityDevice } from '../city/model.ts';
import type { Posting } from '../devices/engine.ts';
import { createWindow, type Carrier } from './carrier.ts';

/**
 * Writes messages to a file instead, one JSON object a line: `{at, network, deviceId, to, body}`, or `base64` in place of
 * `body` where the message is binary. The same seed and start give the same bytes.
 */
export function openFileCarrier(file: string, devices: readonly CityDevice[]): Carrier {
  const stream = createWriteStream(file);
  const window = createWindow(Infinity);
  let [acked, isFull] = [0, false];
  let fault: Error | undefined;
  stream.on('error', (error) => (fault = error));
  return {
    send(posting) {
      isFull = !stream.write(`${JSON.stringify(lineOf(posting, devices))}\n`);
      acked += 1;
    },
    room() {
      if (fault) throw fault;
      if (!isFull) return undefined;
      isFull = false;
      return Promise.race([once(stream, 'drain'), once(stream, 'close')]).then(() => undefined);
    },
    drained: () => window.below(1),
    ready: async () => {
      if (stream.pending) await once(stream, 'open');
    },
    stats: () => ({ acked, failed: 0, waiting: 0, connections: 0, connected: 0 }),
    async close() {
      stream.end();
      await finished(stream);
    },
  };
}

function lineOf({ device, network, message, atMs }: Posting, devices: readonly CityDevice[]): object {
  const { to, body } = message;
  return {
    at: new Date(atMs).toISOString(),
    network: network.id,
    deviceId: devices[device]!.id,
    to,
    ...(typeof body === 'string' ? { body } : { base64: Buffer.from(body).toString('base64') }),
  };
}
