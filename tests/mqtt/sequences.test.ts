import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openOpenBroker } from '@ronde/broker';
import { openMetrics, silentLog } from '@ronde/kit';
import { readSequences, runSequences } from './sequences.ts';

const openBroker = async (): Promise<number> => {
  const broker = await openOpenBroker({ port: 0, log: silentLog(), metrics: openMetrics() });
  onTestFinished(() => broker.close());
  return broker.port;
};
const send = (payload: string) => ({ type: 'send', payload });
const recv = (payload: string) => ({ type: 'recv', payload, comment: 'answer' });

test('the runner of packet sequences tells what a broker does right and what it does not', async () => {
  const groups = [
    {
      group: 'own',
      tests: [
        { name: 'QoS 1', expect_disconnect: false, msgs: [send('32 06 0001 61 0007 78'), recv('40 02 0007')] },
        { name: 'QoS 2', expect_disconnect: false, msgs: [send('34 06 0001 61 0007 78'), recv('50 02 0007')] },
        { name: 'QoS 3', msgs: [send('36 06 0001 61 0007 78')] },
        {
          name: 'level 6',
          connect: false,
          msgs: [send('10 0D 0004 4D515454 06 02 003C 0001 61'), recv('20 02 00 01')],
        },
        { name: 'wrong hope', expect_disconnect: false, msgs: [send('C0 00'), recv('D0 01')] },
        { name: 'stays open', msgs: [send('C0 00'), recv('D0 00'), send('C0 00')] },
        { name: 'MQTT 5', ver: 5, msgs: [] },
      ],
    },
    { group: 'off', disable: true, tests: [{ name: 'one', msgs: [] }] },
    {
      group: 'heard',
      expect_disconnect: false,
      tests: [
        {
          name: 'and acknowledged with the wrong packet',
          expect_disconnect: true,
          msgs: [
            send("82 r6 m1 s1 'p' 01"),
            recv('90 r3 m1 01'),
            { type: 'external_publish', topic: 'p', payload: 'message', qos: 1 },
            recv("32 r12 s1 'p' m1 'message'"),
            send('50 r2 m1'),
          ],
        },
        {
          name: 'by a subscriber',
          msgs: [
            send('82 06 0001 0001 70 01'),
            recv('90 03 0001 01'),
            { type: 'publish', topic: 'p', payload: 'message', qos: 1 },
            recv('32 0C 0001 70 0001 6D657373616765'),
            send('40 02 0001'),
          ],
        },
      ],
    },
  ];
  const folder = mkdtempSync(join(tmpdir(), 'ronde-sequences-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'OWN.json'), JSON.stringify(groups));
  expect(await runSequences(await openBroker(), readSequences(folder))).toEqual({
    total: 8,
    passed: 6,
    failed: [
      { name: 'own wrong hope', why: 'answer: d000 instead of d001' },
      { name: 'own stays open', why: 'still connected, got d0' },
    ],
  });
});

const sources = process.env['MOSQUITTO_SOURCES'] ?? '';
const data = join(sources, 'test/broker/data');
const absent = sources === '' || !existsSync(data);
if (absent)
  process.stderr.write("skipped: Mosquitto's packet sequences, MOSQUITTO_SOURCES names no sources of Mosquitto\n");

test.skipIf(absent)(
  "at least 95 in 100 of Mosquitto's sequences for MQTT 3.1 and 3.1.1 pass",
  async () => {
    const outcome = await runSequences(await openBroker(), readSequences(data));
    expect(outcome.total).toBeGreaterThan(250);
    expect(outcome.passed / outcome.total, JSON.stringify(outcome.failed)).toBeGreaterThanOrEqual(300 / 314);
  },
  120_000,
);
