import { expect, test, vi } from 'vitest';
import { emptyDir, ronde } from './scene.ts';

const WAIT_MS = 60_000;

test('the heartbeat goes the whole way of a message, and is in no list of the city', async () => {
  const running = await ronde(emptyDir());
  await vi.waitFor(
    async () => expect(await running.metric('ronde_heartbeat_latency_seconds')).toBeGreaterThan(0),
    WAIT_MS,
  );
  expect(await running.metric('ronde_heartbeat_age_seconds')).toBeLessThan(60);
  expect(await running.call('GET', '/v1/devices')).toMatchObject({ items: [] });
  const ready = await running.call<{ parts: Record<string, object> }>('GET', '/health/ready');
  expect(ready.parts).toMatchObject({ heartbeat: { ok: true }, disk: { ok: expect.anything() } });
  process.stderr.write(
    `heartbeat: ${Math.round((await running.metric('ronde_heartbeat_latency_seconds')) * 1000)} ms from sending to its reading\n`,
  );
});
