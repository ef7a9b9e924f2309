import { writeSync } from 'node:fs';
import { connectAsync } from 'mqtt';
import { readAll, startPlatform } from '../../../services/run/src/index.ts';

/*
 * Run by crash-points.test.ts under strace: a whole platform on an empty directory takes a short scripted load. Each
 * acknowledgement is written to standard output by a system call of its own, so that the trace tells what was promised
 * at every moment. Argument: data directory.
 */
const DEVICES = 2;
const ROUNDS = 4;
const AT_ONCE = 3;

const dataDir = process.argv[2]!;
const env = { DATA_DIR: dataDir, DEMO: 'off', HTTP_PORT: '0', MQTT_PORT: '0', LOG_LEVEL: 'silent' };
const configs = readAll(env);
if (!configs.ok) throw new Error(JSON.stringify(configs.faults));
const platform = await startPlatform(configs.value, ['broker', 'ingest', 'routing', 'api']);
const say = (line: string): void => void writeSync(1, `${line}\n`);
say('started');

const token = platform.adminToken.token;
const clients = await Promise.all(
  Array.from({ length: DEVICES }, async (_, index) => {
    const id = `bin-${index}`;
    const response = await fetch(`${platform.url}/v1/devices`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id, typeId: 'plain' }),
    });
    const { secret } = (await response.json()) as { secret: string };
    if (response.ok) say(`device ${id}`);
    return connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, { clientId: id, username: id, password: secret });
  }),
);
let number = 0;
for (let round = 0; round < ROUNDS; round++) {
  // some at once, which share a commit; odd ones without a counter of their own
  await Promise.all(
    clients.flatMap((client, index) =>
      Array.from({ length: AT_ONCE }, async () => {
        const count = number++;
        const message = count % 2 === 0 ? { count } : { seq: count, count };
        await client.publishAsync(`v1/default/bin-${index}/up`, JSON.stringify(message), { qos: 1 });
        say(`acked bin-${index} ${count}`);
      }),
    ),
  );
}
await Promise.all(clients.map((client) => client.endAsync()));
// the end checkpoints every store: its writes are crash points too
await platform.stop();
say('stopped');
process.exit(0);
