import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openInbox } from '@ronde/inbox';
import { createRng } from '@ronde/kit';
import { createDiskModel, type Files, type Stop } from './disk-model.ts';
import { areSame, layOut } from './lay-out.ts';
import { canTrace, record } from './record.ts';
import type { DiskOp } from './trace.ts';

/* As crash-points.test.ts, for an inbox that drops old frames and erases some while it takes new ones. */
const isAll = process.env['FAULTS_ALL'] === '1';
const STRIDE = isAll ? 1 : 48;
const SEED = 5;
const STOPS: Stop[] = ['kill', 'power, all unsynced lost', 'power, some unsynced kept'];
/** Changes at syncs only, so that more boundaries are as cheap. */
const SYNCED_ONLY = STOPS[1]!;
const SYNCED_STRIDE = isAll ? 1 : 8;
const LONG_MS = 1_800_000;

let scratch: string;
let recording: { dataDir: string; ops: DiskOp[] };

/** What was said until a moment. */
function saidOf(lines: string[]) {
  const all = (word: string): number[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.split(' ')[1]));
  return { acked: all('acked'), erasing: all('erasing'), gone: all('gone'), keptFrom: Math.max(1, ...all('may-go')) };
}

interface Found {
  texts: Map<number, string>;
  corrupt: number;
  /** What the next frame gets. */
  nextSeq: number;
}

async function open(files: Files, dir: string): Promise<Found> {
  layOut(files, recording.dataDir, dir);
  const inbox = await openInbox({ dir: join(dir, 'inbox') });
  try {
    const texts = new Map<number, string>();
    for (let after = 0; ;) {
      const frames = await inbox.read(after, 50);
      if (frames.length === 0) break;
      for (const { seq, payload } of frames) texts.set(seq, Buffer.from(payload).toString());
      after = frames.at(-1)!.seq;
    }
    const { corrupt } = inbox.stats();
    const origin = { kind: 'device', id: 'bin-1' } as const;
    const facts = { tenant: 'default', source: 'native', topic: 'v1/default/bin-1/up', receivedAtMs: 0 } as const;
    return { texts, corrupt, nextSeq: await inbox.append({ ...facts, origin, payload: Buffer.from('next') }) };
  } finally {
    await inbox.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function faultsOf({ texts, corrupt, nextSeq }: Found, lines: string[]): string[] {
  const { acked, erasing, gone, keptFrom } = saidOf(lines);
  const mayLack = new Set(erasing);
  return [
    ...acked
      .filter((seq) => seq >= keptFrom && !mayLack.has(seq) && texts.get(seq) !== `${seq} `.repeat(200))
      .map((seq) => `frame ${seq} is lost or changed`),
    ...gone.filter((seq) => texts.has(seq)).map((seq) => `frame ${seq} was erased and is there`),
    ...(corrupt > 0 ? [`${corrupt} damaged`] : []),
    ...(nextSeq <= Math.max(0, ...acked) ? [`seq ${nextSeq} is given twice`] : []),
  ];
}

describe.skipIf(!canTrace())('an inbox that drops and erases (skipped without strace)', () => {
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'ronde-prune-'));
    recording = record(scratch, 'prune-load.ts');
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  test.each(STOPS)(
    'after a stop of the kind "%s" it keeps what it must, has erased what it told, and gives no number twice',
    { timeout: LONG_MS },
    async (stop) => {
      const model = createDiskModel();
      const rng = createRng(SEED);
      const lines: string[] = [];
      const bad: string[] = [];
      let states = 0;
      let known: { files: Files; found: Found | Error } | undefined;
      for (const [index, op] of recording.ops.entries()) {
        model.apply(op);
        if (op.kind === 'say') lines.push(op.line);
        if (index % (stop === SYNCED_ONLY ? SYNCED_STRIDE : STRIDE) !== 0) continue;
        const files = model.after(stop, rng);
        if (!known || !areSame(known.files, files)) {
          const found = await open(files, join(scratch, `point-${index}`)).catch((thrown: Error) => thrown);
          known = { files, found };
          states += 1;
        }
        const { found } = known;
        const faults = found instanceof Error ? [`does not start: ${found.message}`] : faultsOf(found, lines);
        if (faults.length > 0) bad.push(`${index} ${op.kind}: ${faults.join(', ')}`);
      }
      process.stderr.write(
        `pruning, ${stop}: ${states} states of ${recording.ops.length} boundaries, ${bad.length} bad\n`,
      );
      expect(lines.at(-1)).toBe('stopped');
      expect(bad).toEqual([]);
    },
  );
});
