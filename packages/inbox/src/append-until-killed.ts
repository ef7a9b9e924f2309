import { openInbox } from './open-inbox.ts';

/* Run by durability.test.ts: appends without end and prints each seq once it is promised. */
const inbox = await openInbox({ dir: process.argv[2]! });
const run = async (lane: number): Promise<void> => {
  for (let count = 0; ; count++) {
    const text = `${lane}-${count}`;
    const seq = await inbox.append({
      tenant: 'default',
      source: 'native',
      topic: 'v1/default/bin-1/up',
      receivedAtMs: count,
      origin: { kind: 'device', id: 'bin-1' },
      payload: Buffer.from(text),
    });
    process.stdout.write(`${seq} ${text}\n`);
  }
};
await Promise.all(Array.from({ length: 50 }, (_, lane) => run(lane)));
