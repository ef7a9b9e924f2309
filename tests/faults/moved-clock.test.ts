import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Reading } from '@ronde/contracts';
import { addFleet, caughtUp, judge, readingsOf, startLoad } from './load.ts';
import { emptyDir, ronde } from './scene.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;
const IN_WINDOW = 10;
const WAIT = { timeout: 60_000, interval: 50 };
const SHIM = new URL('./moved-clock.mjs', import.meta.url).href;

test('a host clock that is set back an hour while the platform runs makes no time go back; a day forward and back again loses and doubles nothing either', async () => {
  const offset = join(emptyDir(), 'offset');
  const set = (ms: number): void => writeFileSync(offset, String(ms));
  set(0);
  const env = { NODE_OPTIONS: `--import=${SHIM}`, CLOCK_OFFSET_FILE: offset };
  const running = await ronde(undefined, env);
  const fleet = await addFleet(running, 3);
  let number = 0;
  const acked: number[] = [];
  const onAck = (one: number): void => void acked.push(one);
  const load = await startLoad(running, { fleet, window: 3, nextNumber: () => number++, onAck });
  let beforeTheDay = 0;
  for (const ms of [0, -HOUR_MS, 0, DAY_MS, 0]) {
    if (ms === DAY_MS) beforeTheDay = number;
    set(ms);
    const least = acked.length + 300;
    await vi.waitFor(async () => {
      const response = await fetch(`${running.url}/health/ready`);
      expect(response.status).toBe(200);
      expect(acked.length).toBeGreaterThan(least);
    }, WAIT);
  }
  load.end();
  await load.over;
  await caughtUp(running);
  expect(await judge(running, fleet, acked)).toMatchObject({ lost: [], doubled: [] });
  for (const { id } of fleet) {
    const readings = await readingsOf(running, id, 'count');
    expect(readings.filter((reading) => reading.quality !== 'ok' || isElsewhere(reading))).toEqual([]);
    // messages of one device are received in the order of their numbers, but for those in its window
    const received = readings
      .toSorted((a, b) => a.value! - b.value!)
      .filter(({ value }) => value! < beforeTheDay)
      .map(({ receivedAt }) => Date.parse(receivedAt));
    expect(received.length).toBeGreaterThan(100);
    expect(received.filter((at, index) => index >= IN_WINDOW && at < received[index - IN_WINDOW]!)).toEqual([]);
  }
});

/** Whether a message without a time of its own has got one that is not that of its receipt. */
function isElsewhere({ at, receivedAt }: Reading): boolean {
  return Math.abs(Date.parse(at) - Date.parse(receivedAt)) > MINUTE_MS;
}
