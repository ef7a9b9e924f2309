import { expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { generateWaste, writeWaste } from '../generate/waste.ts';
import { CVRP, withSections } from './fixtures.ts';
import { parseInstance } from './parse-instance.ts';
import { parseSolution } from './solution-file.ts';

const DIALECT = withSections(
  CVRP.replace('DIMENSION', 'VEHICLES : 2\nVEHICLES_MAX_DURATION : 90\nSERVICE_TIME : 3\nDIMENSION'),
  ...['TIME_WINDOW_SECTION', '1 0 100', '2 10 20', '3 0 100', '4 0 100'],
  ...['RELEASE_TIME_SECTION', '1 0', '2 0', '3 5', '4 40', 'PRIZE_SECTION', '1 0', '2 7', '3 0', '4 2'],
  ...['VEHICLES_RELOAD_DEPOT_SECTION', '1 1', '2 1', 'VEHICLES_ALLOWED_CLIENTS_SECTION', '1 2 3 4', '2 3'],
  ...['VEHICLES_FIXED_COST_SECTION', '1 5', '2 6', 'VEHICLES_DEPOT_SECTION', '1 1', '2 1'],
);

const TEXTS: Readonly<Record<string, string>> = {
  cvrplib: CVRP,
  'its dialect': DIALECT,
  solomon:
    'R1\n\nVEHICLE\nNUMBER CAPACITY\n 2 10\n\nCUSTOMER\nCUST NO. X\n\n0 0 0 0 0 100 0\n1 1 1 5 0 50 2\n2 1 2 5 10 60 2\n',
  cordeau: '6 1 2 1\n0 10\n1 0 3 1 5 1 2 1 2 0 9\n2 4 0 1 5 1 2 1 2 5 9\n3 0 0 0 0 0 0 0 99\n',
  'the Ronde JSON': writeWaste(generateWaste({ seed: 1, stops: 4 })),
};

/** What spoils files: numbers of other kinds, cut lines, foreign letters, very long and very large things. */
const SPOILERS = [
  '-1',
  'NaN',
  '1e999',
  '',
  '\n',
  '\r',
  '\0',
  '\uFEFF',
  'é',
  ':',
  '{',
  '"',
  '0x10',
  '99999999999',
  ' '.repeat(99),
  'null',
];

test.each(Object.entries(TEXTS))(
  'no mangled file of %s makes a reader throw, or pass what cannot be solved',
  (_, text) => {
    const random = createRandom(13);
    let refused = 0;
    for (let round = 0; round < 600; round++) {
      let mangled = text;
      for (let hit = 0; hit <= random.int(3); hit++) {
        const [at, spoiler] = [random.int(mangled.length), SPOILERS[random.int(SPOILERS.length)]!];
        mangled = mangled.slice(0, at) + spoiler + mangled.slice(at + random.int(6));
      }
      const parsed = parseInstance(round % 5 === 0 ? mangled.slice(0, random.int(mangled.length)) : mangled);
      if (parsed.ok) {
        const numbers = parsed.instance.problem.profiles.flatMap((profile) => [
          ...profile.distanceM,
          ...profile.durationS,
        ]);
        expect(numbers.every((value) => value >= 0)).toBe(true);
        continue;
      }
      refused++;
      expect(parsed.faults.length).toBeGreaterThan(0);
      for (const { field, message } of parsed.faults) {
        expect(field).not.toBe('');
        expect(message.length).toBeGreaterThan(10);
      }
    }
    expect(refused).toBeGreaterThan(100);
  },
);

test('no mangled solution makes its reader throw', () => {
  const random = createRandom(5);
  for (let round = 0; round < 300; round++) {
    const text = 'Route #1: 3 1\nRoute #2: 2 0 4\nCost 12.5\n';
    const at = random.int(text.length);
    expect(
      typeof parseSolution(text.slice(0, at) + SPOILERS[random.int(SPOILERS.length)]! + text.slice(at + 2)).ok,
    ).toBe('boolean');
  }
});
