import { expect, test } from 'vitest';
import { DUTCH_WORKING_HOURS } from './constraints/breaks.ts';
import { explain } from './explain.ts';
import type { Reason } from './explain.ts';
import type { Problem, Stop, Vehicle } from './problem.ts';
import { solve } from './solve.ts';
import { afterIterations } from './stop.ts';
import { validate } from './validate.ts';

const truck: Vehicle = { startLocation: 0, endLocation: 0 };
const stop: Stop = { location: 1, serviceS: 300, load: [200] };

/** Depot, and one stop 600 s and 5 km away. */
function lonely(change: Partial<Problem>): Problem {
  const distanceM = Int32Array.of(0, 5_000, 5_000, 0);
  const durationS = Int32Array.of(0, 600, 600, 0);
  return { locations: 2, profiles: [{ distanceM, durationS }], stops: [stop], vehicles: [truck], ...change };
}

function reasonFor(change: Partial<Problem>): Reason {
  const problem = lonely(change);
  const { solution } = solve(problem, afterIterations(20), { seed: 1 });
  return explain(problem, solution)[0]!;
}

test('a break that leaves no time names the overtime that would serve the stop', () => {
  const breaks = { leastPartS: 900, owed: [{ overS: 1_200, breakS: 1_800 }] };
  expect(reasonFor({ vehicles: [{ ...truck, breaks, shift: [0, 3_000] }] })).toMatchObject({
    code: 'SHIFT_EXCEEDED',
    relaxation: { amount: 300, unit: 's' },
  });
});

test('a break that no overtime makes room for is named itself', () => {
  const breaks = { leastPartS: 900, driving: { longestS: 300, resetS: 2_700, firstS: 900, secondS: 1_800 } };
  const reason = reasonFor({ vehicles: [{ ...truck, breaks }] });
  expect(reason).toMatchObject({ code: 'BREAK_MISSING', relaxation: { vehicle: 0 } });
  expect(reason.text).toContain('without the breaks its crew is owed');
});

test('rush hour, hours of one vehicle and a queue name what is short', () => {
  const { profiles } = lonely({});
  const slow = [{ ...profiles[0]!, byTime: [{ fromS: 0, factor: 2 }] }];
  expect(reasonFor({ profiles: slow, vehicles: [{ ...truck, shift: [0, 2_000] }] })).toMatchObject({
    code: 'SHIFT_EXCEEDED',
    relaxation: { amount: 700 },
  });
  expect(reasonFor({ stops: [{ ...stop, hours: [{ vehicles: [0], windows: [[0, 480]] }] }] })).toMatchObject({
    code: 'WINDOW_MISSED',
    relaxation: { amount: 120 },
  });
  const sites = [{ location: 0, tippingS: 300, queue: [{ fromS: 0, waitS: 900 }] }];
  const base = { ...truck, startLocation: 0, endLocation: 1, mustEndEmpty: true };
  expect(reasonFor({ sites, vehicles: [{ ...base, shift: [0, 3_000] }] })).toMatchObject({
    code: 'SHIFT_EXCEEDED',
    relaxation: { amount: 300 },
  });
});

test('a random load, a battery, a crew that does not know the stop and a missing skill name theirs', () => {
  const risky = { ...stop, loadVariance: [100 ** 2] };
  const sure = { ...truck, capacity: [300], overloadChance: 0.01 };
  expect(reasonFor({ stops: [risky], vehicles: [sure] })).toMatchObject({ code: 'OVERLOAD_RISK' });
  const battery = { capacityKwh: 12, kwhPerKm: 1.5 };
  const flat = reasonFor({ vehicles: [{ ...truck, battery }] });
  expect(flat).toMatchObject({ code: 'BATTERY_EMPTY', relaxation: { amount: 3, unit: 'kWh' } });
  expect(flat.text).toContain('+3 kWh in vehicle 0');
  expect(reasonFor({ stops: [{ ...stop, familiarTo: [] }], vehicles: [{ ...truck, maxUnfamiliar: 0 }] })).toMatchObject(
    { code: 'TOO_UNFAMILIAR', relaxation: { amount: 1 } },
  );
  expect(reasonFor({ stops: [{ ...stop, atLeast: [9] }], vehicles: [{ ...truck, measures: [8] }] })).toMatchObject({
    code: 'VEHICLE_NOT_ALLOWED',
  });
});

test('a chamber that no compartment has room for names the compartment', () => {
  const parts = [
    { fraction: 0, load: [20] },
    { fraction: 1, load: [80] },
  ];
  const compartments = [{ fractions: [0] }, { fractions: [1], capacity: [50] }];
  const glass = { ...stop, load: undefined, parts };
  expect(reasonFor({ stops: [glass], vehicles: [{ ...truck, compartments }] })).toMatchObject({
    code: 'NO_COMPARTMENT',
    relaxation: { amount: 30 },
  });
  expect(reasonFor({ stops: [glass] })).toMatchObject({ code: 'VEHICLE_NOT_ALLOWED' });
});

test('quiet hours and the last moment of a stop count as its windows', () => {
  const quietHours = [{ spans: [[0, 1_000] as const] }];
  expect(reasonFor({ quietHours, vehicles: [{ ...truck, shift: [0, 1_500] }] })).toMatchObject({
    code: 'SHIFT_EXCEEDED',
    relaxation: { amount: 400 },
  });
  expect(reasonFor({ stops: [{ ...stop, prize: 1, serveByS: 500 }] })).toMatchObject({
    code: 'WINDOW_MISSED',
    served: false,
    relaxation: { amount: 100 },
  });
});

test('a stop served for the sake of its area says so', () => {
  const reason = reasonFor({ stops: [{ ...stop, prize: 10, area: 0 }], areas: [{ maxUnserved: 0 }] });
  expect(reason).toMatchObject({ served: true, code: 'AREA_DUE', addedCost: 10_000, prize: 10 });
});

const FAULTY: Record<string, [Partial<Problem>, RegExp]> = {
  'a period of travel without pace': [
    { profiles: [{ ...lonely({}).profiles[0]!, byTime: [{ fromS: 0 }] }] },
    /^profiles\[0\]\.byTime\[0\] needs a factor/,
  ],
  'periods out of order': [
    {
      profiles: [
        {
          ...lonely({}).profiles[0]!,
          byTime: [
            { fromS: 5, factor: 1 },
            { fromS: 5, factor: 2 },
          ],
        },
      ],
    },
    /byTime\[1\]\.fromS is not after the one before/,
  ],
  'break rules that owe less later': [
    {
      vehicles: [{ ...truck, breaks: { ...DUTCH_WORKING_HOURS, owed: [...DUTCH_WORKING_HOURS.owed!].reverse() } }],
    },
    /^vehicles\[0\]\.breaks\.owed\[1\] must owe more/,
  ],
  'a duty under way without rules': [
    { vehicles: [{ ...truck, soFar: { workedS: 60 } }] },
    /soFar means nothing without breaks/,
  ],
  'hours without windows': [
    { stops: [{ ...stop, hours: [{ vehicles: [0], windows: [] }] }] },
    /^stops\[0\]\.hours\[0\]\.windows is empty; leave the vehicle out/,
  ],
  'a weigh-in longer than tipping': [
    { sites: [{ location: 0, tippingS: 60, weighInS: 90 }] },
    /^sites\[0\]\.weighInS must be 0…60/,
  ],
  'a chance above one half': [
    { vehicles: [{ ...truck, overloadChance: 2 }] },
    /overloadChance must be above 0 and at most 0.5/,
  ],
  'a price list for other vehicles': [
    { stops: [{ ...stop, visitCosts: [1, 2] }] },
    /needs one number per vehicle \(1\), has 2/,
  ],
  'quiet hours that end before they begin': [
    { quietHours: [{ spans: [[9, 3]] }] },
    /^quietHours\[0\]\.spans\[0\] must begin/,
  ],
  'an earlier round of nobody': [
    { previous: { rounds: [{ vehicle: 4, stops: [7] }] } },
    /^previous\.rounds\[0\]\.vehicle there is no vehicle 4/,
  ],
  'a battery fuller than full': [
    { vehicles: [{ ...truck, battery: { capacityKwh: 10, kwhPerKm: 1, startKwh: 11 } }] },
    /battery\.startKwh must be 0…10/,
  ],
  'two compartments for one fraction': [
    { vehicles: [{ ...truck, compartments: [{ fractions: [1] }, { fractions: [1, 2] }] }] },
    /^vehicles\[0\]\.compartments name a fraction twice/,
  ],
  'two bounds for one area': [{ areas: [{ maxUnserved: 1, leastPrizeShare: 0.5 }] }, /^areas\[0\] has both bounds/],
  'an area that is not there': [{ stops: [{ ...stop, area: 2 }] }, /^stops\[0\]\.area there is no area 2/],
};

for (const [name, [change, fault]] of Object.entries(FAULTY)) {
  test(`${name} is refused with the field and the remedy`, () => {
    const faults = validate(lonely(change)).map(({ field, message }) => `${field} ${message}`);
    expect(faults[0]).toMatch(fault);
  });
}

test('a load on board at the start that no vehicle can have is told, part by part', () => {
  const vehicles = [
    {
      ...truck,
      initialParts: [
        { fraction: 0, load: [10] },
        { fraction: 40, load: [-1] },
      ],
    },
  ];
  const fields = validate(lonely({ vehicles })).map(({ field }) => field);
  expect(fields).toEqual(['vehicles[0].initialParts[1].fraction', 'vehicles[0].initialParts[1].load[0]']);
});
