import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openBus } from '@ronde/bus';
import type { Incident } from '@ronde/contracts';
import { createFakeClock, createHealth, silentLog, type HealthReport } from '@ronde/kit';
import { openRegistry } from '@ronde/registry';
import { startAlarms } from './alarms.ts';

test('a part that is unwell for two looks is one incident, and resolves when it is well for two', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-alarms-'));
  const log = silentLog();
  const registry = await openRegistry('sqlite:', { dataDir, log });
  const bus = await openBus('memory:', log);
  const health = createHealth();
  let report: HealthReport = { ok: true };
  health.add('shipping', () => report);
  const told: Incident[] = [];
  bus.on('incident.changed', ({ incident }) => void told.push(incident));
  const alarms = startAlarms({ health, registry, bus, clock: createFakeClock(), log, tenant: 'default', place: '' });
  onTestFinished(async () => {
    await alarms.stop();
    await bus.close();
    await registry.close();
    rmSync(dataDir, { recursive: true });
  });
  const lookTwice = async (): Promise<Incident[]> => {
    await alarms.look();
    await alarms.look();
    return registry.incidents.all('default');
  };
  expect(await lookTwice()).toEqual([]);
  report = { ok: true, degraded: true, detail: 'the second place is 90 s behind' };
  await alarms.look();
  expect(await registry.incidents.all('default')).toEqual([]);
  const opened = await lookTwice();
  expect(opened).toMatchObject([
    { kind: 'platform', part: 'shipping', status: 'open', text: 'shipping: the second place is 90 s behind' },
  ]);
  expect(await lookTwice()).toEqual(opened);
  report = { ok: true };
  expect(await lookTwice()).toMatchObject([{ status: 'resolved' }]);
  expect(told.map(({ status }) => status)).toEqual(['open', 'resolved']);
});
