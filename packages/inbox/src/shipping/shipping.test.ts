import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { frameOf, opened, scratchDir, textOf } from '../fixtures.ts';
import { openShipping, type Shipping, type ShippingEvent } from './open-shipping.ts';
import { beginNewLine, rebuildInbox } from './rebuild.ts';
import { startS3Double } from './s3-double.ts';

const KEYS = { accessKey: 'AKIATEST', secretKey: 'secret/of+the/test', region: 'eu-west-1' };
const NEVER_MS = 1_000_000;
type Opened = Awaited<ReturnType<typeof opened>>;

async function shippingOf(
  inbox: Opened,
  url: string,
  over: { periodMs?: number; events?: ShippingEvent[] } = {},
): Promise<Shipping> {
  const { periodMs = NEVER_MS, events = [] } = over;
  const onEvent = (event: ShippingEvent): void => void events.push(event);
  const shipping = await openShipping({ dir: inbox.dir, inbox, url, s3: KEYS, periodMs, onEvent });
  onTestFinished(() => shipping.close());
  return shipping;
}

async function appendAll(inbox: Opened, texts: string[]): Promise<void> {
  await Promise.all(texts.map((text) => inbox.append(frameOf(text))));
}

const numbers = (from: number, count: number): string[] => Array.from({ length: count }, (_, at) => `m${from + at}`);

async function textsOf(dir: string): Promise<(string | undefined)[]> {
  const inbox = await opened({ dir });
  const texts = (await inbox.read(0, 100_000)).map(textOf);
  await inbox.close();
  return texts;
}

async function place(kind: 'directory' | 'S3'): Promise<string> {
  return kind === 'S3' ? (await startS3Double(KEYS)).url : `file:${scratchDir()}`;
}

test.each(['directory', 'S3'] as const)(
  'an inbox whose disk is gone comes back from a %s with every frame shipped',
  async (kind) => {
    const url = await place(kind);
    const inbox = await opened();
    const shipping = await shippingOf(inbox, url);
    await appendAll(inbox, numbers(0, 300));
    await shipping.flush();
    await appendAll(inbox, numbers(300, 200));
    await shipping.flush();
    expect(shipping.status()).toMatchObject({ seq: 500, segments: 1, lagFrames: 0, behindMs: 0, skipped: 0 });
    await shipping.close();
    await inbox.close();
    rmSync(inbox.dir, { recursive: true });

    const rebuilt = await rebuildInbox({ dir: inbox.dir, url, s3: KEYS });
    expect(rebuilt).toMatchObject({ frames: 500, head: 500, damaged: [] });
    expect(await textsOf(inbox.dir)).toEqual(numbers(0, 500));

    // it is the same inbox: what comes next is shipped after what is there
    const again = await opened({ dir: inbox.dir });
    const onward = await shippingOf(again, url);
    await appendAll(again, ['next']);
    await onward.flush();
    expect(onward.status()).toMatchObject({ seq: 501, otherLines: [] });
  },
);

test('shipping goes on by itself within its period', async () => {
  const inbox = await opened();
  const shipping = await shippingOf(inbox, `file:${scratchDir()}`, { periodMs: 20 });
  await appendAll(inbox, ['one']);
  await vi.waitFor(() => expect(shipping.status().seq).toBe(1), 10_000);
});

test('a second place that is out of reach holds up no append, is told once, and gets all of it later', async () => {
  const double = await startS3Double(KEYS);
  const events: ShippingEvent[] = [];
  const inbox = await opened();
  const shipping = await shippingOf(inbox, double.url, { events });
  double.trouble = 503;
  for (let round = 0; round < 3; round++) {
    await appendAll(inbox, numbers(round * 10, 10));
    await expect(shipping.flush()).rejects.toThrow('S3 answers 503 SlowDown');
  }
  expect(shipping.status()).toMatchObject({ lagFrames: 30, fault: 'S3 answers 503 SlowDown' });
  double.trouble = undefined;
  await shipping.flush();
  expect(shipping.status()).toMatchObject({ lagFrames: 0, seq: 30, fault: undefined });
  expect(events.map(({ name }) => name)).toEqual(['inbox.ship.refuse', 'inbox.ship.recover']);
});

test('a wrong secret is refused by its signature, and the secret is in no message', async () => {
  const double = await startS3Double({ ...KEYS, secretKey: 'another' });
  const inbox = await opened();
  await appendAll(inbox, ['one']);
  const shipping = await shippingOf(inbox, double.url);
  await expect(shipping.flush()).rejects.toThrow('S3 answers 403 SignatureDoesNotMatch');
  expect(JSON.stringify(shipping.status())).not.toContain(KEYS.secretKey);
});

test('a shipper that was stopped goes on where the second place ends, with whole segments only', async () => {
  const folder = scratchDir();
  const inbox = await opened();
  const first = await shippingOf(inbox, `file:${folder}`);
  await appendAll(inbox, numbers(0, 50));
  await first.close();
  const [line] = readdirSync(folder);
  // a write that was cut off leaves a part, which is no segment
  writeFileSync(join(folder, line!, '0000000000000051.segment.part'), 'half');
  await appendAll(inbox, numbers(50, 50));
  const second = await shippingOf(inbox, `file:${folder}`);
  await second.flush();
  await second.close();
  await inbox.close();
  const dir = scratchDir();
  expect(await rebuildInbox({ dir, url: `file:${folder}` })).toMatchObject({ frames: 100, damaged: [] });
  expect(await textsOf(dir)).toEqual(numbers(0, 100));
});

test('a last segment with a flipped bit is written again', async () => {
  const folder = scratchDir();
  const inbox = await opened();
  const first = await shippingOf(inbox, `file:${folder}`);
  await appendAll(inbox, numbers(0, 50));
  await first.close();
  const file = join(folder, readdirSync(folder)[0]!, '0000000000000001.segment');
  const bytes = readFileSync(file);
  bytes[200]! ^= 1;
  writeFileSync(file, bytes);
  const dir = scratchDir();
  expect(await rebuildInbox({ dir, url: `file:${folder}` })).toMatchObject({
    frames: 0,
    damaged: ['0000000000000001.segment'],
  });
  const second = await shippingOf(inbox, `file:${folder}`);
  await second.flush();
  expect(await rebuildInbox({ dir: scratchDir(), url: `file:${folder}` })).toMatchObject({ frames: 50, damaged: [] });
});

test('segments go when the inbox no longer keeps their frames', async () => {
  const folder = scratchDir();
  const inbox = await opened();
  const shipping = await shippingOf(inbox, `file:${folder}`);
  const big = 'x'.repeat(700_000);
  for (let count = 0; count < 6; count++) {
    await inbox.append(frameOf(big));
    await shipping.flush();
  }
  expect(shipping.status().segments).toBe(3);
  await inbox.prune({ beforeMs: 0, maxBytes: 1_500_000, keepFromSeq: 100 });
  await shipping.flush();
  expect(readdirSync(join(folder, readdirSync(folder)[0]!))).toEqual(['0000000000000005.segment']);
});

test('a folder that is not there is told, and not made: a share that is not mounted', async () => {
  const inbox = await opened();
  const shipping = await shippingOf(inbox, `file:${join(scratchDir(), 'not-mounted')}`);
  await expect(shipping.flush()).rejects.toThrow('not-mounted');
});

test('an older copy of an inbox does not write over what was shipped; put back from a backup it is a line of its own', async () => {
  const folder = scratchDir();
  const dir = scratchDir();
  const inbox = await opened();
  const shipping = await shippingOf(inbox, `file:${folder}`);
  await appendAll(inbox, numbers(0, 10));
  await inbox.backup(join(dir, 'inbox.sqlite'));
  await appendAll(inbox, numbers(10, 10));
  await shipping.close();
  const copy = await opened({ dir });
  const refused = await shippingOf(copy, `file:${folder}`);
  await expect(refused.flush()).rejects.toThrow('newer frames of this inbox');
  await refused.close();
  await copy.close();
  beginNewLine(dir);
  const renewed = await opened({ dir });
  const accepted = await shippingOf(renewed, `file:${folder}`);
  await accepted.flush();
  expect(accepted.status()).toMatchObject({ seq: 10, otherLines: [expect.any(String)] });
  await expect(rebuildInbox({ dir: scratchDir(), url: `file:${folder}` })).rejects.toThrow('choose one with --line');
});

test('a backup of the inbox is continued by what was shipped since', async () => {
  const url = `file:${scratchDir()}`;
  const inbox = await opened();
  const dir = scratchDir();
  await appendAll(inbox, numbers(0, 10));
  await inbox.backup(join(dir, 'inbox.sqlite'));
  await appendAll(inbox, numbers(10, 10));
  const shipping = await shippingOf(inbox, url);
  await shipping.close();
  expect(await rebuildInbox({ dir, url })).toMatchObject({ frames: 10, head: 20 });
  expect(await textsOf(dir)).toEqual(numbers(0, 20));
});

test('erased frames are gone from the inbox and from what was shipped, their neighbours stay, and it can be repeated', async () => {
  const folder = scratchDir();
  const url = `file:${folder}`;
  const inbox = await opened();
  const shipping = await shippingOf(inbox, url);
  await appendAll(inbox, numbers(0, 5));
  await shipping.flush();
  await appendAll(inbox, numbers(5, 5));
  expect(await shipping.erase([2, 9])).toBe(1);
  expect(await inbox.erase([2, 9])).toBe(2);
  expect([await shipping.erase([2, 9]), await inbox.erase([2, 9])]).toEqual([0, 0]);
  await appendAll(inbox, ['next']);
  await shipping.flush();
  const left = [...numbers(0, 10).filter((text) => text !== 'm1' && text !== 'm8'), 'next'];
  expect((await inbox.read(0, 100)).map(textOf)).toEqual(left);
  expect(await inbox.get(2)).toBeUndefined();
  expect(inbox.stats()).toMatchObject({ corrupt: 0, head: 11 });
  await shipping.keepErasure('hash-1.json', '{"hash":"hash"}');
  await shipping.close();
  await inbox.close();
  const dir = scratchDir();
  expect(await rebuildInbox({ dir, url })).toMatchObject({ damaged: [], erasures: ['{"hash":"hash"}'] });
  expect(await textsOf(dir)).toEqual(left);
  for (const file of ['inbox.sqlite', 'inbox.sqlite-wal'])
    expect(readFileSync(join(inbox.dir, file), { flag: 'a+' }).includes('m8')).toBe(false);
});
