import { expect, test } from 'vitest';
import { addFleet, caughtUp, connectDevice } from './load.ts';
import { ADMIN_TOKEN } from './platform-process.ts';
import { emptyDir, ronde } from './scene.ts';

test('a log at its most talkative holds no payload, no secret and no token, also of input that is refused', async () => {
  const running = await ronde(emptyDir(), { LOG_LEVEL: 'trace' });
  const [device] = await addFleet(running, 1);
  const client = await connectDevice(running.mqttPort, device!);
  const payloads = ['{"count":1,"note":"marker-read"}', 'marker-unreadable \u0001', '{"count":"marker-word"}'];
  for (const payload of payloads) await client.publishAsync('v1/default/bin-0/up', payload, { qos: 1 });
  await client.endAsync();
  await connectDevice(running.mqttPort, { id: 'bin-0', secret: 'marker-wrong-secret' }).catch(() => undefined);
  await fetch(`${running.url}/v1/uplinks/things-stack`, {
    method: 'POST',
    headers: { authorization: 'Bearer marker-token', 'content-type': 'application/json' },
    body: '{"marker-body":1}',
  });
  await caughtUp(running);
  const { stderr } = await running.stop();
  expect(stderr).toContain('run.platform.start');
  const hits = ['marker', device!.secret, ADMIN_TOKEN, Buffer.from('marker').toString('base64').slice(0, 6)].filter(
    (text) => stderr.includes(text),
  );
  expect(hits).toEqual([]);
});
