import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { openInbox } from '@ronde/inbox';

/*
 * Run by prune-points.test.ts under strace: an inbox takes frames, drops old ones and erases some, over and over. What is
 * promised, and what may go, is written to standard output by a system call of its own. Argument: data directory.
 */
const ROUNDS = 5;
const COMMITS = 6;
const AT_ONCE = 3;
const KEPT = 8;

const inbox = await openInbox({ dir: join(process.argv[2]!, 'inbox') });
const say = (line: string): void => void writeSync(1, `${line}\n`);
let number = 0;
for (let round = 0; round < ROUNDS; round++) {
  for (let commit = 0; commit < COMMITS; commit++) {
    const batch = Array.from({ length: AT_ONCE }, async () => {
      const text = `${++number} `.repeat(200);
      const seq = await inbox.append({
        tenant: 'default',
        source: 'native',
        topic: 'v1/default/bin-1/up',
        receivedAtMs: number,
        origin: { kind: 'device', id: 'bin-1' },
        payload: Buffer.from(text),
      });
      say(`acked ${seq}`);
    });
    await Promise.all(batch);
  }
  const erased = inbox.stats().head - 1;
  say(`erasing ${erased}`);
  await inbox.erase([erased]);
  say(`gone ${erased}`);
  const keepFromSeq = inbox.stats().head - KEPT;
  say(`may-go ${keepFromSeq}`);
  await inbox.prune({ beforeMs: Infinity, maxBytes: 0, keepFromSeq });
}
await inbox.close();
say('stopped');
process.exit(0);
