import { connectAsync } from 'mqtt';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  DOUBLE_ORG,
  DOUBLE_TOKEN,
  startInfluxDouble,
} from '../../packages/readings/src/influx-double/server.fixture.ts';
import { openPlatform } from './platform.ts';

vi.setConfig({ testTimeout: 120_000 });

interface Ready {
  parts: Record<string, { ok: boolean; detail?: string }>;
}

test('a platform that starts while InfluxDB is down takes messages, says why it is not ready, and stores all once it is up', async () => {
  const double = await startInfluxDouble();
  onTestFinished(() => double.close());
  await double.down();
  const platform = await openPlatform({
    READINGS_URL: double.url,
    INFLUX_TOKEN: DOUBLE_TOKEN,
    INFLUX_ORG: DOUBLE_ORG,
    LOG_LEVEL: 'silent',
  });
  onTestFinished(() => platform.stop());
  const ready = async () => {
    const answer = await fetch(new URL('/health/ready', platform.url));
    return { code: answer.status, parts: ((await answer.json()) as Ready).parts };
  };

  const { secret } = await platform.call<{ secret: string }>('POST', '/v1/devices', { id: 'd-1', typeId: 'plain' });
  const client = await connectAsync(platform.mqttUrl, { clientId: 'd-1', username: 'd-1', password: secret });
  onTestFinished(() => client.endAsync(true));
  for (let i = 1; i <= 20; i++)
    await client.publishAsync('v1/default/d-1/up', JSON.stringify({ fill: i / 100 }), { qos: 1 });
  // while it starts it may be unready for other reasons first
  await vi.waitFor(
    async () => {
      const { code, parts } = await ready();
      expect(code).toBe(503);
      expect(parts['readings']).toMatchObject({ ok: false });
      expect(parts['readings']!.detail).toContain('ECONNREFUSED');
      expect(parts['readings']!.detail).toContain('check READINGS_URL');
    },
    { timeout: 20_000, interval: 200 },
  );

  await double.up();
  const stored = async () =>
    (
      await platform.readings.series({ tenant: 'default', deviceId: 'd-1', fromMs: 0, toMs: 8e15, limit: 100 })
    ).items.map(({ value }) => value);
  await vi.waitFor(
    async () => {
      expect(await stored()).toEqual(Array.from({ length: 20 }, (_, i) => (i + 1) / 100));
      expect((await ready()).code).toBe(200);
    },
    { timeout: 60_000, interval: 500 },
  );
});
