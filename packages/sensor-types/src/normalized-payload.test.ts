import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fromNormalized } from './normalized-payload.ts';
import { openSensorTypes } from './open-sensor-types.ts';
import { RECV_TIME } from './test-support.ts';

test('states become numbers, and of a log the newest of each quantity counts', () => {
  const log = [
    { time: '2024-05-01T10:00:00Z', air: { temperature: 10, co2: 500 } },
    { time: '2024-05-01T11:00:00Z', air: { temperature: 11 }, action: { contactState: 'open' } },
  ];
  expect(fromNormalized(log)).toEqual([
    { quantity: 'temperature', value: 11, unit: 'Cel' },
    { quantity: 'doorOpen', value: 1, unit: '1' },
    { quantity: 'co2', value: 500, unit: '[ppm]' },
  ]);
  expect(fromNormalized([{ water: { leak: false, temperature: { avg: 4 } }, wind: { speed: 'fast' } }])).toEqual([
    { quantity: 'windSpeed', value: 'fast', unit: 'm/s' },
    { quantity: 'waterLeak', value: 0, unit: '1' },
    { quantity: 'waterTemperature', value: 4, unit: 'Cel' },
  ]);
});

test('a public codec with normalizeUplink needs no mapping of its own', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-types-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const folder = join(dir, 'acme-air');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'sensor.yaml'),
    'id: acme-air\nversion: 1.0.0\nvendor: Acme\nmodel: Air\ndescription: Air quality\nmeasurements: catalogue\nsource: data sheet\nlicence: MIT\n',
  );
  writeFileSync(
    join(folder, 'codec.js'),
    `function decodeUplink(i) { return { data: { raw: i.bytes[0] } }; }
     function normalizeUplink(i) { return { data: { air: { temperature: i.data.raw, relativeHumidity: 45 } } }; }`,
  );
  const types = await openSensorTypes({ dirs: [dir] });
  onTestFinished(() => types.close());
  const result = await types.decode('acme-air', { bytes: Uint8Array.of(21), fPort: 1, recvTime: RECV_TIME });
  expect(result).toMatchObject({
    ok: true,
    data: { raw: 21 },
    values: [
      { quantity: 'temperature', value: 21, unit: 'Cel' },
      { quantity: 'humidity', value: 0.45, unit: '1' },
    ],
  });
});
