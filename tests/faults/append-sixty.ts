import { openInbox } from '@ronde/inbox';

/* Run by sync-fault.test.ts under strace: appends sixty frames one by one, then prints what was promised and what is there. */
const dir = process.argv[2]!;
const events: string[] = [];
const promised: number[] = [];
let refused = 0;
const inbox = await openInbox({ dir, onEvent: ({ name }) => events.push(name) });
for (let index = 0; index < 60; index++) {
  const payload = Buffer.from(`${index}`);
  await inbox
    .append({
      tenant: 'default',
      source: 'native',
      topic: 'v1/default/bin-1/up',
      receivedAtMs: index,
      origin: { kind: 'device', id: 'bin-1' },
      payload,
    })
    .then(
      (seq) => promised.push(seq),
      () => (refused += 1),
    );
}
await inbox.close();
const again = await openInbox({ dir });
const stored = (await again.read(0, 1_000)).map(({ seq }) => seq);
await again.close();
process.stdout.write(JSON.stringify({ promised, refused, stored, events }));
