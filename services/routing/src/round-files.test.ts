import { expect, test } from 'vitest';
import type { Round } from '@ronde/contracts';
import { openFixture, openTablet, START_MS } from './fixtures.ts';
import { openPlannerFixture } from './plan-fixture.ts';
import { toGpx } from './round-files.ts';

const FILLS = [0.97, 0.93, 0.9, 0.88, 0.86];

async function publishedRound() {
  const fixture = await openFixture(FILLS);
  const { registry, tenant } = fixture;
  await expect.poll(async () => (await registry.rounds.all(tenant)).length, { timeout: 30_000 }).toBe(1);
  const [round] = (await registry.rounds.all(tenant)) as [Round];
  return { ...fixture, round };
}

test('a round leaves as GPX, as GeoJSON and as a page to print, in Dutch and English, for its own crew only', async () => {
  const { http, registry, tenant, round } = await publishedRound();
  const odd = { ...round, stops: round.stops.map((stop, i) => (i === 0 ? { ...stop, name: 'A & B <"C">' } : stop)) };
  const stopId = round.stops[0]!.id;
  const rest = { startsAt: '2026-01-05T09:00:00Z', endsAt: '2026-01-05T09:30:00Z', stopId, place: 'after' as const };
  await registry.rounds.put(tenant, { ...odd, breaks: [rest] });
  const get = (what: string, token = 'crew-token') =>
    http.inject({ url: `/v1/rounds/${round.id}/${what}`, headers: { authorization: `Bearer ${token}` } });
  const gpx = await get('gpx');
  expect(gpx.headers['content-type']).toMatch(/gpx\+xml/);
  expect(gpx.body.match(/<wpt lat="[\d.]+" lon="[\d.]+">/g)).toHaveLength(round.stops.length);
  expect(gpx.body).toContain('<name>1. A &amp; B &lt;&quot;C&quot;&gt;</name>');
  expect(gpx.body.match(/<trkseg>(<trkpt [^>]+\/>){2,}<\/trkseg>/g)).toHaveLength(round.stops.length + 1);
  const geojson = (await get('geojson')).json();
  const kinds = geojson.features.map(({ geometry }: { geometry: { type: string } }) => geometry.type);
  expect(kinds.filter((kind: string) => kind === 'Point')).toHaveLength(round.stops.length);
  expect(kinds.filter((kind: string) => kind === 'LineString')).toHaveLength(round.stops.length + 1);
  const page = (await get('print')).body;
  expect(page).toMatch(/<html lang="nl">/);
  expect(page).toContain('A &amp; B &lt;&quot;C&quot;&gt;');
  // paper of a Dutch crew has no English on it, and its table holds where the page's style is not allowed
  expect(page).toContain(
    `${new Intl.NumberFormat('nl', { maximumFractionDigits: 1 }).format(round.distanceM / 1000)} km`,
  );
  for (const { reason } of round.stops) expect(page).not.toContain(reason);
  expect(page).toMatch(/<td>\d+ ?%<\/td>/);
  expect(page).toMatch(/<table border="1" cellpadding="4"/);
  expect(page).toMatch(/C&quot;&gt;.*\n<tr><td><\/td><td>10:00<\/td><td>Pauze – 10:30<\/td>/);
  expect((await get('print?language=en')).body).toMatch(/<h1>Round: Truck 1/);
  expect((await get('gpx', 'other-crew-token')).statusCode).toBe(404);
  expect((await get('gpx', 'stranger-token')).statusCode).toBe(404);
});

test('GPX tells a stop to charge from one to tip, in both languages', async () => {
  const { round } = await publishedRound();
  const tip = round.stops.find(({ kind }) => kind === 'disposal')!;
  const charge = { ...tip, id: 'charge', why: { code: 'charge' as const } };
  const onMap = { round: { ...round, stops: [tip, charge] }, vehicleName: 'Truck', depot: undefined };
  const said = (language: 'nl' | 'en'): string[] =>
    [...toGpx({ ...onMap, positions: [], paths: [] }, language).matchAll(/<desc>(.*?)<\/desc>/g)].map(
      ([, text]) => text!,
    );
  expect(said('nl')).toEqual(['lading storten', 'accu laden']);
  expect(said('en')).toEqual(['tip the load', 'charge the battery']);
});

test('two tablets on one round see each other, and operations see which version each has shown', async () => {
  const { http, address, bus, round } = await publishedRound();
  const seen: number[] = [];
  bus.on('round.seen', ({ version }) => void seen.push(version));
  const [first, second] = [await openTablet(address, 'crew-token'), await openTablet(address, 'crew-token')];
  await expect.poll(() => second.of('snap').length).toBe(1);
  const [stop] = round.stops;
  first.send({
    type: 'event',
    id: '00000000-0000-7000-8000-0000000000a1',
    roundId: round.id,
    roundVersion: round.version,
    stopId: stop!.id,
    kind: 'emptied',
    deviceAt: new Date(START_MS + 60_000).toISOString(),
  });
  const stopAt = (tablet: typeof first) =>
    tablet
      .of('round')
      .at(-1)
      ?.round.stops.find(({ id }) => id === stop!.id)?.status;
  await expect.poll(() => [stopAt(first), stopAt(second)]).toEqual(['done', 'done']);
  second.send({
    type: 'event',
    id: '00000000-0000-7000-8000-0000000000a2',
    roundId: round.id,
    roundVersion: round.version,
    stopId: stop!.id,
    kind: 'skipped',
    reason: 'blocked',
    deviceAt: new Date(START_MS + 120_000).toISOString(),
  });
  await expect
    .poll(() => second.of('eventAck').at(-1))
    .toMatchObject({ status: 'stored', conflict: expect.stringMatching(/skipped \(blocked\)/) });
  const conflicts = () =>
    first
      .of('round')
      .at(-1)
      ?.round.stops.find(({ id }) => id === stop!.id)?.conflicts?.length;
  await expect.poll(conflicts).toBe(1);
  second.send({ type: 'ack', roundId: round.id, version: round.version });
  second.send({ type: 'ack', roundId: round.id, version: 99 });
  await expect.poll(() => seen).toEqual([round.version]);
  const views = await http.inject({
    url: `/v1/rounds/${round.id}/views`,
    headers: { authorization: 'Bearer operator-token' },
  });
  expect(views.json()).toMatchObject({ seenVersion: round.version, tablets: [{ version: round.version }] });
});

test('a stop inside a closed road is left out with that reason, and comes back when the road opens', async () => {
  const { plan, registry, tenant, rounds } = await openPlannerFixture(FILLS);
  const ring: [number, number][] = [
    [5.099, 52.079],
    [5.101, 52.079],
    [5.101, 52.081],
    [5.099, 52.081],
    [5.099, 52.079],
  ];
  await registry.roadClosures.put(tenant, {
    id: 'works',
    name: 'Works',
    geometry: { type: 'Polygon', coordinates: [ring] },
    from: new Date(START_MS - 3_600_000).toISOString(),
    to: new Date(START_MS + 24 * 3_600_000).toISOString(),
  });
  const shut = await plan();
  expect(shut.leftOut).toContainEqual({ assetId: 'bin-0', code: 'road-closed', reason: 'the road there is closed' });
  await registry.roadClosures.delete(tenant, 'works');
  await plan();
  expect(rounds.open()[0]!.stops.flatMap(({ assetIds }) => assetIds)).toContain('bin-0');
});
