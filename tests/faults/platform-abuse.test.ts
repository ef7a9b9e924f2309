import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { follow, planRound } from './city.ts';
import { addFleet, connectDevice, judge, startLoad } from './load.ts';
import { ronde } from './scene.ts';

const MIB = 1024 ** 2;
const CLOSE_SLOW = 1013;

/** Writes a frame of 200 MB that nobody logged in for, until the other side closes; gives what it could hand over. */
async function pour(port: number, first: number): Promise<{ pouredMb: number; tookMs: number }> {
  const startMs = performance.now();
  const socket = connect(port, '127.0.0.1');
  const chunk = Buffer.alloc(MIB, 0x61);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.write(Buffer.from([first, 0x80, 0xd0, 0xac, 0x5f]));
  let pouredMb = 0;
  while (pouredMb < 200 && !socket.destroyed) {
    const more = socket.write(chunk);
    pouredMb += 1;
    if (!more) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
  }
  await closed;
  return { pouredMb, tookMs: performance.now() - startMs };
}

test('four frames of 200 MB without login are closed at their header, and memory stays flat', async () => {
  const running = await ronde();
  const fleet = await addFleet(running, 1);
  const beforeMb = running.rssMb();
  const poured = await Promise.all([0x10, 0x10, 0x30, 0x82].map((first) => pour(running.mqttPort, first)));
  const grownMb = running.rssMb() - beforeMb;
  for (const { pouredMb } of poured) expect(pouredMb).toBeLessThan(50);
  expect(grownMb).toBeLessThan(50);
  const client = await connectDevice(running.mqttPort, fleet[0]!);
  await client.publishAsync('v1/default/bin-0/up', '{"count":1}', { qos: 1 });
  await client.endAsync();
  process.stderr.write(
    `4 × 200 MB: closed after ${Math.round(Math.max(...poured.map(({ tookMs }) => tookMs)))} ms, memory ${grownMb.toFixed(1)} MB up\n`,
  );
});

test('frozen dashboards hold up neither healthy ones nor acknowledgements, and memory stays bounded', async () => {
  const running = await ronde();
  const fleet = await addFleet(running, 5);
  const subs = ['assets', 'raw'].map((topic) => ({ type: 'sub', topic }));
  const healthy = await follow(running, '/v1/live', subs);
  const frozen = await Promise.all(Array.from({ length: 20 }, () => follow(running, '/v1/live', subs)));
  for (const dashboard of frozen) dashboard.freeze();
  let number = 0;
  const acked: number[] = [];
  const load = await startLoad(running, {
    fleet,
    window: 10,
    nextNumber: () => number++,
    onAck: (one) => void acked.push(one),
  });
  await vi.waitFor(() => expect(acked.length).toBeGreaterThan(2_000), 60_000);
  const beforeMb = running.rssMb();
  await vi.waitFor(() => expect(acked.length).toBeGreaterThan(20_000), { timeout: 90_000, interval: 100 });
  load.end();
  await load.over;
  const grownMb = running.rssMb() - beforeMb;
  expect(healthy.deltas()).toBeGreaterThan(4);
  expect(healthy.closeCode()).toBeUndefined();
  // 20 frozen ones, each at most 1 MiB, and what the heap takes under load
  expect(grownMb).toBeLessThan(150);
  expect(await judge(running, fleet, acked)).toMatchObject({ lost: [], doubled: [] });
  process.stderr.write(
    `20 frozen dashboards: ${acked.length} acknowledged meanwhile, ${healthy.deltas()} deltas to the healthy one, memory ${grownMb.toFixed(0)} MB up\n`,
  );
});

const REPORTS = 300;

test('frozen tablets hold up neither healthy ones nor reports of the crew, and are told the whole state when they read again', async () => {
  const running = await ronde(undefined, { SOLVE_S: '0.5' });
  const round = await planRound(running);
  const sub = [{ type: 'sub', topic: 'rounds' }];
  const healthy = await follow(running, '/v1/crew', sub);
  const frozen = await Promise.all(Array.from({ length: 10 }, () => follow(running, '/v1/crew', sub)));
  for (const tablet of frozen) tablet.freeze();
  const beforeMb = running.rssMb();
  const stops = round.stops.filter(({ kind }) => kind === 'asset');
  for (let index = 0; index < REPORTS; index++) {
    const stop = stops[index % stops.length]!;
    const kind = index < stops.length ? 'arrived' : 'skipped';
    const event = {
      id: crypto.randomUUID(),
      roundId: round.id,
      roundVersion: round.version,
      stopId: stop.id,
      kind,
      ...(kind === 'skipped' && { reason: 'not-full' }),
      deviceAt: new Date().toISOString(),
    };
    expect(await running.call('POST', '/v1/crew-events', event)).toMatchObject({ status: 'stored' });
  }
  await vi.waitFor(() => expect(healthy.deltas()).toBeGreaterThanOrEqual(REPORTS), 60_000);
  const grownMb = running.rssMb() - beforeMb;
  expect(grownMb).toBeLessThan(120);
  const tablet = frozen[0]!;
  for (const one of frozen) one.thaw();
  await vi.waitFor(
    () => expect(tablet.deltas() >= REPORTS || tablet.snaps() > 1 || tablet.closeCode() === CLOSE_SLOW).toBe(true),
    60_000,
  );
  expect(healthy.closeCode()).toBeUndefined();
  process.stderr.write(
    `10 frozen tablets: ${REPORTS} reports of ${stops.length} stops, ${healthy.deltas()} to the healthy one, memory ${grownMb.toFixed(0)} MB up; ` +
      `thawed: ${tablet.deltas()} changes, ${tablet.snaps()} snapshots, close ${tablet.closeCode() ?? '-'}\n`,
  );
});
