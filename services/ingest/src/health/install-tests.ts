import { RondeError, type InstallTest, type Reading, type UplinkHeard } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import { judgeInstallation } from '@ronde/device-health';
import { newId, type Cancel, type Clock, type Service } from '@ronde/kit';
import type { Registry } from '@ronde/registry';

export interface InstallTestParts {
  registry: Pick<Registry, 'devices' | 'installTests'>;
  bus: Bus;
  clock: Clock;
}

/** Tests at the place: each waits, lid shut, for some uplinks of its device and judges them. */
export interface InstallTests extends Service {
  /**
   * Begins a test; one that still waits for the same device ends as expired.
   * @throws RondeError RESOURCE_UNKNOWN when there is no such device
   */
  begin(tenant: string, deviceId: string, wanted: number): Promise<InstallTest>;
}

/** A fitter does not wait longer; the slowest sensors report every hour and can be woken by a magnet. */
const EXPIRES_MS = 3 * 3_600_000;
const LOOK_EVERY_MS = 60_000;

type Waiting = InstallTest & { payloadBytes: (number | null)[]; uplinkIds: string[] };

export function createInstallTests({ registry, bus, clock }: InstallTestParts): InstallTests {
  const waiting = new Map<string, Waiting>();
  const ends: Cancel[] = [];
  const keyOf = (tenant: string, deviceId: string): string => `${tenant} ${deviceId}`;
  const store = async (tenant: string, test: Waiting): Promise<void> => {
    const { payloadBytes: _bytes, uplinkIds: _ids, ...shown } = test;
    await registry.installTests.put(tenant, shown);
    if (shown.status !== 'waiting') waiting.delete(keyOf(tenant, shown.deviceId));
    await bus.publish('install-test.changed', { tenant, test: shown });
  };

  async function judge(tenant: string, test: Waiting): Promise<void> {
    const device = await registry.devices.get(tenant, test.deviceId);
    const uplinks = test.uplinks.map((uplink, i) => ({
      ...uplink,
      atMs: Date.parse(uplink.at),
      payloadBytes: test.payloadBytes[i] ?? null,
    }));
    const place = { wanted: test.wanted, emptyDistanceM: device?.mounting?.emptyDistanceM };
    Object.assign(test, judgeInstallation(uplinks, place));
    if (uplinks.length >= test.wanted) test.status = test.checks.every(({ ok }) => ok) ? 'passed' : 'failed';
    await store(tenant, test);
  }

  function hear(tenant: string, items: readonly UplinkHeard[]): void {
    for (const { deviceId, receivedAtMs, radio, payloadBytes, uplinkId, late } of items) {
      const test = waiting.get(keyOf(tenant, deviceId));
      if (!test || late || test.uplinks.length >= test.wanted) continue;
      test.uplinks.push({
        at: new Date(receivedAtMs).toISOString(),
        rssi: radio?.rssi ?? null,
        snr: radio?.snr ?? null,
        spreadingFactor: radio?.spreadingFactor ?? null,
        gateways: radio?.gateways ?? 0,
        fill: null,
        distanceM: null,
      });
      test.payloadBytes.push(payloadBytes);
      test.uplinkIds.push(uplinkId);
    }
  }

  async function read(tenant: string, readings: readonly Reading[]): Promise<void> {
    const touched = new Set<Waiting>();
    for (const { deviceId, uplinkId, quantity, value } of readings) {
      const test = waiting.get(keyOf(tenant, deviceId));
      const uplink = test?.uplinks[test.uplinkIds.indexOf(uplinkId)];
      if (!test || !uplink) continue;
      if (quantity === 'fill') uplink.fill = value;
      if (quantity === 'distance') uplink.distanceM = value;
      touched.add(test);
    }
    for (const test of touched) await judge(tenant, test);
  }

  async function expire(): Promise<void> {
    for (const [key, test] of waiting) {
      if (clock.nowMs() - Date.parse(test.startedAt) < EXPIRES_MS) continue;
      await store(key.slice(0, key.indexOf(' ')), { ...test, status: 'expired' });
    }
  }

  return {
    async begin(tenant, deviceId, wanted) {
      if (!(await registry.devices.get(tenant, deviceId)))
        throw new RondeError('RESOURCE_UNKNOWN', `there is no device "${deviceId}"`);
      const earlier = waiting.get(keyOf(tenant, deviceId));
      if (earlier) await store(tenant, { ...earlier, status: 'expired' });
      const test: Waiting = {
        id: newId('test', clock.nowMs()),
        deviceId,
        startedAt: clock.iso(),
        wanted,
        status: 'waiting',
        uplinks: [],
        worstRateMarginDb: null,
        checks: [],
        payloadBytes: [],
        uplinkIds: [],
      };
      waiting.set(keyOf(tenant, deviceId), test);
      await store(tenant, test);
      const { payloadBytes: _bytes, uplinkIds: _ids, ...shown } = test;
      return shown;
    },
    async start() {
      ends.push(
        bus.on('uplinks.heard', ({ tenant, items }) => hear(tenant, items)),
        bus.on('readings.accepted', ({ tenant, readings }) => read(tenant, readings)),
        clock.every(LOOK_EVERY_MS, () => void expire()),
      );
    },
    async stop() {
      for (const end of ends.splice(0)) end();
    },
  };
}
