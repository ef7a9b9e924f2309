import { expect, test } from 'vitest';
import type { UnknownDevice } from '@ronde/contracts';
import { draftType } from './draft-type.ts';
import { openTrial } from './trial.ts';
import { typeFromFiles } from './type-from-files.ts';

const device: UnknownDevice = {
  id: 'things-stack-24e124136d456789',
  source: 'things-stack',
  name: '24e124136d456789',
  nameKind: 'devEui',
  firstSeenAt: '2026-01-05T06:00:00.000Z',
  lastSeenAt: '2026-01-05T06:40:00.000Z',
  uplinks: 3,
  rssi: -90,
  snr: 5,
  samples: [
    { at: '2026-01-05T06:40:00.000Z', fPort: 85, hex: 'ff80017f' },
    { at: '2026-01-05T06:21:00.000Z', fPort: 85, hex: '00' },
    { at: '2026-01-05T06:00:00.000Z', fPort: 7, hex: '8000' },
  ],
  suggestedTypeIds: [],
};

test('a draft is a whole sensor type whose examples, the real messages, hold from the start', async () => {
  const files = draftType(device);
  const { type, faults } = await typeFromFiles(files);
  expect(faults).toEqual([]);
  expect(type?.manifest).toMatchObject({ id: 'milesight-456789', vendor: 'Milesight', expectedInterval: 'PT21M' });
  expect(type?.manifest.fPorts).toEqual([7, 85]);
  const trial = await openTrial();
  const outcomes = await trial.examples(type!);
  await trial.close();
  expect(outcomes.map(({ ok, why }) => why ?? ok)).toEqual([true, true, true]);
});

test('the lines that the draft proposes measure something once they are put in', async () => {
  const files = draftType(device);
  const mapped = files.sensorYaml.replace(
    'measurements: {}',
    "measurements:\n  distance: { from: 'u16be[2]', unit: mm, invalid: [65535] }",
  );
  const { type, faults } = await typeFromFiles({ ...files, sensorYaml: mapped });
  expect(faults).toEqual([]);
  const trial = await openTrial();
  const input = { bytes: Uint8Array.of(0xff, 0x80, 0x01, 0x7f), fPort: 85, recvTime: '2026-01-05T06:40:00.000Z' };
  const [result] = await trial.decodeBatch([{ type, input }]);
  await trial.close();
  expect(result).toMatchObject({ ok: true, values: [{ quantity: 'distance', value: 0.383 }] });
});

test('a device that sends values by name needs no codec', async () => {
  const files = draftType({ ...device, name: 'Bin 1', samples: [{ ...device.samples[0]!, hex: '' }] });
  const { type, faults } = await typeFromFiles(files);
  expect([faults, type?.codec, type?.manifest.measurements, type?.manifest.id]).toEqual([
    [],
    null,
    'catalogue',
    'new-bin1',
  ]);
});
