import { connectAsync } from 'mqtt';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openPlatform } from './platform.ts';

vi.setConfig({ testTimeout: 60_000 });

test('/metrics tells lag, queue depths, commit times, dead letters by reason, and how each part is', async () => {
  const platform = await openPlatform();
  onTestFinished(() => platform.stop());
  const { secret } = await platform.call<{ secret: string }>('POST', '/v1/devices', { id: 'd-1', typeId: 'plain' });
  const client = await connectAsync(platform.mqttUrl, { clientId: 'd-1', username: 'd-1', password: secret });
  onTestFinished(() => client.endAsync(true));
  const topic = 'v1/default/d-1/up';
  for (const payload of ['{"fill":0.5}', '{"fill":0.6}', 'no json', 'nor this'])
    await client.publishAsync(topic, payload, { qos: 1 });
  const lines = async (): Promise<Map<string, number>> => {
    const text = await (await fetch(new URL('/metrics', platform.url))).text();
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
  };
  await vi.waitFor(async () => expect((await lines()).get('ronde_ingest_frames_total')).toBe(4), { timeout: 20_000 });
  const seen = await lines();
  const letters = [...seen].filter(([name]) => name.startsWith('ronde_ingest_dead_letters_total{code='));
  expect(letters.map(([, count]) => count)).toEqual([2]);
  expect(seen.get('ronde_ingest_readings_total{quality="ok"}')).toBe(2);
  // what waits at each step
  for (const name of [
    'ronde_ingest_lag_frames',
    'ronde_inbox_waiting_frames',
    'ronde_mqtt_publishes_waiting',
    'ronde_live_waiting_bytes',
    'ronde_readings_waiting_batches',
  ])
    expect(seen.get(name), name).toBe(0);
  // how long commits take
  for (const name of ['ronde_inbox_commit', 'ronde_mqtt_commit', 'ronde_ingest_batch', 'ronde_readings_commit']) {
    expect(seen.get(`${name}_seconds_count`), name).toBeGreaterThan(0);
    expect(seen.get(`${name}_seconds_bucket{le="+Inf"}`), name).toBe(seen.get(`${name}_seconds_count`));
  }
  for (const part of ['registry', 'readings', 'inbox', 'ingest', 'broker'])
    expect(seen.get(`ronde_health{part="${part}"}`), part).toBe(1);
});
