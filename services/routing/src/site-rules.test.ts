import { expect, test } from 'vitest';
import { AssetInput, Calendar, type DisposalSite, type Round, type Stop, type Vehicle } from '@ronde/contracts';
import { asset, START_MS, VEHICLE } from './fixtures.ts';
import { FRACTIONS } from './loads.ts';
import { openPlannerFixture, planned, TIP } from './plan-fixture.ts';
import { dueMsOf } from './stop-rules.ts';

const TENANT = 'default';
const ms = (at: string): number => Date.parse(at);
const hourOf = (at: string): number => new Date(at).getUTCHours() + new Date(at).getUTCMinutes() / 60;

const tipsOf = ({ stops }: Round): Stop[] => stops.filter(({ kind }) => kind === 'disposal');
const ids = ({ stops }: Round): string[] => stops.flatMap(({ assetIds }) => assetIds);
/** Fills of two bins, nothing but a truck that holds both. */
const TWO = [0.95, 0.95];
const BIG: Vehicle = { ...VEHICLE, capacityKg: 4_000, overloadChance: 0 };

test('the queue at a tip by the hour is in the time of the tip, and so in every time after it', async () => {
  const sites: DisposalSite[] = [{ ...TIP, weighInTimeS: 120, queue: [{ from: '07:00', to: '15:00', waitS: 1_500 }] }];
  const fixture = await openPlannerFixture(TWO, { vehicles: [BIG], sites });
  const { problem, round } = await planned(fixture);
  expect(problem.sites![0]).toMatchObject({
    tippingS: 600,
    weighInS: 120,
    queue: [{ fromS: 0, waitS: 1_500 }, { waitS: 0 }],
  });
  const tip = tipsOf(round).at(-1)!;
  expect(tip.serviceS).toBe(2_100);
  expect(ms(round.endsAt) - ms(tip.eta)).toBeGreaterThan(2_100_000);
});

test('a vehicle that takes turns with fractions is cleaned out at the tip between them', async () => {
  const assets = [0, 1].map((index): AssetInput => ({
    ...asset(index),
    chambers: [{ id: '1', fraction: index === 0 ? 'paper' : 'residual', volumeL: 1_100 }],
  }));
  const sites: DisposalSite[] = [
    { ...TIP, id: 'paper', fractions: ['paper'], position: { lat: 52.09, lon: 5.14 } },
    TIP,
  ];
  const vehicles = [{ ...BIG, fractions: ['residual', 'paper'] as Vehicle['fractions'], cleanOutTimeS: 900 }];
  const { round } = await planned(await openPlannerFixture(TWO, { vehicles, assets, sites }));
  const [first, last] = [tipsOf(round)[0]!, tipsOf(round).at(-1)!];
  expect([first.serviceS, last.serviceS]).toEqual([1_500, 600]);
});

test('nothing is collected in quiet hours of its fraction, and what is promised already stays promised', async () => {
  const fixture = await openPlannerFixture(TWO, { vehicles: [BIG] });
  const quietHours = [{ from: '05:00', to: '10:00', fractions: ['residual' as const] }];
  await fixture.registry.calendars.put(TENANT, Calendar.parse({ id: 'c', quietHours }));
  const { round } = await planned(fixture);
  const first = round.stops.find(({ kind }) => kind === 'asset')!;
  // 10:00 in Amsterdam in January
  expect(hourOf(first.eta)).toBeGreaterThanOrEqual(9);
  await fixture.registry.calendars.put(
    TENANT,
    Calendar.parse({ id: 'c', quietHours: [{ ...quietHours[0]!, areaIds: ['elsewhere'] }] }),
  );
  expect(hourOf((await planned(fixture)).round.stops[0]!.eta)).toBeLessThan(9);
});

test('slower hours make the legs in them longer, and the ETAs with them', async () => {
  const fixture = await openPlannerFixture(TWO, { vehicles: [{ ...BIG, breakRules: [] }] });
  const free = (await planned(fixture)).round;
  await fixture.rounds.save([{ round: { ...free, status: 'cancelled' } }]);
  const travelPaces = [{ from: '06:00', to: '08:00', factor: 2 }];
  await fixture.registry.calendars.put(TENANT, Calendar.parse({ id: 'c', travelPaces }));
  const { problem, round } = await planned(fixture);
  expect(problem.profiles[0]!.byTime![0]).toMatchObject({ factor: 2 });
  expect(round.stops[0]!.legS).toBe(2 * free.stops[0]!.legS!);
  expect(ms(round.stops[0]!.eta) - ms(round.startsAt)).toBe(2 * free.stops[0]!.legS! * 1000);
});

test('a bin that is nearly empty is emptied when its waste has waited as long as it may, with that reason', async () => {
  const fixture = await openPlannerFixture([0.95, 0.1], { vehicles: [BIG] });
  await fixture.registry.calendars.put(TENANT, Calendar.parse({ id: 'c', maxDwellDays: { residual: 7 } }));
  expect(ids((await planned(fixture)).round)).toEqual(['bin-0']);
  const at = new Date(START_MS - 6.9 * 86_400_000).toISOString();
  const stop: Stop = {
    id: 's',
    seq: 1,
    kind: 'asset',
    assetIds: ['bin-1'],
    lat: 52,
    lon: 5,
    eta: at,
    endedAt: at,
    reason: 'r',
    status: 'done',
  };
  const past = { ...fixture.rounds.open()[0]!, id: 'past', stops: [stop] };
  await fixture.learnings.done(past, 's', [asset(1)]);
  const { problem, round } = await planned(fixture);
  const due = round.stops.find(({ assetIds }) => assetIds.includes('bin-1'))!;
  expect(due.why?.code).toBe('dwell');
  expect(problem.stops.filter(({ serveByS }) => serveByS !== undefined)).toHaveLength(1);
  expect(ms(due.eta)).toBeLessThanOrEqual(ms(at) + 7 * 86_400_000);
});

test('an asset has its own limit, the strictest of its fractions counts, and nothing counts from nothing', () => {
  const limits = { residual: 7, organic: 2 } as const;
  expect(dueMsOf({ fractions: ['residual', 'organic'] }, limits, 0)).toBe(2 * 86_400_000);
  expect(dueMsOf({ fractions: ['organic'], maxDwellDays: 10 }, limits, 0)).toBe(10 * 86_400_000);
  expect(dueMsOf({ fractions: ['glass'] }, limits, 0)).toBeUndefined();
  expect(dueMsOf({ fractions: ['organic'] }, limits, undefined)).toBeUndefined();
});

test('an asset of two fractions is emptied in one visit where every vehicle keeps them apart, each in its compartment', async () => {
  const chambers = [
    { id: '1', fraction: 'glass' as const, volumeL: 800 },
    { id: '2', fraction: 'residual' as const, volumeL: 1_000 },
  ];
  const assets = [0, 1].map((index): AssetInput => ({ ...asset(index), chambers }));
  const sites = [{ ...TIP, fractions: ['glass', 'residual'] as DisposalSite['fractions'] }];
  const split: Vehicle = {
    ...BIG,
    fractions: ['glass', 'residual'],
    compartments: [
      { fractions: ['glass'], capacityKg: 250 },
      { fractions: ['residual'], capacityKg: 900 },
    ],
  };
  const fixture = await openPlannerFixture(TWO, { vehicles: [split], assets, sites });
  const filled = { chamber: '2', fill: 0.9, chambers: chambers.map(({ id }) => ({ chamber: id, fill: 0.9 })) };
  const real = fixture.forecaster.outlook;
  fixture.forecaster.outlook = (id, byMs) => ({ ...real(id, byMs)!, ...filled });
  const { problem, round } = await planned(fixture);
  const stop = round.stops[0]!;
  expect(stop.parts!.map(({ fraction, loadKg }) => [fraction, loadKg])).toEqual([
    ['glass', 202],
    ['residual', 90],
  ]);
  // two loads of glass do not fit into its compartment: there is a tip between
  expect(round.stops.map(({ kind }) => kind)).toEqual(['asset', 'disposal', 'asset', 'disposal']);
  expect(problem.vehicles[0]!.compartments!.map(({ fractions }) => fractions)).toEqual([
    [FRACTIONS.indexOf('glass')],
    [FRACTIONS.indexOf('residual')],
  ]);
  // under way it starts with what is in each compartment
  const endedAt = fixture.clock.iso();
  const done = round.stops.map((one, index) =>
    index === 0 ? { ...one, status: 'done' as const, arrivedAt: endedAt, endedAt } : one,
  );
  await fixture.rounds.save([{ round: { ...round, status: 'active', stops: done } }]);
  const again = await planned(fixture);
  expect(again.problem.vehicles[0]!.initialParts).toEqual([
    { fraction: FRACTIONS.indexOf('glass'), load: [202, 720] },
    { fraction: FRACTIONS.indexOf('residual'), load: [90, 225] },
  ]);
});

test('skills, reach and weight choose the vehicle; a crane that states nothing is enough where nothing is asked', async () => {
  const assets = [
    AssetInput.parse({ ...asset(0), needs: ['hoist-licence'], craneReachM: 6 }),
    AssetInput.parse({ ...asset(1), liftWeightKg: 1_500 }),
  ];
  const vehicles: Vehicle[] = [
    { ...BIG, id: 'a', crewId: 'a', craneLiftKg: 1_000, craneReachM: 5 },
    { ...BIG, id: 'b', crewId: 'b', skills: ['hoist-licence'], craneReachM: 7, craneLiftKg: 1_600 },
  ];
  const fixture = await openPlannerFixture(TWO, { vehicles, assets });
  const { rounds } = await planned(fixture);
  expect(rounds.map(({ vehicleId }) => vehicleId)).toEqual(['b']);
  expect(ids(rounds[0]!).sort()).toEqual(['bin-0', 'bin-1']);
});

test('an electric vehicle keeps its reserve: it charges where it tips, or leaves out what its battery does not carry', async () => {
  const battery = { capacityKwh: 40, kwhPerKm: 1, reserveKwh: 8, kwhPerLift: 1 };
  const charge = { level: 0.55, at: new Date(START_MS).toISOString() };
  const fills = Array.from({ length: 12 }, () => 0.95);
  const truck: Vehicle = { ...BIG, capacityKg: 600, battery: { ...battery, charge } };
  const without = await openPlannerFixture(fills, { vehicles: [truck] });
  const short = await planned(without);
  expect(short.problem.vehicles[0]!.battery).toEqual({ capacityKwh: 40, kwhPerKm: 1, reserveKwh: 8, startKwh: 22 });
  expect(short.solution.unserved.length).toBeGreaterThan(0);
  const sites = [{ ...TIP, chargeKw: 60 }];
  const withCharger = await planned(await openPlannerFixture(fills, { vehicles: [truck], sites }));
  expect(withCharger.solution.unserved.length).toBeLessThan(short.solution.unserved.length);
  const charged = tipsOf(withCharger.round).filter(({ chargedKwh }) => (chargedKwh ?? 0) > 0);
  expect(charged.length).toBeGreaterThan(0);
  expect(charged[0]!.serviceS).toBeGreaterThan(TIP.tippingTimeS);
});

test('a depot charges empty vehicles between trips, and what a round used is off the battery mid-shift', async () => {
  const battery = { capacityKwh: 30, kwhPerKm: 1, kwhPerLift: 1 };
  const fills = Array.from({ length: 12 }, () => 0.95);
  const fixture = await openPlannerFixture(fills, { vehicles: [{ ...BIG, capacityKg: 600, battery }] });
  const depot = (await fixture.registry.depots.get(TENANT, 'yard'))!;
  await fixture.registry.depots.put(TENANT, { ...depot, chargeKw: 100 });
  const { problem, round } = await planned(fixture);
  expect(problem.sites!.map(({ fractions }) => fractions)).toEqual([[FRACTIONS.indexOf('residual')], []]);
  expect(problem.vehicles[0]!.battery!.startKwh).toBe(30);
  const endedAt = fixture.clock.iso();
  const done = round.stops.map((one, index) =>
    index < 2 ? { ...one, status: 'done' as const, arrivedAt: endedAt, endedAt } : one,
  );
  await fixture.rounds.save([{ round: { ...round, status: 'active', stops: done } }]);
  const used = done.slice(0, 2).reduce((sum, { legM = 0, assetIds }) => sum + legM / 1000 + assetIds.length, 0);
  expect((await planned(fixture)).problem.vehicles[0]!.battery!.startKwh).toBeCloseTo(30 - used, 6);
  await fixture.rounds.save([{ round: { ...fixture.rounds.open()[0]!, charge: { level: 0.8, at: endedAt } } }]);
  expect((await planned(fixture)).problem.vehicles[0]!.battery!.startKwh).toBeCloseTo(24, 6);
});

test('a battery is taken to hold what the promised stops lift: each container once, and nothing at a tip', async () => {
  const battery = { capacityKwh: 30, kwhPerKm: 0, kwhPerLift: 1, reserveKwh: 5 };
  const fills = Array.from({ length: 6 }, () => 0.95);
  const fixture = await openPlannerFixture(fills, { vehicles: [{ ...BIG, battery }] });
  const { round } = await planned(fixture);
  const [first, ...others] = round.stops.filter(({ kind }) => kind === 'asset');
  const tip = tipsOf(round)[0]!;
  const arrivedAt = fixture.clock.iso();
  const containers = ['bin-0', 'bin-1', 'bin-2', 'bin-3'];
  const at: Stop = { ...first!, status: 'arrived', arrivedAt, assetIds: containers };
  const next = others.find(({ assetIds }) => !containers.includes(assetIds[0]!))!;
  const charge = { level: 0, at: arrivedAt };
  await fixture.rounds.save([{ round: { ...round, status: 'active', charge, stops: [at, next, tip] } }]);
  expect((await planned(fixture)).problem.vehicles[0]!.battery!.startKwh).toBe(5 + 4 + 1);
});
