import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openBus } from '@ronde/bus';
import type { Reading } from '@ronde/contracts';
import { createFakeClock, createHealth, openMetrics, silentLog } from '@ronde/kit';
import { openRegistry } from '@ronde/registry';
import { startHeartbeat } from './heartbeat.ts';

test('a heartbeat that becomes no reading is an alarm once it is old, not a reason to send no traffic', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-heartbeat-'));
  const log = silentLog();
  const registry = await openRegistry('sqlite:', { dataDir, log });
  const bus = await openBus('memory:', log);
  const clock = createFakeClock();
  const health = createHealth();
  const parts = { registry, bus, clock, log, health, metrics: openMetrics(), alarmMin: 5 };
  // nobody listens there: no beat comes through
  const heartbeat = await startHeartbeat({ ...parts, mqttUrl: 'mqtt://127.0.0.1:1' });
  onTestFinished(async () => {
    await heartbeat.stop();
    await bus.close();
    await registry.close();
    rmSync(dataDir, { recursive: true });
  });
  clock.advance(5 * 60_000);
  expect(health.report()).toEqual({ ready: true, status: 'ok', parts: { heartbeat: { ok: true } } });
  clock.advance(60_000);
  const { ready, parts: told } = health.report();
  expect(ready).toBe(true);
  expect(told['heartbeat']).toMatchObject({ degraded: true, detail: expect.stringContaining('for 6 min') });
  // somebody else's reading with the same number is no sign of life
  const reading = { deviceId: 'bin-1', value: 1 } as Reading;
  await bus.publish('readings.accepted', { tenant: 'default', readings: [reading] });
  await vi.waitFor(() => expect(heartbeat.ageMs()).toBe(6 * 60_000));
});
